#!/usr/bin/env python3
"""Pages through a layer whose source is swapped between every two pages.

    swap_pages.py --bin target/release/guichet
    swap_pages.py --base URL --folder DIR --reload 'COMMAND'

Two layers, one with text ids (GeoJSON) and one with whole numbers (FlatGeobuf), are rewritten and read again between every
two pages: rows come and go, attributes change, a column appears. Some rows lie on one point and some have no geometry, so that
the order rests on ids as well. Each row that stayed in place must be seen exactly once, no row twice, every page must be
answered with 200 and show the state after the last swap.

With --base a server is already running that publishes DIR/textes.geojson (item ids: `ref`) as `textes` and DIR/nombres.fgb
(item ids: `numero`) as `nombres`; COMMAND makes it read both again and returns when that is done.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pyogrio
import shapely
from server import running

STEADY, FLEETING = 260, 140  # rows that stay throughout, rows that come and go
RELOAD_SECONDS = 60
MOST_PAGES = 400
BBOX = (4.0, 43.0, 7.8, 45.2)

CONFIG = """
[platform]
title = "Swapped pages"

[[layer]]
id = "textes"
source = "textes.geojson"
access = "open"
title = "Text ids"
feature_id = "ref"

[[layer]]
id = "nombres"
source = "nombres.fgb"
access = "open"
title = "Whole-number ids"
feature_id = "numero"
"""


@dataclass(frozen=True)
class Place:
    """A row's identity: what no swap changes."""

    number: int
    steady: bool
    secteur: str
    lonlat: tuple[float, float] | None

    def there(self, version: int) -> bool:
        """Whether the row exists in a version: about every other one for the rows that come and go."""
        return self.steady or random.Random(self.number * 1009 + version).random() < 0.5


def places() -> list[Place]:
    dice = random.Random(4)
    rows = []
    for number in range(1, STEADY + FLEETING + 1):
        kind = dice.random()
        lonlat = (round(dice.uniform(4.1, 7.7), 6), round(dice.uniform(43.1, 45.1), 6))
        if kind < 0.10:
            lonlat = (5.3698, 43.2965)  # many at one point: only ids tell them apart
        elif kind < 0.15:
            lonlat = None
        rows.append(Place(number, False, dice.choice(("nord", "sud")), lonlat))
    steady = set(dice.sample(range(len(rows)), STEADY))
    return [Place(p.number, i in steady, p.secteur, p.lonlat) for i, p in enumerate(rows)]


def text_id(place: Place) -> str:
    return f"é-{place.number * 7919 % 100_003}"


def number_id(place: Place) -> int:
    return place.number * 7919 % 100_003 + (1 << 40)


def write(folder: Path, rows: list[Place], version: int) -> None:
    """Both sources at a version; each is replaced in one step, as a publisher's copy would be."""
    rows = [p for p in rows if p.there(version)]
    random.Random(version).shuffle(rows)  # the file's order means nothing
    extra = {"remarque": f"v{version}"} if version % 3 == 1 else {}

    def feature(p: Place) -> dict:
        geometry = None if p.lonlat is None else {"type": "Point", "coordinates": p.lonlat}
        values = {"ref": text_id(p), "secteur": p.secteur, "version": version, "etat": f"{p.number}/{version}", **extra}
        return {"type": "Feature", "properties": values, "geometry": geometry}

    partial = folder / "textes.partial"
    partial.write_text(json.dumps({"type": "FeatureCollection", "features": [feature(p) for p in rows]}), "utf-8")
    os.replace(partial, folder / "textes.geojson")

    columns = {
        "numero": np.array([number_id(p) for p in rows], dtype="int64"),
        "secteur": np.array([p.secteur for p in rows], dtype=object),
        "version": np.full(len(rows), version, dtype="int32"),
    } | {name: np.array([value] * len(rows), dtype=object) for name, value in extra.items()}
    shapes = shapely.to_wkb(np.array([None if p.lonlat is None else shapely.Point(p.lonlat) for p in rows], dtype=object))
    partial = folder / "nombres-partial.fgb"
    pyogrio.raw.write(
        partial, shapes, list(columns.values()), list(columns), geometry_type="Point", crs="EPSG:4326", driver="FlatGeobuf",
        layer="nombres", SPATIAL_INDEX="NO",
    )  # fmt: skip
    os.replace(partial, folder / "nombres.fgb")


