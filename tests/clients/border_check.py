#!/usr/bin/env python3
"""A Lambert-93 layer loses nothing at the borders of its tiles.

    border_check.py --bin target/release/guichet
    border_check.py --write DIR            (only writes the layers)
    border_check.py --base URL --folder DIR   (a running server that publishes what --write wrote)

A tile's box is straight in Web Mercator and bent in a projected source, so a server that looks rows up with a box transformed
by its corners loses rows near the edges. For several zooms, points and lines are put on, just inside and just outside of the
edges and corners of tiles and of their buffers, all over metropolitan France, and written in EPSG:2154. Each must then be in
exactly the tiles that it touches.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely
from server import running
from tiles_check import check_tiles
from truth import EXTENT, MERCATOR

ZOOMS = (5, 8, 11, 14)
TILES = 60  # drawn at each zoom
ACROSS = (-80, -66, -64, -62, -40, -16, -2, 0, 2, 16, 40, 62, 64, 66, 80)  # distances from an edge, in tile units
FRANCE = (-4.8, 42.3, 8.2, 51.1)
BUFFER = 64


def layer_name(kind: str, zoom: int) -> str:
    return f"l93-{kind}-z{zoom}"


def borders(zoom: int, dice: random.Random) -> Iterator[tuple[float, float]]:
    """Places near tile edges and corners, as fractions of the Web Mercator square."""
    to_mercator = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
    n = 1 << zoom
    for _ in range(TILES):
        x, y = to_mercator.transform(dice.uniform(FRANCE[0], FRANCE[2]), dice.uniform(FRANCE[1], FRANCE[3]))
        column, line = int((x + MERCATOR) / (2 * MERCATOR) * n), int((MERCATOR - y) / (2 * MERCATOR) * n)
        for edge in "nwc":
            across, along = dice.choice(ACROSS) / EXTENT, dice.random()
            if edge == "n":
                yield (column + along) / n, (line + across) / n
            elif edge == "w":
                yield (column + across) / n, (line + along) / n
            else:
                yield (column + across) / n, (line + dice.choice(ACROSS) / EXTENT) / n


def write(folder: Path) -> None:
    """One FlatGeobuf file of points and one of lines for each zoom."""
    to_lambert = pyproj.Transformer.from_crs("EPSG:3857", "EPSG:2154", always_xy=True)

    def lambert(places: list[tuple[float, float]]) -> np.ndarray:
        xy = np.array(places)
        return np.column_stack(to_lambert.transform(xy[:, 0] * 2 * MERCATOR - MERCATOR, MERCATOR - xy[:, 1] * 2 * MERCATOR))

    for zoom in ZOOMS:
        dice = random.Random(zoom)
        unit = 1 / (EXTENT << zoom)
        starts = list(borders(zoom, dice))
        ends = [(x + dice.uniform(-200, 200) * unit, y + dice.uniform(-200, 200) * unit) for x, y in starts]
        shapes = {
            "points": shapely.points(lambert(starts)),
            "lines": shapely.linestrings(np.stack([lambert(starts), lambert(ends)], axis=1)),
        }
        for kind, geometries in shapes.items():
            name = layer_name(kind, zoom)
            pyogrio.raw.write(
                folder / f"{name}.fgb", shapely.to_wkb(geometries), [np.arange(1, len(starts) + 1, dtype="int64")], ["numero"],
                geometry_type="Point" if kind == "points" else "LineString", crs="EPSG:2154", driver="FlatGeobuf", layer=name,
            )  # fmt: skip
    entries = [
        f'[[layer]]\nid = "{name}"\nsource = "{name}.fgb"\naccess = "open"\ntitle = "{name}"\nfeature_id = "numero"\n'
        f"tiles = {{ min_zoom = 0, max_zoom = 14 }}\n"
        for name in (layer_name(kind, zoom) for zoom in ZOOMS for kind in ("points", "lines"))
    ]
    (folder / "guichet.toml").write_text('[platform]\ntitle = "Borders"\n\n' + "\n".join(entries), "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--base")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if sum(map(bool, (options.bin, options.write, options.base and options.folder))) != 1:
        parser.error("give one of --bin, --write, or --base with --folder")
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        write(options.write)
        return 0

    with ExitStack() as stack:
        if options.bin:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-borders-")))
            write(folder)
            base = stack.enter_context(
                running(options.bin, "--config", str(folder / "guichet.toml"), log=folder / "server.log")
            )
        else:
            folder, base = options.folder, options.base.rstrip("/")
        faults = 0
        for zoom in ZOOMS:
            for kind in ("points", "lines"):
                name = layer_name(kind, zoom)
                zooms = range(zoom, zoom + 1)
                faults += check_tiles(base, name, folder / f"{name}.fgb", key="numero", zooms=zooms, buffer=BUFFER, sparse=True)
    print(f"clients: borders: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
