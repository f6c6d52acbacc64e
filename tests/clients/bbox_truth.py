"""Which features of a source meet which box, by PROJ and GEOS alone: the truth of `bbox` and `bbox-crs`.

Edges are straight between vertices in the CRS of the box, as the server has them. With six numbers a feature with heights is
judged in space (points and edges exactly, an area by the range of its outline's heights), one without heights in the plane.
In degrees, and in Web Mercator, the world comes round: a feature is met from either side.
A feature without geometry, or with an empty one, meets every box (OGC 17-069r4 `/req/core/fc-bbox-response` C).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyproj
import shapely

# A box whose edge runs this near to a vertex may go either way where the vertex was reprojected: 1e-9° and what that is on the
# ground. In the storage CRS and in what differs from it by its name or axis order only, nothing is forgiven.
TOLERANCE_DEGREES = 1e-9
TOLERANCE_METRES = 1e-4
MERCATOR_WORLD = 2 * np.pi * 6378137.0
LONLAT = ("OGC:CRS84", "EPSG:4326", "EPSG:4979")

Plane = tuple[float, float, float, float]  # west, south, east, north; west > east across the antimeridian


@dataclass(frozen=True)
class Box:
    """A box as drawn, x eastward, with lowest and highest height where it has six numbers."""

    plane: Plane
    heights: tuple[float, float] | None = None
    kind: str = ""


class Frame:
    """A CRS in which boxes are asked, and the source's shapes in it."""

    def __init__(self, uri: str | None, shapes: np.ndarray, source: pyproj.CRS | None):
        self.uri = uri
        self.crs = pyproj.CRS(uri or "OGC:CRS84")
        self.north_first = self.crs.axis_info[0].direction == "north"
        self.geographic = self.crs.is_geographic
        self.exact = source is None or alike(source, self.crs)
        self.period = 360.0 if self.geographic else MERCATOR_WORLD if self.crs.to_epsg() == 3857 else None
        self.tolerance = TOLERANCE_DEGREES if self.geographic else TOLERANCE_METRES
        self.shapes = shapes if self.exact else moved(shapes, source, self.crs)
        present = ~(shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes))
        self.unlocated = set(np.flatnonzero(~present).tolist())
        self.located = np.flatnonzero(present)
        valid = present & shapely.is_valid(self.shapes)
        self.broken = {row: Broken(self.shapes[row]) for row in np.flatnonzero(present & ~valid).tolist()}
        self.tree = shapely.STRtree(np.where(valid, self.shapes, None))

    def text(self, box: Box) -> str:
        """The box as the request has it, in the authority's axis order; each number reads back as the same double."""
        west, south, east, north = box.plane
        low, high = ([south, west], [north, east]) if self.north_first else ([west, south], [east, north])
        if box.heights:
            low, high = [*low, box.heights[0]], [*high, box.heights[1]]
        return ",".join(repr(float(number)) for number in low + high)

    def meeting(self, box: Box) -> tuple[set[int], set[int]]:
        """The rows that must be in the answer, and those that may be."""
        if self.exact:
            sharp = self.rows(box, 0.0) | self.unlocated
            return sharp, sharp
        return self.rows(box, -self.tolerance) | self.unlocated, self.rows(box, self.tolerance) | self.unlocated

    def rows(self, box: Box, margin: float) -> set[int]:
        found: set[int] = set()
        for plane in self.planes(box.plane):
            west, south, east, north = np.add(plane, [-margin, -margin, margin, margin])
            if west > east or south > north:
                continue
            flat = rectangle(west, south, east, north)
            rows = self.tree.query(flat, predicate="intersects").tolist()
            rows += [row for row, shape in self.broken.items() if shape.meets(flat)]
            if box.heights:
                space = (west, south, box.heights[0]), (east, north, box.heights[1])
                rows = [row for row in rows if self.in_space(row, *space)]
            found.update(rows)
        return found

    def planes(self, plane: Plane) -> Iterator[Plane]:
        west, south, east, north = plane
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        for turn in (0.0, -1.0, 1.0) if self.period else (0.0,):
            for low, high in spans:
                yield low + turn * (self.period or 0), south, high + turn * (self.period or 0), north

    def in_space(self, row: int, low: tuple, high: tuple) -> bool:
        """Whether a shape that meets the rectangle meets it between its heights as well."""
        return any(part_in_space(part, low, high) for part in parts(self.shapes[row]))


