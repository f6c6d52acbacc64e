#!/usr/bin/env python3
"""Reads all tiles of a collection and checks them against the specification, a second decoder and the source.

    tiles_check.py BASE_URL COLLECTION SOURCE_FILE [--zooms 0-14]

Every tile that the layer's bounds touch is fetched and decoded by a strict reader of our own, by mapbox-vector-tile (Python)
and, where tests/browser has its packages, by @mapbox/vector-tile (the reader of web maps): all must see the same. Then:
no polygon invalid by GEOS, no ring that winds wrongly or has no area, no repeated point, no vertex beyond the buffer.
At the largest zoom (or those of --complete) each feature must be in exactly the tiles that its geometry touches, with the
buffer, and carry the source's attributes; one unit of a tile is left to rounding.
"""

import argparse
import base64
import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import mapbox_vector_tile
from rows import same_value, unique_column
from tile_faults import faults_of
from truth import EXTENT, Truth
from vector_tile import POLYGON, Malformed, TileLayer, read

MEDIA_TYPES = ("application/vnd.mapbox-vector-tile", "application/x-protobuf")
NAIVE = ZoneInfo("Europe/Paris")  # whose clock naive date-times of a source show
EXAMPLES = 3  # shown of each kind of fault
NODE_DECODER = Path(__file__).resolve().parent.parent / "browser" / "decode_tiles.mjs"


@dataclass
class Plan:
    """What a worker needs to know."""

    base: str
    collection: str
    buffer: int
    key: str | None
    zone: ZoneInfo
    index: dict  # item id → row of the source
    values: list[dict]  # attributes of the rows
    node: bool


