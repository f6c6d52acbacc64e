"""Which features of a source touch which tile, by PROJ and GEOS alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import shapely
from rows import Row, rows_of_file

EXTENT = 4096
MERCATOR = 20037508.342789244  # half the side of the Web Mercator square in metres
# A vertex is first rounded to the world grid, then to the tile's; simplification moves a border by no more than a unit at the
# layer's largest zoom. What is nearer than this to the edge of a tile's buffer may be in the tile or not.
TOLERANCE = 1.0


@dataclass
class Touching:
    """For each tile asked: the features that must be in it and those that may be (indices into the source's rows)."""

    must: list[set[int]]
    may: list[set[int]]


class Truth:
    """A source's rows with their shapes on the unit square of Web Mercator, y southward."""

    def __init__(self, path: Path, inner: str | None = None):
        rows, crs = rows_of_file(path, inner)
        self.rows: list[Row] = rows
        # The server joins projected vertices by straight lines; so does this.
        transformer = pyproj.Transformer.from_crs(crs, "EPSG:3857", always_xy=True)

        def project(xy):
            x, y = transformer.transform(xy[:, 0], xy[:, 1])
            return np.column_stack([(x + MERCATOR) / (2 * MERCATOR), (MERCATOR - y) / (2 * MERCATOR)])

        flat = [None if row.geometry is None else shapely.transform(shapely.force_2d(row.geometry), project) for row in rows]
        shapes = np.array(flat, dtype=object)
        broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
        shapes[broken] = shapely.make_valid(shapes[broken])
        self.shapes = shapes
        self.repaired = int(broken.sum())

    def tiles(self, zoom: int, buffer: int) -> list[tuple[int, int]]:
        """The tiles that the layer's bounds touch, with the buffer."""
        n, margin = 1 << zoom, (buffer + TOLERANCE) / EXTENT
        west, north, east, south = shapely.total_bounds(self.shapes) * n
        columns = range(max(0, int(west - margin)), min(n - 1, int(east + margin)) + 1)
        lines = range(max(0, int(north - margin)), min(n - 1, int(south + margin)) + 1)
        return [(x, y) for y in lines for x in columns]

    def tiles_near(self, zoom: int, buffer: int) -> list[tuple[int, int]]:
        """The tiles near each shape, for shapes spread thinly; the next tile is among them where a shape lies just outside."""
        n, margin = 1 << zoom, 2 * (buffer + TOLERANCE) / EXTENT
        boxes = shapely.bounds(self.shapes[~shapely.is_missing(self.shapes)]) * n + [-margin, -margin, margin, margin]
        low = np.clip(np.floor(boxes[:, :2]).astype(int), 0, n - 1).tolist()
        high = np.clip(np.floor(boxes[:, 2:]).astype(int), 0, n - 1).tolist()
        pairs = zip(low, high, strict=True)
        return sorted({(x, y) for (x0, y0), (x1, y1) in pairs for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)})

    def touching(self, zoom: int, tiles: list[tuple[int, int]], buffer: int) -> Touching:
        """Compares all shapes with the buffered boxes of `tiles`."""
        scale = float(EXTENT << zoom)
        scaled = shapely.transform(self.shapes, lambda xy: xy * scale)
        dimension = shapely.get_dimensions(scaled)
        # An area thinner than two units may vanish on the grid, as may a line shorter than that.
        solid = scaled.copy()
        areas = dimension == 2
        solid[areas] = shapely.buffer(scaled[areas], -TOLERANCE, quad_segs=2)
        short = (dimension == 1) & (shapely.length(scaled) < 2 * TOLERANCE)
        solid[short] = None
        corners = np.array(tiles, dtype=float) * EXTENT
        return Touching(
            must=overlaps(solid, corners, buffer - TOLERANCE),
            may=overlaps(scaled, corners, buffer + TOLERANCE),
        )


def overlaps(shapes: np.ndarray, corners: np.ndarray, margin: float) -> list[set[int]]:
    low, high = corners - margin, corners + EXTENT + margin
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    found: list[set[int]] = [set() for _ in corners]
    for tile, shape in shapely.STRtree(shapes).query(boxes, predicate="intersects").T.tolist():
        found[tile].add(shape)
    return found
