#!/usr/bin/env python3
"""Fuzz corpora between the repository (one JSON string a line) and a folder of files.

corpus.py unpack TARGET FOLDER    writes the repository's inputs into the folder
corpus.py pack TARGET FOLDER      writes the folder's inputs (UTF-8, at most 2,000 bytes, the 400 shortest) into the repository
"""

import hashlib
import json
import pathlib
import sys

MOST, LONGEST = 400, 2000


def main(verb, target, folder):
    kept = pathlib.Path(__file__).parent / "corpus" / f"{target}.jsonl"
    folder = pathlib.Path(folder)
    if verb == "unpack":
        folder.mkdir(parents=True, exist_ok=True)
        for line in kept.read_text(encoding="utf-8").splitlines():
            data = json.loads(line).encode()
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
        return
    inputs = set()
    for file in folder.iterdir():
        data = file.read_bytes()
        try:
            if 0 < len(data) <= LONGEST:
                inputs.add(data.decode())
        except UnicodeDecodeError:
            pass
    inputs = sorted(inputs, key=lambda text: (len(text), text))[:MOST]
    kept.write_text("".join(json.dumps(text) + "\n" for text in inputs), encoding="utf-8")
    print(f"{kept}: {len(inputs)} inputs")


main(*sys.argv[1:])