def alike(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """True if the two differ by nothing but their names, the order of their axes and a height."""
    lonlat = [pyproj.CRS(name) for name in LONLAT] + [pyproj.CRS("OGC:CRS84h")]
    return a.equals(b, ignore_axis_order=True) or (a in lonlat and b in lonlat)


def moved(shapes: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> np.ndarray:
    """The shapes with each vertex placed by PROJ; heights stay."""
    transformer = pyproj.Transformer.from_crs(source.to_2d(), target.to_2d(), always_xy=True)

    # PROJ brings longitudes beyond 180° back; a shape drawn across the antimeridian is to stay in one piece.
    turn = MERCATOR_WORLD if source.is_geographic and target.to_epsg() == 3857 else 0.0

    def place(xyz):
        x, y = xyz[:, 0], xyz[:, 1]
        turns = np.where(np.abs(x) > 180, np.floor((x + 180) / 360), 0) if turn else 0.0
        # The poles, at infinity in Web Mercator, come out at 240,000 km, far beyond any box.
        x, y = transformer.transform(x - 360 * turns, y)
        return np.column_stack([x + turn * turns, y, *xyz.T[2:]])

    return np.array([s if s is None else shapely.transform(s, place, include_z=s.has_z) for s in shapes], dtype=object)


class Broken:
    """An invalid shape, of which GEOS knows no inside: inside of a polygon is what an odd number of its rings go around."""

    def __init__(self, shape: shapely.Geometry):
        areas = [part for part in parts(shape) if part.geom_type == "Polygon"]
        self.rings = [[shapely.Polygon(ring) for ring in (area.exterior, *area.interiors)] for area in areas]
        rest = [part for part in parts(shape) if part.geom_type != "Polygon"]
        self.outline = shapely.GeometryCollection([*rest, *(ring.exterior for rings in self.rings for ring in rings)])

    def meets(self, flat: shapely.Geometry) -> bool:
        """Whether the rectangle meets an edge or, if it does not and is thus wholly inside or outside, has a corner inside."""
        corner = shapely.Point(shapely.get_coordinates(flat)[0])
        return self.outline.intersects(flat) or any(sum(ring.contains(corner) for ring in rings) % 2 for rings in self.rings)


def parts(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from parts(part)
    elif not shape.is_empty:
        yield shape


def rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle that may have no width, no height, or neither."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def part_in_space(part: shapely.Geometry, low: tuple, high: tuple) -> bool:
    flat = rectangle(low[0], low[1], high[0], high[1])
    if not part.intersects(flat):
        return False
    if not part.has_z:
        return True
    xyz = shapely.get_coordinates(part, include_z=True)
    heights = xyz[:, 2][~np.isnan(xyz[:, 2])]
    if part.geom_type == "Polygon":
        return len(heights) == 0 or bool(heights.min() <= high[2] and low[2] <= heights.max())
    if len(xyz) == 1:
        return len(heights) == 0 or bool(low[2] <= heights[0] <= high[2])
    return any(segment_in_space(a, b, low, high) for a, b in zip(xyz[:-1].tolist(), xyz[1:].tolist(), strict=True))


def segment_in_space(a: list, b: list, low: tuple, high: tuple) -> bool:
    """Clips the segment by the six sides of the box, in fractions: exact."""
    axes = [axis for axis in range(3) if not (np.isnan(a[axis]) or np.isnan(b[axis]))]
    if any(max(a[i], b[i]) < low[i] or min(a[i], b[i]) > high[i] for i in axes):
        return False
    first, last = Fraction(0), Fraction(1)
    for i in axes:
        start, step = Fraction(a[i]), Fraction(b[i]) - Fraction(a[i])
        if step == 0:
            continue  # inside, by the test above
        enter, leave = sorted(((Fraction(float(low[i])) - start) / step, (Fraction(float(high[i])) - start) / step))
        first, last = max(first, enter), min(last, leave)
    return first <= last