class Walk:
    """One way through a collection by its `next` links."""

    def __init__(self, collection: str, query: dict[str, str | int]):
        self.name = f"{collection}?{urlencode(query)}"
        self.collection = collection
        self.query = query
        self.faults: list[str] = []
        self.seen: Counter = Counter()
        self.pages = 0

    def expected(self, rows: list[Place]) -> dict:
        """Ids of the rows that must be seen once. A row without geometry matches every bbox (`/req/core/fc-bbox-response` C)."""
        wanted = [p for p in rows if p.steady and p.secteur == self.query.get("secteur", p.secteur)]
        return {(text_id(p) if self.collection == "textes" else number_id(p)): p for p in wanted}

    def page(self, url: str, version: int) -> str | None:
        """Reads one page; gives the next one's address."""
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "application/geo+json"}), timeout=30) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as error:
            self.faults.append(f"page {self.pages + 1} at version {version}: {error.code}: {error.read()[:300].decode(errors='replace')}")
            return None
        self.pages += 1
        for feature in body["features"]:
            self.seen[feature["id"]] += 1
            if feature["properties"]["version"] != version:
                self.faults.append(f"{feature['id']}: shown as of version {feature['properties']['version']} at version {version}")
        return next((link["href"] for link in body["links"] if link["rel"] == "next"), None)

    def judge(self, rows: list[Place]) -> None:
        for row_id, place in self.expected(rows).items():
            if self.seen[row_id] != 1:
                what = "without geometry" if place.lonlat is None else f"at {place.lonlat}"
                self.faults.append(f"{row_id!r} ({what}) stayed in place and was seen {self.seen[row_id]} times")
        self.faults += [f"{row_id!r} was seen {n} times" for row_id, n in self.seen.items() if n > 1 and row_id not in self.expected(rows)]


def walk_all(base: str, folder: Path, reload, rows: list[Place]) -> int:
    version, faults = 0, 0
    box = ",".join(map(str, BBOX))
    queries = [{"limit": 9}, {"limit": 40}, {"limit": 40, "bbox": box}, {"limit": 25, "secteur": "nord"}]
    for collection in ("textes", "nombres"):
        for query in queries:
            walk = Walk(collection, query)
            url = f"{base}/collections/{collection}/items?{urlencode(query)}"
            while url and walk.pages < MOST_PAGES:
                url = walk.page(url, version)
                version += 1
                write(folder, rows, version)
                reload()
            if url:
                walk.faults.append(f"no end after {MOST_PAGES} pages")
            walk.judge(rows)
            if walk.pages < 3:
                walk.faults.append(f"only {walk.pages} pages: nothing was swapped between")
            print(
                f"clients: swap: {walk.name}: {'FAILED' if walk.faults else 'ok'}: {walk.pages} pages, a swap between every two, "
                f"{len(walk.expected(rows))} rows stayed, {len(walk.seen)} seen"
            )
            for fault in walk.faults[:5]:
                print(f"clients:   {fault}")
            faults += len(walk.faults)
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, help="the program to start; its `reload` command swaps")
    parser.add_argument("--base", help="a running server")
    parser.add_argument("--folder", type=Path, help="with --base: where its sources lie")
    parser.add_argument("--reload", help="with --base: the command that swaps")
    options = parser.parse_args()
    if bool(options.bin) == bool(options.base and options.folder and options.reload):
        parser.error("give either --bin, or --base with --folder and --reload")

    with ExitStack() as stack:
        folder = (options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-swap-")))).resolve()
        rows = places()
        write(folder, rows, 0)
        if options.bin:
            config = folder / "guichet.toml"
            config.write_text(CONFIG, "utf-8")
            base = stack.enter_context(running(options.bin, "--config", str(config), log=folder / "server.log"))
            command = [str(options.bin.resolve()), "reload", "--config", str(config)]
        else:
            base, command = options.base.rstrip("/"), ["sh", "-c", options.reload]

        def reload() -> None:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RELOAD_SECONDS)
            if done.returncode:
                sys.exit(f"clients: swap: FAILED: {' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")

        if not options.bin:
            reload()
        faults = walk_all(base, folder, reload, rows)
    print(f"clients: swap: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
