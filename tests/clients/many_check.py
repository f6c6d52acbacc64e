#!/usr/bin/env python3
"""10,000 keys and 100,000 grants: how much later the server is ready with them, and how much more memory it takes.

    many_check.py --bin target/release/guichet [--keys 10000] [--grants 100000]

Starts a server of 100 small layers without and with them, twice each, and compares the better starts. The processor time is told beside the
time on the clock: on a busy machine only that one means something. 0 within 2 s and 100 MiB, 1 beyond, 2 usage.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAYERS = 100
MOST_SECONDS, MOST_BYTES = 2.0, 100 << 20
SETTLE_SECONDS = 3
START_SECONDS = 300


def configure(folder: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"a": i, "b": "x"}, "geometry": {"type": "Point", "coordinates": [5 + i / 100, 43]}}
        for i in range(20)
    ]
    (folder / "points.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    layers = (
        f'[[layer]]\nid = "layer-{number}"\norganisation = "region"\nsource = {{ path = "points.geojson", crs = "EPSG:4326" }}\n'
        'access = "restricted"\ntiles = { min_zoom = 0, max_zoom = 12 }\n'
        '[layer.fields.a]\ntype = "integer"\n[layer.fields.b]\ntype = "string"\n'
        for number in range(LAYERS)
    )
    head = '[server]\nlisten = "127.0.0.1:0"\n[[organisation]]\nid = "region"\ntitle = "Region"\n'
    (folder / "guichet.toml").write_text(head + "".join(layers))


def fill(store: Path, keys: int, grants: int) -> None:
    """Writes the entries past the commands, which would take an hour to write each with its line of the audit."""
    with sqlite3.connect(store) as db:

        def put(table: str, name: str, body: dict) -> None:
            db.execute(f"INSERT INTO {table} (id, body) VALUES (?, ?)", (name, json.dumps(body, separators=(",", ":"))))

        for number in range(1000):
            name = f"organisation-{number}"
            put("organisations", name, {"id": name, "title": name, "parent": None, "jurisdiction": None, "siret": None})
        for number in range(100):
            name = f"profile-{number}"
            rest = {"area": None, "derived": {}, "zooms": None, "precision": None, "formats": None}
            put("profiles", name, {"id": name, "organisation": None, "rows": f"a = {number}", "attributes": ["a", "b"]} | rest)
        for number in range(keys):
            name = f"{number:08x}"
            put(
                "keys",
                name,
                {"id": name, "organisation": f"organisation-{number % 1000}", "member": None, "label": f"key {number}"}
                | {"sha256": hashlib.sha256(str(number).encode()).hexdigest(), "kind": "secret"}
                | {"scopes": {"layers": None, "actions": None, "profile": None, "max_zoom": None}}
                | {"origins": [], "networks": [], "from": None, "until": None, "replaced_by": None},
            )
        for number in range(grants):
            name = f"g-{number:016x}"
            subject = f"key:{number % keys:08x}" if number % 3 == 0 else f"organisation:organisation-{number % 1000}"
            layers = [f"region.layer-{(number + more) % LAYERS}" for more in range(1 + number % 3)]
            put(
                "grants",
                name,
                {"id": name, "subject": subject, "layers": layers, "profile": f"profile-{number % 100}"}
                | {"actions": ["discover", "tiles", "items"], "from": None, "until": None, "terms": None},
            )
    db.close()


def start(binary: str, folder: Path) -> tuple[float, float, int]:
    """Seconds until it is ready, seconds of processors until then, and bytes resident a while after."""
    log = folder / "server.log"
    environment = os.environ | {"RUST_LOG": "error"}
    begun = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [binary, "serve"], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    while "listening on" not in log.read_text():
        if process.poll() is not None or time.monotonic() - begun > START_SECONDS:
            process.kill()
            raise SystemExit(f"many: the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.005)
    took = time.monotonic() - begun
    ticks = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    processor = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    time.sleep(SETTLE_SECONDS)
    status = Path(f"/proc/{process.pid}/status").read_text()
    resident = int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1]) << 10
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    return took, processor, resident


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda p: str(Path(p).resolve()))
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--grants", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guichet-many-") as name:
        folder = Path(name)
        configure(folder)
        start(options.bin, folder)  # reads the sources; the others map their snapshots

        def best(what: str) -> tuple[float, float, int]:
            found = tuple(map(min, zip(*(start(options.bin, folder) for _ in range(2)), strict=True)))
            print(f"many: {what}: ready after {found[0]:.2f} s ({found[1]:.2f} s of processors), {found[2] / (1 << 20):.1f} MiB", flush=True)
            return found

        without = best("without")
        fill(folder / "var/policy.sqlite", options.keys, options.grants)
        held = best(f"with {options.keys} keys and {options.grants} grants")
    later, more = held[0] - without[0], held[2] - without[2]
    print(f"many: {later:.2f} s later ({held[1] - without[1]:.2f} s of processors), {more / (1 << 20):.1f} MiB more")
    return 0 if later < MOST_SECONDS and more < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
