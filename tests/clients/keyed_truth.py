#!/usr/bin/env python3
"""What each caller must see of the layers of keyed_world.py, worked out by GEOS and PROJ from the source rows and the words of the grants.

    keyed_truth.py FOLDER       prints it as JSON, for checks that run where shapely and pyproj are missing
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pyproj
import shapely
from keyed_world import CELLS, CLIPPED, GRID_M, MASKED, MIN_COUNT, OPEN

EXACT = 0.0
# Degrees, a decimetre: the grid on which shapes are cut has units of a centimetre, and where two sides cross at a slant their crossing
# moves by several.
CUT = 1e-6
# Degrees: the sides of a cell are curves in longitude and latitude, drawn with some vertices.
CURVED = 1e-6
LADDER_M = (1000, 5000, 10_000)
TO_MERCATOR = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
TO_GRID = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3035", always_xy=True)


@dataclass(frozen=True)
class Seen:
    """A row as somebody must see it."""

    values: dict
    shape: shapely.Geometry
    tolerance: float  # degrees, by which the shape may be off


def mapped(shape: shapely.Geometry, transform) -> shapely.Geometry:
    def place(xy):
        xy = xy.copy()
        xy[:, 0], xy[:, 1] = transform(xy[:, 0], xy[:, 1])
        return xy

    return shapely.transform(shape, place)


def to_mercator(shape):
    return mapped(shape, TO_MERCATOR.transform)


def from_mercator(shape):
    return mapped(shape, lambda x, y: TO_MERCATOR.transform(x, y, direction="INVERSE"))


def source(folder: Path, layer: str) -> list[tuple[dict, shapely.Geometry]]:
    features = json.loads((folder / f"{layer.partition('.')[2]}.geojson").read_text("utf-8"))["features"]
    return [(f["properties"], shapely.from_geojson(json.dumps(f["geometry"]))) for f in features]


def whole(folder: Path, layer: str) -> dict:
    key = "nom" if layer == "ville.quartiers" else "id"
    return {values[key]: Seen(values, shape, EXACT) for values, shape in source(folder, layer)}


def clipped(folder: Path) -> dict:
    """Inside the district, as it is; across its border, what lies inside, and no area; without owners."""
    area = next(shape for values, shape in source(folder, "ville.quartiers") if values["nom"] == "Est")
    area = to_mercator(area)
    seen = {}
    for values, shape in source(folder, CLIPPED):
        kept = {"id": values["id"], "section": values["section"], "surface_m2": values["surface_m2"]}
        flat = to_mercator(shape)
        if area.covers(flat):
            seen[values["id"]] = Seen(kept, shape, EXACT)
            continue
        rest = area.intersection(flat)
        if rest.area > 0:
            seen[values["id"]] = Seen(kept | {"surface_m2": None}, from_mercator(rest), CUT)
    return seen


def masked(folder: Path) -> dict:
    """Two grants: rows for everybody without the value, rows for partners with it; internal ones are for nobody."""
    seen = {}
    for values, shape in source(folder, MASKED):
        kept = {"id": values["id"], "mesure": values["mesure"]}
        match values["diffusion"]:
            case "publique":
                seen[values["id"]] = Seen(kept | {"valeur": None}, shape, EXACT)
            case "partenaire":
                seen[values["id"]] = Seen(kept | {"valeur": values["valeur"]}, shape, EXACT)
    return seen


def cells(folder: Path) -> dict:
    """Squares of 1 km with 11 rows and more; what lies in others is counted in squares of 5 km, then of 10 km, then not at all."""
    left = []
    for values, shape in source(folder, CELLS):
        east, north = TO_GRID.transform(shape.x, shape.y)
        left.append((east, north, values["effectif"]))
    assert LADDER_M[0] == GRID_M
    seen = {}
    for size in LADDER_M:
        squares = defaultdict(list)
        for row in left:
            squares[(int(row[0] // size) * size, int(row[1] // size) * size)].append(row)
        left = []
        for (east, north), members in squares.items():
            if len(members) < MIN_COUNT:
                left += members
                continue
            name = f"CRS3035RES{size}mN{north}E{east}"
            outline = shapely.segmentize(shapely.box(east, north, east + size, north + size), 50)
            outline = mapped(outline, lambda x, y: TO_GRID.transform(x, y, direction="INVERSE"))
            values = {"cell": name, "count": len(members), "sum_effectif": sum(m[2] for m in members)}
            seen[name] = Seen(values, outline, CURVED)
    return seen


def anonymous(folder: Path) -> dict[str, dict]:
    return {layer: whole(folder, layer) for layer in OPEN} | {CELLS: cells(folder)}


def granted(folder: Path) -> dict[str, dict]:
    """What keys of `eau` see."""
    return anonymous(folder) | {CLIPPED: clipped(folder), MASKED: masked(folder)}


def off_by(want: shapely.Geometry, got: shapely.Geometry, tolerance: float) -> float:
    """How far a shape is from another in degrees; where they must be equal, the largest difference of an ordinate."""
    if got is None or got.is_empty or got.geom_type.removeprefix("Multi") != want.geom_type.removeprefix("Multi"):
        return float("inf")
    if tolerance == EXACT:
        a, b = shapely.normalize(want), shapely.normalize(got)
        if a.geom_type != b.geom_type or shapely.get_num_coordinates(a) != shapely.get_num_coordinates(b):
            return float("inf")
        return float(abs(shapely.get_coordinates(a) - shapely.get_coordinates(b)).max())
    # Both ways: neither may reach beyond the other.
    return max(shapely.hausdorff_distance(want, got), shapely.hausdorff_distance(want.boundary, got.boundary))


def faults_of(want: dict, got: list[tuple[dict, shapely.Geometry]], key: str) -> list[str]:
    """What is wrong with the rows that a client has: missing, too many, other values, more attributes, other shapes."""
    faults = []
    if len(got) != len(want):
        faults.append(f"{len(got)} rows instead of {len(want)}")
    by_key = {values.get(key): (values, shape) for values, shape in got}
    faults += [f"{name!r} is nobody's to see" for name in by_key.keys() - want.keys()][:5]
    for name, seen in want.items():
        if name not in by_key:
            faults.append(f"{name!r} is missing")
            continue
        values, shape = by_key[name]
        # A client may have an item's id beside, and may have left a null out.
        more = values.keys() - seen.values.keys() - {"id", "fid"}
        if more or any(values.get(n) != v for n, v in seen.values.items()):
            faults.append(f"{name!r}: {values} instead of {seen.values}")
        distance = off_by(seen.shape, shape, seen.tolerance)
        if distance > seen.tolerance:
            faults.append(f"{name!r}: the shape is off by {distance:.3g}°")
    return faults


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])

    def written(views: dict[str, dict]) -> dict:
        def of(seen: Seen) -> dict:
            return {"values": seen.values, "wkt": seen.shape.wkt, "tolerance": seen.tolerance}

        return {layer: {str(name): of(seen) for name, seen in rows.items()} for layer, rows in views.items()}

    print(json.dumps({"anonymous": written(anonymous(folder)), "granted": written(granted(folder))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