@dataclass
class Tally:
    """What was seen and what was wrong, of one tile or of many."""

    tiles: int = 0
    filled: int = 0
    features: int = 0
    rings: int = 0
    octets: int = 0
    largest: int = 0
    faults: Counter = field(default_factory=Counter)
    examples: dict = field(default_factory=lambda: defaultdict(list))

    def fault(self, kind: str, place: str) -> None:
        self.faults[kind] += 1
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(place)

    def add(self, other: "Tally") -> None:
        for name in ("tiles", "filled", "features", "rings", "octets"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.largest = max(self.largest, other.largest)
        self.faults += other.faults
        for kind, places in other.examples.items():
            self.examples[kind] = (self.examples[kind] + places)[:EXAMPLES]


class Worker:
    """One process's connection, second decoders and memory of attributes already compared."""

    def __init__(self, plan: Plan):
        self.plan = plan
        where = urlsplit(plan.base)
        self.path = f"{where.path.rstrip('/')}/xyz/{quote(plan.collection)}"
        self.connection = http.client.HTTPConnection(where.netloc, timeout=60)
        self.known: dict[int, dict] = {}
        self.node = None
        if plan.node:
            self.node = subprocess.Popen(
                ["node", NODE_DECODER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )

    def fetch(self, zoom: int, x: int, y: int) -> tuple[int, str, bytes, int]:
        """Status, media type, body as decoded and its size on the wire."""
        self.connection.request("GET", f"{self.path}/{zoom}/{x}/{y}.mvt", headers={"Accept-Encoding": "gzip"})
        response = self.connection.getresponse()
        wire = response.read()
        body = gzip.decompress(wire) if response.headers.get("Content-Encoding") == "gzip" else wire
        return response.status, response.headers.get("Content-Type", ""), body, len(wire)

    def check(self, zoom: int, x: int, y: int, must: set[int] | None, may: set[int] | None) -> Tally:
        tally, place = Tally(tiles=1), f"{zoom}/{x}/{y}"
        status, media, body, size = self.fetch(zoom, x, y)
        tally.octets, tally.largest = size, size
        layers: list[TileLayer] = []
        if status == 200 and body:
            try:
                layers = read(body)
            except (Malformed, UnicodeDecodeError, IndexError) as problem:
                tally.fault("malformed tile", f"{place}: {problem}")
                return tally
            if media.split(";")[0] not in MEDIA_TYPES:
                tally.fault("wrong media type", f"{place}: {media}")
            tally.filled = 1
            self.second_opinion(layers, body, tally, place)
        elif status == 200:
            tally.fault("200 without a body", place)
        elif status != 204 or body:
            tally.fault("status", f"{place}: {status} with {len(body)} bytes")
        if [layer.name for layer in layers] not in ([], [self.plan.collection]):
            tally.fault("layer names", f"{place}: {[layer.name for layer in layers]}")
        for layer in layers:
            if layer.extent != EXTENT:
                tally.fault("extent", f"{place}: {layer.extent}")
            tally.features += len(layer.features)
            tally.rings += sum(len(f.parts) for f in layer.features if f.kind == POLYGON)
            for kind, where in faults_of(layer, self.plan.buffer):
                tally.fault(kind, f"{place}: {where}")
        if must is not None and may is not None:
            self.complete(layers, must, may, tally, place)
        return tally

    def second_opinion(self, layers: list[TileLayer], body: bytes, tally: Tally, place: str) -> None:
        mine = [(layer.name, [canonical(f.id, f.kind, f.parts, f.properties) for f in layer.features]) for layer in layers]
        if in_python(body) != mine:
            tally.fault("mapbox-vector-tile sees another tile", place)
        if self.node:
            self.node.stdin.write(base64.b64encode(body).decode() + "\n")
            self.node.stdin.flush()
            line = self.node.stdout.readline()
            if not line:
                raise RuntimeError(f"{NODE_DECODER.name} ended at {place} with {self.node.wait()}: its message stands above")
            theirs = json.loads(line)
            theirs = [(name, [canonical(i, kind, parts, values) for i, kind, parts, values in fs]) for name, fs in theirs]
            if theirs != mine:
                tally.fault("@mapbox/vector-tile sees another tile", place)

    def complete(self, layers: list[TileLayer], must: set[int], may: set[int], tally: Tally, place: str) -> None:
        seen: Counter = Counter()
        for layer in layers:
            for feature in layer.features:
                name = feature.properties.get(self.plan.key, feature.id)
                row = self.plan.index.get(name)
                if row is None:
                    tally.fault("a feature that is not in the source", f"{place}: {name!r}")
                    continue
                seen[row] += 1
                self.attributes(row, feature.properties, tally, f"{place}: {name!r}")
        for row, times in seen.items():
            if times > 1:
                tally.fault("feature twice in a tile", f"{place}: {self.named(row)} {times} times")
            if row not in may:
                tally.fault("feature in a tile that it does not touch", f"{place}: {self.named(row)}")
        for row in must - seen.keys():
            tally.fault("feature missing in a tile that it touches", f"{place}: {self.named(row)}")

    def named(self, row: int) -> str:
        return repr(self.plan.values[row].get(self.plan.key, row + 1))

    def attributes(self, row: int, properties: dict, tally: Tally, place: str) -> None:
        """Compared with the source once; in every other tile the feature must carry the same."""
        if row in self.known:
            if self.known[row] != properties:
                tally.fault("attributes differ from tile to tile", place)
            return
        self.known[row] = properties
        source = self.plan.values[row]
        for column, value in properties.items():
            if column not in source:
                tally.fault("an attribute that is not in the source", f"{place}: {column}")
            elif not same_value(source[column], value, self.plan.zone):
                tally.fault("attribute differs from the source", f"{place}: {column} {value!r}, source {source[column]!r}")


def canonical(feature_id: int | None, kind: int, parts, properties: dict) -> tuple:
    """A feature in the form in which the decoders are compared; no id and id 0 are one, as some decoders have it."""
    return feature_id or 0, kind, [[list(map(int, vertex)) for vertex in part] for part in parts], properties


def in_python(body: bytes) -> list:
    """The tile as mapbox-vector-tile decodes it."""
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True, "geojson": False})
    layers = []
    for name, layer in decoded.items():
        features = []
        for f in layer["features"]:
            shape = f["geometry"]
            match shape["type"]:
                case "Point":
                    parts = [[shape["coordinates"]]]
                case "MultiPoint" | "LineString":
                    parts = [shape["coordinates"]]
                case "MultiLineString":
                    parts = shape["coordinates"]
                case "Polygon":
                    parts = [ring[:-1] for ring in shape["coordinates"]]
                case _:
                    parts = [ring[:-1] for polygon in shape["coordinates"] for ring in polygon]
            features.append(canonical(f["id"], f["type"], parts, f["properties"]))
        layers.append((name, features))
    return layers


