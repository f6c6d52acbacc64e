#!/usr/bin/env python3
"""Reads each collection of a server whole with real clients and compares it with its source file.

    read_whole.py BASE_URL DATA_DIR

Clients: GDAL 3.12 (OAPIF driver, as in QGIS and ogr2ogr) in pages of 100, and OWSLib with limit and offset. Each reads every
open layer of DATA_DIR once in its storage CRS, where every ordinate must equal the source bit for bit, and once in CRS84, where
PROJ's coordinates must be met within 1e-8°. Numbers of rows, every attribute, heights and the structure of geometries must
be the source's. Layers that are not open must be as absent as a collection that never was.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pyogrio
import pyproj
import shapely
from layers import Layer, layers_of
from owslib.ogcapi.features import Features
from rows import Difference, Row, compare_shapes, row_of_geojson, rows_of_arrow, rows_of_file, same_value, unique_column

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
CRS84_TOLERANCE = 1e-8  # degrees, about a millimetre
PAGE = 100
SHOWN = 5  # faults printed for one reading


@dataclass
class Source:
    """A source file as GDAL reads it."""

    rows: list[Row]
    crs: pyproj.CRS | None
    key: str | None


@dataclass
class Verdict:
    """What came out of one reading."""

    faults: list[str] = field(default_factory=list)
    difference: Difference = field(default_factory=Difference)
    values: int = 0


def read_source(layer: Layer) -> Source:
    rows, crs = rows_of_file(layer.path, layer.inner)
    key = layer.key if rows and layer.key in rows[0].values else unique_column(rows)
    return Source(rows, crs, key)


def to_crs84(rows: list[Row], crs: pyproj.CRS | None) -> list[Row]:
    """The rows as PROJ would place them in CRS84: longitude, latitude; heights stay."""
    if crs is None or crs.equals(pyproj.CRS("EPSG:4326")) or crs.equals(pyproj.CRS("OGC:CRS84")):
        return rows
    transformer = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)

    def place(xyz):
        xyz = xyz.copy()
        xyz[:, 0], xyz[:, 1] = transformer.transform(xyz[:, 0], xyz[:, 1])
        return xyz

    def moved(shape):
        return None if shape is None else shapely.transform(shape, place, include_z=shape.has_z)

    return [Row(row.values, moved(row.geometry)) for row in rows]


def swapped(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The geometry with its first two axes exchanged: items follow the authority's axis order, files x before y."""
    if shape is None:
        return None
    if shape.has_z:
        return shapely.transform(shape, lambda c: c[:, [1, 0, 2]], include_z=True)
    return shapely.transform(shape, lambda c: c[:, [1, 0]])


def north_first(uri: str) -> bool:
    """True for a CRS whose authority puts latitude or northing first."""
    axes = pyproj.CRS(uri).axis_info
    return axes[0].direction == "north"


def compare(source: Source, want: list[Row], got: list[Row], tolerance: float, zone: ZoneInfo) -> Verdict:
    """Pairs rows by key and compares them. A reading may have an `id` that the source has not: the item's."""
    verdict = Verdict()
    if len(want) != len(got):
        verdict.faults.append(f"{len(got)} rows instead of {len(want)}")
    if source.key is None and want:
        verdict.faults.append("the source has no column that names its rows: give the layer a feature_id")
        return verdict
    by_key = {row.values.get(source.key): row for row in got}
    if len(by_key) != len(got):
        verdict.faults.append(f"{len(got) - len(by_key)} rows came more than once")
    for row in want:
        name = row.values[source.key]
        other = by_key.get(name)
        if other is None:
            verdict.faults.append(f"{source.key}={name!r} is missing")
            continue
        for column, value in row.values.items():
            verdict.values += 1
            if column not in other.values:
                # GeoJSON may leave a null out; anything else is lost.
                if value is not None:
                    verdict.faults.append(f"{source.key}={name!r}: {column} is missing")
            elif not same_value(value, other.values[column], zone):
                verdict.faults.append(f"{source.key}={name!r}: {column} is {other.values[column]!r} instead of {value!r}")
        for column in other.values.keys() - row.values.keys() - {"id"}:
            verdict.faults.append(f"{source.key}={name!r}: {column} is not in the source")
        difference = compare_shapes(row.geometry, other.geometry)
        if isinstance(difference, str):
            verdict.faults.append(f"{source.key}={name!r}: {difference}")
            continue
        verdict.difference.add(difference)
        if difference.largest > tolerance:
            verdict.faults.append(f"{source.key}={name!r}: an ordinate is off by {difference.largest:.3g}")
    return verdict


def by_gdal(base: str, collection: str, crs: str | None) -> tuple[list[Row], pyproj.CRS | None]:
    options = {"PAGE_SIZE": PAGE} | ({"CRS": crs} if crs else {})
    meta, table = pyogrio.read_arrow(f"OAPIF:{base}", layer=collection, datetime_as_string=True, **options)
    return rows_of_arrow(meta, table), pyproj.CRS(meta["crs"]) if meta["crs"] else None


