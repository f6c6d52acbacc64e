#!/usr/bin/env python3
"""Asks layers for some 200 boxes each, and compares the answers with PROJ and GEOS.

    bbox_check.py --bin target/release/guichet [--data DIR]

The boxes are of very different sizes, in the storage CRS, CRS84, EPSG:4326 (latitude first), Web Mercator and Lambert-93: tiny
ones inside of a polygon or in its hole, ones that touch a vertex or an edge exactly or pass it by one double, without width, with
heights (six numbers), across the antimeridian (west > east), the whole layer, nothing. All pages are read, some with a small
`limit`; the ids and every `numberMatched` must be what GEOS's `intersects` says of the source's shapes, each vertex placed by
PROJ. Where nothing was reprojected nothing is forgiven; else a box that runs within 1e-9° (0.1 mm) of a vertex may go either way.

Layers: the repository's own data and some made here; with --data also real files of that folder.
"""

import argparse
import http.client
import json
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import numpy as np
import pyogrio
import pyproj
import shapely
from bbox_boxes import Boxes
from bbox_truth import Box, Frame
from rows import rows_of_file, unique_column
from server import running

OWN = Path(__file__).resolve().parents[2] / "data"
OWN_LAYERS = (
    "bassins-communaux-paca.fgb", "departements-paca.geojson", "communes-paca-points.geojson", "adresses.fgb", "parcelles.fgb",
    "canalisations.fgb",
)  # fmt: skip
DATA_LAYERS = (
    ("admin-fr/communes-paca.fgb", None),
    ("admin-fr/admin-paca-l93.gpkg", "communes"),
    ("admin-fr/admin-paca-l93.gpkg", "communes_points"),
    ("urban/occupation-sol-narbonnaise-2021-l93.fgb", None),
    ("urban/parcs-paris-osm.geojson", None),
    ("agriculture/parcelles-crau-camargue-2025-l93.gpkg", None),
    ("osm/monaco-osm.gpkg", "points"),
    ("osm/monaco-osm.gpkg", "lines"),
    ("osm/monaco-osm.gpkg", "multipolygons"),
    ("datasud/idgo-territoires.gpkg", "jurisdictions"),
    ("fixtures/flatgeobuf/osm-buildings-3857-ch-sample.fgb", None),
    ("cql2/ne110m4cql2.gpkg", "ne_110m_admin_0_countries"),
    ("world/ne_110m_lakes.geojson", None),
    ("world/ne_110m_populated_places_simple.geojson", None),
    ("awkward/antimeridian.geojson", None),
    ("awkward/polar.geojson", None),
    ("awkward/mixed.geojson", None),
    ("awkward/nullgeom.fgb", None),
    ("awkward/types-z.fgb", None),
)
FRANCE = (-6.0, 41.0, 11.0, 52.0)  # where Lambert-93 is asked: it is made for no other place
LATLON = "http://www.opengis.net/def/crs/EPSG/0/4326"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
MOST_ITEMS = 10_000  # the largest limit of a page
MOST_PAGES = 40  # of one box
SHOWN = 5  # mismatches printed of one layer


@dataclass
class Source:
    """A layer, its rows' ids and shapes as GDAL reads them."""

    name: str
    path: Path
    inner: str | None
    key: str | None
    ids: list[str]
    shapes: np.ndarray
    crs: pyproj.CRS | None

    def toml(self) -> str:
        """Its entry in a configuration."""
        inner = f", layer = {json.dumps(self.inner)}" if self.inner else ""
        # A GeoJSON feature's own id is no property, and gives the item id without being named.
        own = self.key == "id" and self.path.suffix == ".geojson"
        key = f"feature_id = {json.dumps(self.key)}\n" if self.key and not own else ""
        return (
            f'[[layer]]\nid = "{self.name}"\ntitle = "{self.name}"\naccess = "open"\n{key}'
            f"source = {{ path = {json.dumps(str(self.path))}{inner} }}\n"
        )


def read(path: Path, inner: str | None) -> Source:
    rows, crs = rows_of_file(path, inner)
    key = unique_column(rows)
    if key:
        ids = [row.values[key] for row in rows]
    elif path.suffix == ".gpkg":
        _, table = pyogrio.read_arrow(path, layer=inner, columns=[], read_geometry=False, return_fids=True)
        ids = table.column(0).to_pylist()
    else:
        ids = range(1, len(rows) + 1)
    name = f"{path.stem}-{inner}".lower().replace("_", "-") if inner else path.stem.lower()
    return Source(name, path, inner, key, [str(i) for i in ids], np.array([row.geometry for row in rows], dtype=object), crs)


