#!/usr/bin/env python3
"""CQL2 JSON that guichet writes, against the standard's schema and a second reader of CQL2.

    cql2_schema.py --bin target/release/guichet --data DIR

DIR holds what the standard publishes (`cql2/` of the test data): `cql2.schema.json`, `examples/text`, `examples/json` and
`ats-expected-counts.csv`, the filters of its abstract test suite. Filters are converted by `guichet cql2`:

- each text: the JSON is valid, and is what PyPI's `cql2` makes of the same text; PyPI's JSON is read as the same filter;
- each example: its text and its JSON become the same JSON, which is the published one;
- what is written in either encoding is read again without a change.

Numbers are compared by value (PyPI's `cql2` makes a double of each). Exit status: 0 passed, 1 failed, 2 usage.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cql2
import jsonschema

SHOWN = 10  # failures printed

# Texts of which another JSON is right, with the reason.
EXPLAINED: dict[str, str] = {}


def same(a: object, b: object) -> bool:
    """Equality of JSON, with numbers by value; `true` is no number."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (a, b))
    return a == b and (numbers or type(a) is type(b))


class Converter:
    """`guichet cql2`, many filters at a time."""

    def __init__(self, binary: Path) -> None:
        self.binary = str(binary.resolve())

    def convert(self, filters: list[str], to: str) -> list[str]:
        """Each filter in that encoding; ends the check if one is refused."""
        lines = "".join(" ".join(f.split("\n")) + "\n" for f in filters)
        done = subprocess.run([self.binary, "cql2", "--to", to], input=lines, capture_output=True, text=True, timeout=60, check=False)
        written = done.stdout.splitlines()
        if done.returncode != 0 or len(written) != len(filters):
            raise SystemExit(f"cql2: of {len(filters)} filters {len(written)} were converted:\n{done.stderr[:3000]}")
        return written


class Check:
    def __init__(self) -> None:
        self.done = 0
        self.failures: list[str] = []

    def that(self, holds: bool, words: Callable[[], str]) -> None:
        self.done += 1
        if not holds:
            self.failures.append(words())


def read_examples(folder: Path) -> tuple[dict[str, str], dict[str, object]]:
    texts = {p.stem: p.read_text("utf-8").strip() for p in sorted((folder / "text").glob("*.txt"))}
    jsons = {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((folder / "json").glob("*.json"))}
    if not texts or not jsons:
        raise SystemExit(f"cql2: no examples in {folder}")
    return texts, jsons


def check_texts(check: Check, converter: Converter, texts: list[str], schema: dict) -> None:
    """Ours is valid and means what PyPI's means."""
    validator = jsonschema.Draft202012Validator(schema)
    ours = [json.loads(line) for line in converter.convert(texts, "json")]
    theirs = [cql2.parse_text(text).to_json() for text in texts]
    read = [json.loads(line) for line in converter.convert([json.dumps(t) for t in theirs], "json")]
    for text, mine, other, mine_of_other in zip(texts, ours, theirs, read, strict=True):
        check.that(validator.is_valid(mine), lambda t=text, m=mine: f"not valid: {t}\n  {json.dumps(m)}")
        if text not in EXPLAINED:
            check.that(same(mine, other), lambda t=text, m=mine, o=other: f"{t}\n  ours   {json.dumps(m)}\n  theirs {json.dumps(o)}")
        check.that(same(other, mine_of_other), lambda o=other, m=mine_of_other: f"read otherwise:\n  {json.dumps(o)}\n  {json.dumps(m)}")


def check_examples(check: Check, converter: Converter, texts: dict[str, str], jsons: dict[str, object]) -> None:
    """Text and JSON of one example are one filter; `exampleNN-alt01` is another text of `exampleNN`."""
    of_text = dict(zip(texts, converter.convert(list(texts.values()), "json"), strict=True))
    of_json = dict(zip(jsons, converter.convert([json.dumps(j) for j in jsons.values()], "json"), strict=True))
    for name, written in of_json.items():
        check.that(same(json.loads(written), jsons[name]), lambda n=name, w=written: f"{n}.json becomes\n  {w}")
    for name, written in of_text.items():
        base = name.partition("-")[0]
        check.that(written == of_json[base], lambda n=name, b=base, w=written: f"{n}.txt and {b}.json:\n  {w}\n  {of_json[b]}")
    check.that(set(of_json) == {n.partition("-")[0] for n in of_text}, lambda: "some examples have no text")


def check_laws(check: Check, converter: Converter, texts: list[str]) -> None:
    """What is written is read as the same."""
    written = converter.convert(texts, "json")
    as_text = converter.convert(written, "text")
    for name, again in (("text of JSON", converter.convert(as_text, "json")), ("JSON of JSON", converter.convert(written, "json"))):
        for text, first, second in zip(texts, written, again, strict=True):
            check.that(first == second, lambda n=name, t=text, a=first, b=second: f"{n}: {t}\n  {a}\n  {b}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    schema = json.loads((arguments.data / "cql2.schema.json").read_text("utf-8"))
    texts, jsons = read_examples(arguments.data / "examples")
    with (arguments.data / "ats-expected-counts.csv").open(encoding="utf-8", newline="") as rows:
        suite = sorted({row["cql2_text"] for row in csv.DictReader(rows)})
    converter, check = Converter(arguments.bin), Check()
    every = [*texts.values(), *suite]
    check_texts(check, converter, every, schema)
    check_examples(check, converter, texts, jsons)
    check_laws(check, converter, every)
    for failure in check.failures[:SHOWN]:
        print(failure)
    print(f"cql2: {len(texts)} examples in text, {len(jsons)} in JSON, {len(suite)} filters of the test suite: "
          f"{check.done} checks, {len(check.failures)} failed, {len(EXPLAINED)} explained")  # fmt: skip
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