def by_owslib(service: Features, collection: str, crs: str | None) -> tuple[list[Row], int | None]:
    rows: list[Row] = []
    while True:
        page = service.collection_items(collection, limit=PAGE, offset=len(rows), **({"crs": crs} if crs else {}))
        features = page["features"]
        rows += [row_of_geojson(feature) for feature in features]
        if not features or not any(link["rel"] == "next" for link in page["links"]):
            return rows, page.get("numberMatched")


def check_collection(base: str, service: Features, layer: Layer, zone) -> int:
    """Prints one line a reading; gives the number of faults."""
    source = read_source(layer)
    about = service.collection(layer.collection)
    storage = about.get("storageCrs") or CRS84
    lonlat = to_crs84(source.rows, source.crs)
    faults = 0

    def report(client: str, verdict: Verdict) -> None:
        nonlocal faults
        d = verdict.difference
        rings = f", {d.reversed_rings} rings turned" if d.reversed_rings else ""
        print(
            f"clients: {layer.collection}: {client}: {'FAILED' if verdict.faults else 'ok'}: {len(source.rows)} rows, "
            f"{verdict.values} values, {d.ordinates} ordinates, largest difference {d.largest:.3g}{rings}"
        )
        for fault in verdict.faults[:SHOWN]:
            print(f"clients:   {fault}")
        if len(verdict.faults) > SHOWN:
            print(f"clients:   … and {len(verdict.faults) - SHOWN} more")
        faults += len(verdict.faults)

    # GDAL asks for the storage CRS of its own accord and gives x before y whatever the axis order on the wire.
    if source.crs is not None:
        rows, crs = by_gdal(base, layer.collection, None if storage == CRS84 else storage)
        verdict = compare(source, source.rows, rows, 0.0, zone)
        if crs is None or not (crs.equals(source.crs, ignore_axis_order=True) or storage == CRS84):
            verdict.faults.append(f"GDAL saw the CRS {crs} instead of {source.crs}")
        report(f"GDAL {gdal_version()} in {storage}", verdict)
        rows, _ = by_gdal(base, layer.collection, "OGC:CRS84")
        report("GDAL in CRS84", compare(source, lonlat, rows, CRS84_TOLERANCE, zone))

    rows, matched = by_owslib(service, layer.collection, storage)
    if north_first(storage):
        rows = [Row(row.values, swapped(row.geometry)) for row in rows]
    verdict = compare(source, source.rows, rows, 0.0, zone)
    if matched != len(source.rows):
        verdict.faults.append(f"numberMatched is {matched} instead of {len(source.rows)}")
    report(f"OWSLib in {storage}", verdict)
    rows, _ = by_owslib(service, layer.collection, None)
    report("OWSLib in CRS84", compare(source, lonlat, rows, CRS84_TOLERANCE, zone))
    return faults


def gdal_version() -> str:
    return ".".join(map(str, pyogrio.__gdal_version__))


def answer(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def check_absent(base: str, collection: str) -> int:
    """A restricted layer answers as a collection that never was; only the id that the request itself named may differ."""
    faults = 0
    nobody = "absent-" + "x" * 7
    for path in ("/collections/{}", "/collections/{}/items", "/collections/{}/items/1", "/xyz/{}.json", "/xyz/{}/0/0/0.mvt"):
        status, body = answer(base + path.format(collection))
        status2, body2 = answer(base + path.format(nobody))
        same = body.replace(collection.encode(), b"?") == body2.replace(nobody.encode(), b"?")
        if status != 404 or status2 != 404 or not same:
            print(f"clients: {collection}: FAILED: {path} gives {status}, a collection that never was {status2}, bodies alike: {same}")
            faults += 1
    if not faults:
        print(f"clients: {collection}: ok: absent, as it is not open")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("data", type=Path)
    parser.add_argument("--timezone", default="Europe/Paris", help="where naive date-times of the sources are (default: %(default)s)")
    parser.add_argument("--only", help="one collection")
    options = parser.parse_args()
    base, zone = options.base.rstrip("/"), ZoneInfo(options.timezone)

    expected = layers_of(options.data)
    if options.only:
        expected = [layer for layer in expected if layer.collection == options.only]
    if not any(layer.open for layer in expected):
        sys.exit(f"clients: no open layer is declared or found in {options.data}")
    service = Features(base)
    published = {c["id"] for c in json.loads(answer(base + "/collections?f=json")[1])["collections"]}
    faults = 0
    for name in sorted(published - {layer.collection for layer in expected if layer.open or layer.granted}):
        if not options.only:
            print(f"clients: {name}: FAILED: published, but no open layer of {options.data} has this id")
            faults += 1
    for layer in expected:
        if layer.granted:
            # What everybody sees of it is for keyed_check.py; here, that it is there.
            if layer.collection not in published:
                print(f"clients: {layer.collection}: FAILED: granted to everybody, and not published")
                faults += 1
        elif not layer.open:
            faults += check_absent(base, layer.collection)
        elif layer.collection not in published:
            print(f"clients: {layer.collection}: FAILED: not published")
            faults += 1
        else:
            faults += check_collection(base, service, layer, zone)
    print(f"clients: {len(expected)} layers, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
