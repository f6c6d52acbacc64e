#!/usr/bin/env python3
"""Layers with heights, read whole by GDAL and OWSLib.

    heights_check.py --bin target/release/guichet

A folder of files is served without a configuration: the demonstration's pipes, and points and areas made here in degrees and in
Lambert-93 (FlatGeobuf, GeoPackage, GeoJSON). Each must come back as `read_whole.py` has it (storage CRS bit for bit,
heights included), have CRS84h as its default and say so in `Content-Crs`.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyogrio
import pyproj
import shapely
from layers import Layer, layers_of
from owslib.ogcapi.features import Features
from read_whole import CRS84H, check_collection
from server import running

OWN = Path(__file__).resolve().parents[2] / "data" / "canalisations.fgb"
POINTS = 300


def write_made(folder: Path) -> None:
    """Points and areas with heights in degrees and in Lambert-93; some ordinates need all digits of a double."""
    dice = np.random.default_rng(11)
    places = np.column_stack([dice.uniform(4.5, 7.5, POINTS), dice.uniform(43, 45, POINTS), dice.uniform(-30, 4000, POINTS)])
    places[::7, 2] = 0.0
    to_lambert = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:2154", always_xy=True)
    for crs, metres, xyz in (
        ("EPSG:4326", 1e-5, places),
        ("EPSG:2154", 1.0, np.column_stack([*to_lambert.transform(places[:, 0], places[:, 1]), places[:, 2]])),
    ):
        corners = np.array([[0, 0, 0], [30, 0, 1.1], [30, 20, 2.2], [0, 20, 3.3], [0, 0, 0]]) * [metres, metres, 1]
        shapes = {"Point Z": shapely.points(xyz), "Polygon Z": shapely.polygons(xyz[:, None, :] + corners)}
        for kind, geometries in shapes.items():
            name = f"{kind[:-2].lower()}s-{crs[5:]}"
            for driver, suffix in (("FlatGeobuf", "fgb"), ("GPKG", "gpkg")):
                pyogrio.raw.write(
                    folder / f"{name}-{suffix}.{suffix}", shapely.to_wkb(geometries, output_dimension=3),
                    [np.arange(1, POINTS + 1, dtype="int64"), np.round(places[:, 2], 2)], ["numero", "altitude"],
                    geometry_type=kind, crs=crs, driver=driver, layer=name,
                )  # fmt: skip
    features = [
        {"type": "Feature", "id": f"p{i}", "properties": {"ref": f"p{i}"}, "geometry": {"type": "Point", "coordinates": place}}
        for i, place in enumerate(places.tolist())
    ]
    (folder / "points-crs84.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def check_default(base: str, layer: Layer) -> int:
    """The default is CRS84h, first of the list, and the answer without `crs` says so."""
    url = f"{base}/collections/{layer.collection}"
    with urllib.request.urlopen(f"{url}?f=json", timeout=30) as answer:
        about = json.load(answer)
    with urllib.request.urlopen(f"{url}/items?f=json&limit=1", timeout=30) as answer:
        content_crs = answer.headers.get("Content-Crs")
        sizes = {len(position) for f in json.load(answer)["features"] for position in positions(f["geometry"]["coordinates"])}
    faults = []
    if about["crs"][0] != CRS84H:
        faults.append(f"{about['crs'][0]} is the first of its CRS")
    if about["storageCrs"] not in about["crs"]:
        faults.append(f"storageCrs {about['storageCrs']} is not offered")
    if content_crs != f"<{CRS84H}>":
        faults.append(f"Content-Crs is {content_crs}")
    if sizes != {3}:
        faults.append(f"positions of {sizes} numbers")
    print(f"clients: heights: {layer.collection}: {'FAILED: ' + '; '.join(faults) if faults else 'ok: CRS84h is the default'}")
    return len(faults)


def positions(coordinates: list) -> list[list[float]]:
    return [coordinates] if not isinstance(coordinates[0], list) else [p for part in coordinates for p in positions(part)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guichet-heights-") as made:
        folder = Path(made) / "layers"
        folder.mkdir()
        write_made(folder)
        shutil.copyfile(OWN, folder / OWN.name)
        # Without a configuration the server keeps its state in the user's cache.
        os.environ["XDG_CACHE_HOME"] = made
        with running(options.bin, str(folder), log=Path(made) / "server.log") as base:
            service, faults = Features(base), 0
            layers = layers_of(folder)
            for layer in layers:
                faults += check_default(base, layer)
                faults += check_collection(base, service, layer, ZoneInfo("Europe/Paris"))
    print(f"clients: heights: {len(layers)} layers, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