def write_made(folder: Path) -> list[Path]:
    """Layers of every kind of geometry, around Provence, the antimeridian and the poles: with holes, nulls and empties; with specks;
    with heights."""
    dice = random.Random(7)
    features: list[dict] = []

    def add(geometry: dict | None) -> None:
        features.append({"type": "Feature", "properties": {"ref": f"r{len(features)}"}, "geometry": geometry})

    def star(x: float, y: float, radius: float) -> list[list[float]]:
        turns = [2 * np.pi * i / 11 for i in range(11)]
        ring = [[x + radius * dice.uniform(0.5, 1) * np.cos(t), y + radius * dice.uniform(0.5, 1) * np.sin(t)] for t in turns]
        return [*ring, ring[0]]

    for x0, y0, spread in ((5.5, 43.5, 1.5), (179.5, -17.0, 3.0), (-179.5, 66.0, 2.0), (0.0, 84.0, 4.0)):
        for _ in range(30):
            x, y = round(x0 + dice.uniform(-1, 1) * spread, 5), round(y0 + dice.uniform(-1, 1) * spread, 5)
            size = spread * dice.choice((0.01, 0.05, 0.3))
            line = [[x, y], [x + size, y + size / 2], [x + 2 * size, y - size]]
            star_with_hole = [star(x, y, size), star(x, y, size * 0.3)[::-1]]
            add({"type": "Point", "coordinates": [x, y]})
            add({"type": "MultiPoint", "coordinates": line})
            add({"type": "LineString", "coordinates": line})
            add({"type": "MultiLineString", "coordinates": [line, line[::-1]]})
            add({"type": "Polygon", "coordinates": star_with_hole})
            add({"type": "MultiPolygon", "coordinates": [[star(x - 3 * size, y, size)], star_with_hole]})
            add({"type": "GeometryCollection", "geometries": [features[-6]["geometry"], features[-2]["geometry"]]})
    add({"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]})
    coast = [[180, -75], [90, -66], [0, -70], [-180, -75]]
    add({"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], *coast, [-180, -90]]]})
    add(None)
    for kind in ("Point", "LineString", "Polygon", "MultiPolygon"):
        add({"type": kind, "coordinates": []})
    flat = folder / "made.geojson"
    flat.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")

    # Parts too small or too thin for any tile, far from the rest of their feature: they are to be found all the same.
    features.clear()
    for _ in range(20):
        x, y, far = dice.uniform(5, 6), dice.uniform(43, 44), dice.uniform(0.2, 0.6)
        speck = [[x + far, y], [x + far + 2e-9, y], [x + far, y + 2e-9], [x + far, y]]
        add({"type": "MultiPolygon", "coordinates": [[star(x, y, 0.01)], [speck]]})
        add({"type": "MultiLineString", "coordinates": [[[x, y], [x + 0.01, y]], speck[:2]]})
        dot, area = {"type": "Point", "coordinates": [x, y]}, {"type": "Polygon", "coordinates": [speck]}
        add({"type": "GeometryCollection", "geometries": [dot, area]})
        add({"type": "Polygon", "coordinates": [[[x, y], [x, y + far], [x + 1e-9, y + far / 2], [x, y]]]})
        add({"type": "LineString", "coordinates": speck})
    specks = folder / "made-specks.geojson"
    specks.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")

    features.clear()
    for _ in range(150):
        x, y, z = dice.uniform(5, 6), dice.uniform(43, 44), dice.uniform(-20, 400)
        add({"type": "Point", "coordinates": [x, y, z]})
        add({"type": "LineString", "coordinates": [[x, y, z], [x + 0.1, y + 0.05, z + 90], [x + 0.1, y - 0.1, z - 90]]})
        add({"type": "Polygon", "coordinates": [[[*p, z + 9 * i % 31] for i, p in enumerate(star(x, y, 0.05)[:-1])]]})
        ring = features[-1]["geometry"]["coordinates"][0]
        ring.append(ring[0])
    tall = folder / "made-z.geojson"
    tall.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return [flat, specks, tall]


class Server:
    """Asks for boxes over one connection."""

    def __init__(self, base: str):
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)

    def get(self, path: str) -> tuple[int, dict]:
        try:
            response = self.ask(path)
        except ConnectionError:
            # Closed while this side was busy with the truth: the next request opens it again.
            self.connection.close()
            response = self.ask(path)
        body = response.read()
        return response.status, json.loads(body) if body else {}

    def ask(self, path: str) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers={"Accept": "application/geo+json, application/json"})
        return self.connection.getresponse()

    def crs_of(self, collection: str) -> tuple[list[str], str]:
        status, about = self.get(f"/collections/{collection}?f=json")
        if status != 200:
            sys.exit(f"clients: bbox: FAILED: /collections/{collection} gives {status}: {about.get('detail')}")
        return about["crs"], about["storageCrs"]

    def pages(self, path: str) -> Iterator[tuple[int, dict]]:
        while path:
            status, body = self.get(path)
            yield status, body
            link = next((link["href"] for link in body.get("links", []) if link.get("rel") == "next"), None)
            path = urlsplit(link)._replace(scheme="", netloc="").geturl() if link else ""


@dataclass
class Tally:
    """What came out of one layer."""

    boxes: Counter = field(default_factory=Counter)
    frames: Counter = field(default_factory=Counter)
    pages: int = 0
    features: int = 0
    empty: int = 0
    forgiven: int = 0
    faults: list[str] = field(default_factory=list)


def frames_of(source: Source, server: Server) -> list[tuple[Frame, float]]:
    """The frames to ask in, each with its share of the boxes."""
    offered, storage = server.crs_of(source.name)
    frames = []
    for uri in (None, *offered):
        if uri == LAMBERT and uri != storage and not in_france(source):
            continue
        frame = Frame(uri, source.shapes, source.crs)
        frames.append((frame, 2.0 if uri in (None, storage) else 1.0))
    whole = sum(weight for _, weight in frames)
    return [(frame, weight / whole) for frame, weight in frames]


def in_france(source: Source) -> bool:
    lonlat = Frame(None, source.shapes, source.crs)
    west, south, east, north = shapely.total_bounds(lonlat.shapes[lonlat.located])
    return bool(west >= FRANCE[0] and south >= FRANCE[1] and east <= FRANCE[2] and north <= FRANCE[3])


def check_box(source: Source, server: Server, frame: Frame, box: Box, dice: random.Random, tally: Tally) -> None:
    must, may = frame.meeting(box)
    tally.boxes[box.kind] += 1
    tally.frames["exact" if frame.exact else "reprojected"] += 1
    tally.forgiven += must != may
    tally.empty += not may
    limit = dice.choice((1, 3, 10, 100, MOST_ITEMS, MOST_ITEMS))
    limit = limit if len(may) <= limit * MOST_PAGES else MOST_ITEMS
    query = f"bbox={frame.text(box)}&limit={limit}" + (f"&bbox-crs={quote(frame.uri, safe=':/')}" if frame.uri else "")
    path = f"/collections/{source.name}/items?{query}"

    def fault(what: str) -> None:
        tally.faults.append(f"{box.kind}: {what}: {path}")

    seen: Counter = Counter()
    totals = set()
    for status, body in server.pages(path):
        tally.pages += 1
        if status != 200:
            return fault(f"{status} {body.get('detail') or body.get('title')}")
        totals.add(body["numberMatched"])
        if body["numberReturned"] != len(body["features"]):
            fault(f"numberReturned {body['numberReturned']} of {len(body['features'])}")
        seen.update(str(feature["id"]) for feature in body["features"])
    tally.features += seen.total()
    if seen.total() != len(seen):
        fault(f"{seen.total() - len(seen)} items came more than once")
    if totals != {len(seen)}:
        fault(f"numberMatched {sorted(totals)}, items {len(seen)}")
    missing = {source.ids[row] for row in must} - seen.keys()
    extra = seen.keys() - {source.ids[row] for row in may}
    if missing:
        fault(f"{len(missing)} of {len(must)} missing, such as {sorted(missing)[:3]}")
    if extra:
        fault(f"{len(extra)} too many, such as {sorted(extra)[:3]}")


def check_layer(source: Source, server: Server, seed: str) -> int:
    tally = Tally()
    dice = random.Random(source.name + seed)
    frames = frames_of(source, server)
    heights = any(s is not None and s.has_z for s in source.shapes)
    for frame, share in frames:
        for box in Boxes(frame, dice).draw(share, heights):
            check_box(source, server, frame, box, dice, tally)
    broken = len(frames[0][0].broken)
    print(
        f"clients: bbox: {source.name}: {'FAILED' if tally.faults else 'ok'}: {len(source.ids)} rows"
        f"{f' ({broken} invalid)' if broken else ''}, {tally.boxes.total()} boxes in {len(frames)} CRS "
        f"({tally.frames['exact']} exact, {tally.frames['reprojected']} reprojected), {tally.empty} empty, "
        f"{tally.forgiven} on the brink, {tally.pages} pages, {tally.features} items, {len(tally.faults)} mismatches",
        flush=True,
    )
    for text in tally.faults[:SHOWN]:
        print(f"clients:   {text}")
    if len(tally.faults) > SHOWN:
        print(f"clients:   … and {len(tally.faults) - SHOWN} more")
    return len(tally.faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="a folder of real files")
    parser.add_argument("--only", help="one layer")
    parser.add_argument("--seed", default="", help="other boxes")
    options = parser.parse_args()
    # GDAL remarks on empty points and on large whole numbers in nested values.
    warnings.filterwarnings("ignore", "OGRGeoJSONReadRawPoint|Integer values", RuntimeWarning)

    with tempfile.TemporaryDirectory(prefix="guichet-bbox-") as made:
        folder = Path(made)
        files = [(OWN / name, None) for name in OWN_LAYERS] + [(path, None) for path in write_made(folder)]
        if options.data:
            files += [(options.data.resolve() / name, inner) for name, inner in DATA_LAYERS]
        sources = [read(path, inner) for path, inner in files]
        if options.only:
            sources = [source for source in sources if source.name == options.only]
        config = folder / "guichet.toml"
        config.write_text('[platform]\ntitle = "Boxes"\n\n' + "\n".join(source.toml() for source in sources), "utf-8")
        with running(options.bin, "--config", str(config), log=folder / "server.log") as base:
            faults = sum(check_layer(source, Server(base), options.seed) for source in sources)
    print(f"clients: bbox: {len(sources)} layers, {faults} mismatches")
    return 1 if faults or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