worker: Worker | None = None


def start(plan: Plan) -> None:
    global worker
    worker = Worker(plan)


def run(zoom: int, tile: tuple[int, int], must: set[int] | None, may: set[int] | None) -> Tally:
    assert worker
    return worker.check(zoom, *tile, must, may)


def check_tiles(
    base: str,
    collection: str,
    source: Path,
    *,
    inner: str | None = None,
    key: str | None = None,
    zooms: range = range(15),
    complete: set[int] | None = None,
    buffer: int = 64,
    zone: ZoneInfo = NAIVE,
    node: bool = True,
    sparse: bool = False,
) -> int:
    """Checks all tiles of `zooms` within the layer's bounds, or only those near its shapes if `sparse`; gives the number of faults."""
    truth = Truth(source, inner)
    key = key or unique_column(truth.rows)
    # Without a naming column a feature's number in the file is its id.
    index = {row.values[key] if key else i + 1: i for i, row in enumerate(truth.rows)}
    node = node and shutil.which("node") is not None and (NODE_DECODER.parent / "node_modules" / "pbf").exists()
    plan = Plan(base, collection, buffer, key, zone, index, [row.values for row in truth.rows], node)
    decoders = "strict, mapbox-vector-tile" + (", @mapbox/vector-tile" if node else "")
    print(
        f"clients: tiles: {collection}: {len(truth.rows)} rows named by {key or 'their number'}, {truth.repaired} of them invalid; "
        f"decoders: {decoders}",
        flush=True,
    )
    total = Tally()
    with ProcessPoolExecutor(os.cpu_count(), initializer=start, initargs=(plan,)) as pool:
        for zoom in zooms:
            began = time.monotonic()
            tiles, sums = (truth.tiles_near if sparse else truth.tiles)(zoom, buffer), Tally()
            must, may = repeat(None), repeat(None)
            if zoom in (complete or {zooms[-1]}):
                touching = truth.touching(zoom, tiles, buffer)
                must, may = touching.must, touching.may
            for tally in pool.map(run, repeat(zoom), tiles, must, may, chunksize=16):
                sums.add(tally)
            if sums.filled == 0:
                sums.fault("no tile has anything in it", f"zoom {zoom}")
            print(
                f"clients: tiles: {collection}: z{zoom}: {'FAILED' if sums.faults else 'ok'}: {sums.tiles} tiles, {sums.filled} filled, "
                f"{sums.features} features, {sums.rings} rings, {sums.octets / 1e6:.1f} MB, largest {sums.largest / 1e3:.0f} kB"
                f"{', complete' if zoom in (complete or {zooms[-1]}) and not sums.faults else ''}, {time.monotonic() - began:.1f} s",
                flush=True,
            )
            for kind, times in sums.faults.most_common():
                print(f"clients:   {kind}: {times}, as {'; '.join(sums.examples[kind])}", flush=True)
            total.add(sums)
    print(f"clients: tiles: {collection}: {total.tiles} tiles, {total.features} features, {sum(total.faults.values())} faults")
    return sum(total.faults.values())


def zoom_range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("collection")
    parser.add_argument("source", type=Path)
    parser.add_argument("--layer", help="the layer inside of the source file")
    parser.add_argument("--key", help="the property that names the items (default: the first unique one)")
    parser.add_argument("--zooms", type=zoom_range, default=range(15), help="as 0-14")
    parser.add_argument("--complete", type=zoom_range, help="zooms where each feature must be in each tile that it touches")
    parser.add_argument("--buffer", type=int, default=64)
    parser.add_argument("--timezone", type=ZoneInfo, default=NAIVE)
    parser.add_argument("--no-node", action="store_true", help="leave the JavaScript decoder out")
    o = parser.parse_args()
    faults = check_tiles(
        o.base.rstrip("/"), o.collection, o.source, inner=o.layer, key=o.key, zooms=o.zooms,
        complete=set(o.complete) if o.complete else None, buffer=o.buffer, zone=o.timezone, node=not o.no_node,
    )  # fmt: skip
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
