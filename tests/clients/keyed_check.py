#!/usr/bin/env python3
"""Reads open, clipped, masked and generalised layers with real clients and keys, beside locked and hidden layers.

    keyed_check.py --bin target/release/guichet

Clients: GDAL 3.12 (OAPIF) with a header file, with a bearer and with `?key=` in the address, and OWSLib with headers; both without
any key, too. The layers are those of keyed_world.py; rows, attributes and shapes must be those that keyed_truth.py works out with
GEOS and PROJ from the grants, whichever way the key came. A wrong key must fail, and say so.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio
import shapely
from keyed_truth import anonymous, faults_of, granted
from keyed_world import ANONYMOUS, CANARIES, CLIPPED, GRANTED, HIDDEN, LOCKED, MASKED, World
from owslib.ogcapi import REQUEST_HEADERS
from owslib.ogcapi.features import Features
from rows import row_of_geojson, rows_of_arrow
from server import running

PAGE = 100  # so that every large layer is read in several pages, by links that must lead on with the key
SHOWN = 5  # faults printed for one reading
# By which column rows are told apart.
KEYS = {"ville.quartiers": "nom", "ville.especes": "cell"}


class Faults:
    def __init__(self) -> None:
        self.count = 0

    def report(self, what: str, faults: list[str]) -> None:
        print(f"clients: keyed: {'FAILED' if faults else 'ok'}: {what}", flush=True)
        for fault in faults[:SHOWN]:
            print(f"clients:   {fault}")
        if len(faults) > SHOWN:
            print(f"clients:   … and {len(faults) - SHOWN} more")
        self.count += len(faults)


@contextmanager
def gdal_options(**options: str) -> Iterator[None]:
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))


def by_gdal(address: str, layer: str, **more) -> list:
    meta, table = pyogrio.read_arrow(f"OAPIF:{address}", layer=layer, PAGE_SIZE=PAGE, **more)
    return [(row.values, row.geometry) for row in rows_of_arrow(meta, table)]


def owslib_service(base: str, headers: dict[str, str]) -> Features:
    """OWSLib adds the headers of each service to one dictionary that all services share."""
    shared = dict(REQUEST_HEADERS)
    service = Features(base, headers=headers)
    service.headers = dict(service.headers)
    REQUEST_HEADERS.clear()
    REQUEST_HEADERS.update(shared)
    return service


def by_owslib(service: Features, layer: str) -> list:
    rows: list = []
    while True:
        page = service.collection_items(layer, limit=PAGE, offset=len(rows))
        rows += [(row.values, row.geometry) for row in map(row_of_geojson, page["features"])]
        if not any(link["rel"] == "next" for link in page["links"]):
            return rows


def compare(faults: Faults, client: str, names: list[str], want: dict[str, dict], read) -> None:
    """The names that a client lists, and each layer as it reads it."""
    wrong = [f"lists {name}" for name in set(names) - want.keys()] + [f"does not list {name}" for name in want.keys() - set(names)]
    faults.report(f"{client} lists {len(names)} layers", wrong)
    for layer, rows in want.items():
        got = read(layer)
        wrong = faults_of(rows, got, KEYS.get(layer, "id"))
        text = str([values for values, _ in got])
        wrong += [f"{canary!r} is in it" for canary in CANARIES if canary in text]
        faults.report(f"{client} reads {layer}: {len(got)} rows", wrong)


def refusal(read) -> str | None:
    """What a client says when it is refused; `None` if it is not."""
    try:
        got = read()
    except Exception as problem:  # noqa: BLE001 each client has its own kinds
        return str(problem)
    return None if len(got) else ""


def must_be_refused(faults: Faults, what: str, read, words: tuple[str, ...]) -> None:
    said = refusal(read)
    good = said is not None and any(word in said for word in words)
    faults.report(f"{what} is refused: {(said or 'nothing said')[:160]!r}", [] if good else [f"instead of naming {' or '.join(words)}"])


def gdal(faults: Faults, base: str, folder: Path, keys: dict[str, str], want: dict[str, dict]) -> None:
    version = f"GDAL {'.'.join(map(str, pyogrio.__gdal_version__))}"
    header = folder / "headers.txt"
    ways = {
        "a header file": (base, {"GDAL_HTTP_HEADER_FILE": str(header)}, "X-API-Key: {}"),
        "Authorization in a header file": (base, {"GDAL_HTTP_HEADER_FILE": str(header)}, "Authorization: Bearer {}"),
        "a bearer": (base, {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": "{}"}, ""),
        "Basic": (base, {"GDAL_HTTP_AUTH": "BASIC", "GDAL_HTTP_USERPWD": "guichet:{}"}, ""),
        "?key=": (f"{base}/?key={{}}", {}, ""),
    }
    for way, (address, options, line) in ways.items():
        for key in ("good", "wrong"):
            text = keys[key]
            header.write_text(line.format(text) + "\n" if line else "")
            with gdal_options(**{name: value.format(text) for name, value in options.items()}):
                there = address.format(text)
                if key == "wrong":
                    must_be_refused(faults, f"{version}: {way}: a wrong key", lambda: pyogrio.list_layers(f"OAPIF:{there}"), ("401",))
                    continue
                names = [str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{there}")]
                compare(faults, f"{version} with {way}", names, want["granted"], lambda layer: by_gdal(there, layer))
                # A filter sees what the caller sees: a masked value is none.
                values = [v["valeur"] for v, _ in by_gdal(there, MASKED, where="valeur > 10")]
                right = sum(1 for seen in want["granted"][MASKED].values() if (seen.values["valeur"] or 0) > 10)
                wrong = [] if len(values) == right and None not in values else [f"{len(values)} rows instead of {right}"]
                faults.report(f"{version} with {way}: a filter of a masked column finds {len(values)} rows", wrong)
    names = [str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{base}")]
    compare(faults, f"{version} without a key", names, want["anonymous"], lambda layer: by_gdal(base, layer))
    for layer in (CLIPPED, MASKED, LOCKED, HIDDEN):
        must_be_refused(faults, f"{version} without a key: {layer}", lambda: by_gdal(base, layer), ("not be", "404", "401", layer))


def owslib(faults: Faults, base: str, keys: dict[str, str], want: dict[str, dict]) -> None:
    for name, headers in (("Bearer", {"Authorization": "Bearer {}"}), ("X-API-Key", {"X-API-Key": "{}"})):
        with_key = lambda key: {n: v.format(key) for n, v in headers.items()}  # noqa: E731
        service = owslib_service(base, with_key(keys["good"]))
        names = [c["id"] for c in service.collections()["collections"]]
        compare(faults, f"OWSLib with {name}", names, want["granted"], lambda layer: by_owslib(service, layer))
        must_be_refused(faults, f"OWSLib with {name}: a wrong key", lambda: owslib_service(base, with_key(keys["wrong"])).collections(), ("401",))
        must_be_refused(faults, f"OWSLib with {name}: {LOCKED}", lambda: by_owslib(service, LOCKED), ("403",))
        must_be_refused(faults, f"OWSLib with {name}: {HIDDEN}", lambda: by_owslib(service, HIDDEN), ("404",))
    service = owslib_service(base, {})
    names = [c["id"] for c in service.collections()["collections"]]
    compare(faults, "OWSLib without a key", names, want["anonymous"], lambda layer: by_owslib(service, layer))
    for layer, status in ((CLIPPED, "401"), (LOCKED, "401"), (MASKED, "404"), (HIDDEN, "404")):
        must_be_refused(faults, f"OWSLib without a key: {layer}", lambda: by_owslib(service, layer), (status,))


def pages(faults: Faults, base: str, key: str) -> None:
    """The page of a locked layer says whom to ask, and raises no password box."""
    for headers, status in (({}, 401), ({"X-API-Key": key}, 403)):
        asked = urllib.request.Request(f"{base}/collections/{LOCKED}", headers={"Accept": "text/html"} | headers)
        try:
            answer = urllib.request.urlopen(asked, timeout=30)
        except urllib.error.HTTPError as problem:
            answer = problem
        text = answer.read().decode()
        challenges = " ".join(answer.headers.get_all("WWW-Authenticate") or [])
        wrong = [] if answer.status == status else [f"it answers {answer.status}"]
        wrong += [] if "mailto:sig@ville.example" in text else ["it does not say whom to ask"]
        wrong += [challenges] if "Basic" in challenges else []
        wrong += [f"{canary!r} is in it" for canary in CANARIES if canary in text]
        faults.report(f"the page of {LOCKED}: {status}", wrong)


def readme(faults: Faults, world: World) -> None:
    """The configuration that the README shows is accepted, and each of its grants gives something."""
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.S)
    blocks = [block for block in blocks if "[platform]" in block or "[[profile]]" in block]
    config = world.folder / "readme.toml"
    config.write_text("\n".join(blocks), "utf-8")
    command = [world.binary, "policy", "--config", config]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    wrong = [] if done.returncode == 0 else [done.stderr.strip()]
    wrong += [] if "2 profiles\n2 grants\n" in done.stdout and len(blocks) == 2 else [done.stdout]
    faults.report("the configuration of README.md", wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    faults = Faults()
    with tempfile.TemporaryDirectory(prefix="guichet-keyed-") as name:
        folder = Path(name)
        world = World(folder, options.bin)
        want = {"anonymous": anonymous(folder), "granted": granted(folder)}
        assert set(want["anonymous"]) == set(ANONYMOUS) and set(want["granted"]) == set(GRANTED)
        cut = sum(1 for seen in want["granted"][CLIPPED].values() if seen.tolerance)
        assert cut > 20 and all(shapely.is_valid(seen.shape) for seen in want["granted"][CLIPPED].values())
        gone, wrong = world.key("eau")
        world.guichet("key", "revoke", gone)
        keys = {"good": world.key("eau")[1], "wrong": wrong}
        readme(faults, world)
        with running(options.bin, "--config", str(world.config), log=folder / "server.log") as base:
            gdal(faults, base, folder, keys, want)
            owslib(faults, base, keys, want)
            pages(faults, base, keys["good"])
        log = (folder / "server.log").read_text()
        faults.report("no key stands in the server's log", [f"{n}: {k[:12]}…" for n, k in keys.items() if k[9:] in log])
    print(f"clients: keyed: {faults.count} faults", flush=True)
    return 1 if faults.count else 0


if __name__ == "__main__":
    sys.exit(main())
