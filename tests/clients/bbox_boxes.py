"""Boxes for `bbox_check.py`: of very different sizes, and laid on purpose where an answer is easily wrong."""

import math
import random
from collections.abc import Callable, Iterator

import numpy as np
import shapely
from bbox_truth import Box, Frame, Plane, parts


MERCATOR_TOP = 2.7e7  # metres


class Boxes:
    """Draws boxes in a frame; the same dice give the same boxes."""

    def __init__(self, frame: Frame, dice: random.Random):
        self.frame, self.dice = frame, dice
        self.bounds: Plane = tuple(shapely.total_bounds(frame.shapes[frame.located]).tolist())
        west, south, east, north = self.bounds
        if frame.crs.to_epsg() == 3857:
            # Up to 88°: boxes at the poles, at infinity, would be all that is drawn.
            south, north = max(south, -MERCATOR_TOP), min(north, MERCATOR_TOP)
            self.bounds = west, south, east, north
        # A layer of one point has no size of its own.
        self.size = max(east - west, north - south) or 0.01
        self.areas = [row for row in frame.located if shapely.get_dimensions(frame.shapes[row]) == 2]
        polygons = [part for row in self.areas for part in parts(frame.shapes[row]) if part.geom_type == "Polygon"]
        self.holes = [hole for polygon in polygons for hole in polygon.interiors]
        self.kinds: dict[str, tuple[int, Callable[[], Plane]]] = {
            "any size": (70, self.any_size),
            "at a vertex": (24, self.at_vertex),
            "beside a vertex": (16, self.beside_vertex),
            "at an edge": (16, self.at_edge),
            "thin": (12, self.thin),
            "a point": (12, self.point),
            "inside": (16 if self.areas else 0, self.inside),
            "in a hole": (16 if self.holes else 0, self.in_hole),
            "outside": (6, self.outside),
            "whole": (3, self.whole),
            "across 180°": (16 if frame.geographic else 0, self.across),
        }

    def draw(self, share: float, heights: bool) -> Iterator[Box]:
        """About `share` × 200 boxes, at least one of each kind that the frame allows; with `heights` a third of six numbers."""
        for kind, (count, draw) in self.kinds.items():
            for _ in range(max(1, round(count * share)) if count else 0):
                plane = self.allowed(draw())
                tall = self.heights() if self.dice.random() < (0.4 if heights else 0.04) else None
                yield Box(plane, tall, kind)

    def allowed(self, plane: Plane) -> Plane:
        """The box within the degrees that a request may name."""
        if not self.frame.geographic:
            return plane
        west, south, east, north = plane
        west, east = (min(max(x, -180.0), 180.0) for x in (west, east))
        south, north = (min(max(y, -90.0), 90.0) for y in (south, north))
        return west, south, east, north

    def shape(self) -> shapely.Geometry:
        return self.frame.shapes[self.dice.choice(self.frame.located)]

    def vertex(self) -> tuple[float, float]:
        return tuple(self.dice.choice(shapely.get_coordinates(self.shape()).tolist()))

    def length(self, least: float = 1e-6, most: float = 1.0) -> float:
        """A length between fractions of the layer's size, all magnitudes alike."""
        return self.size * math.exp(self.dice.uniform(math.log(least), math.log(most)))

    def any_size(self) -> Plane:
        west, south, east, north = self.bounds
        x, y = self.vertex()
        if self.dice.random() < 0.5:
            x, y = self.dice.uniform(west, east), self.dice.uniform(south, north)
        x, y = x + self.dice.gauss(0, 0.01) * self.size, y + self.dice.gauss(0, 0.01) * self.size
        half_x, half_y = self.length(most=0.4), self.length(most=0.4)
        return x - half_x, y - half_y, x + half_x, y + half_y

    def corner(self, x: float, y: float) -> Plane:
        """A box with one corner there."""
        a, b = self.length(most=0.1) * self.dice.choice((-1, 1)), self.length(most=0.1) * self.dice.choice((-1, 1))
        return min(x, x + a), min(y, y + b), max(x, x + a), max(y, y + b)

    def at_vertex(self) -> Plane:
        if self.dice.random() < 0.5:
            return self.corner(*self.vertex())
        return self.beyond(0)

    def beside_vertex(self) -> Plane:
        """A box that stops at the double before a shape's outermost vertex."""
        return self.beyond(1)

    def beyond(self, steps: int) -> Plane:
        """A box that touches the bounds of a shape from without, or stays that many doubles away from them."""
        west, south, east, north = self.shape().bounds
        width, height = self.length(most=0.1), self.length(most=0.1)
        side = self.dice.choice("wsen")
        if side in "we":
            edge = away(west if side == "w" else east, -math.inf if side == "w" else math.inf, steps)
            low, high = (edge - width, edge) if side == "w" else (edge, edge + width)
            return low, south - height, high, north + height
        edge = away(south if side == "s" else north, -math.inf if side == "s" else math.inf, steps)
        low, high = (edge - height, edge) if side == "s" else (edge, edge + height)
        return west - width, low, east + width, high

    def at_edge(self) -> Plane:
        """A box with a corner on the middle of an edge, as near as doubles come to it."""
        lines = [np.asarray(line) for line in outlines(self.shape())]
        line = self.dice.choice([line for line in lines if len(line) > 1] or lines)
        i = self.dice.randrange(max(1, len(line) - 1))
        x, y = (line[i] + line[min(i + 1, len(line) - 1)]).tolist()
        return self.corner(x / 2, y / 2)

    def thin(self) -> Plane:
        """A box without width or without height."""
        west, south, east, north = self.any_size() if self.dice.random() < 0.5 else self.corner(*self.vertex())
        return (west, south, west, north) if self.dice.random() < 0.5 else (west, south, east, south)

    def point(self) -> Plane:
        shape = self.shape()
        inner = shapely.point_on_surface(shape).coords[0] if self.dice.random() < 0.5 else self.vertex()
        return (*inner[:2], *inner[:2])

    def around(self, x: float, y: float, half: float) -> Plane:
        return x - half, y - half, x + half, y + half

    def inside(self) -> Plane:
        shape = self.frame.shapes[self.dice.choice(self.areas)]
        return self.around(*shapely.point_on_surface(shape).coords[0][:2], self.length(1e-9, 1e-5))

    def in_hole(self) -> Plane:
        hole = shapely.Polygon(self.dice.choice(self.holes))
        place = shapely.point_on_surface(hole)
        # Half the distance to the hole's edge at most: a square of this half width stays inside.
        return self.around(*place.coords[0][:2], place.distance(hole.exterior) * self.dice.choice((1e-3, 0.1, 0.5)))

    def outside(self) -> Plane:
        west, south, east, north = self.bounds
        gap, width = self.length(1e-3, 0.3), self.length(1e-3, 0.3)
        return self.dice.choice(
            (
                (west - gap - width, south, west - gap, north),
                (east + gap, south, east + gap + width, north),
                (west, north + gap, east, north + gap + width),
                (west, south - gap - width, east, south - gap),
            )
        )

    def whole(self) -> Plane:
        """The bounds to the last digit, or the world."""
        if self.frame.geographic and self.dice.random() < 0.5:
            return -180.0, -90.0, 180.0, 90.0
        return self.bounds

    def across(self) -> Plane:
        """West of it lies east of it: it goes the other way round the world."""
        _, south, _, north = self.any_size()
        a, b = sorted((self.allowed(self.any_size())[0], self.dice.uniform(-180, 180)))
        if self.dice.random() < 0.4:
            a, b = self.dice.uniform(-180, -165), self.dice.uniform(165, 180)
        return (b, south, a, north) if a < b else (b, south, b, north)

    def heights(self) -> tuple[float, float]:
        shape = self.shape()
        z = shapely.get_coordinates(shape, include_z=True)[:, 2] if shape.has_z else np.array([np.nan])
        middle = float(self.dice.choice(z.tolist()))
        middle = 0.0 if math.isnan(middle) else middle
        low = middle if self.dice.random() < 0.3 else middle + self.dice.gauss(0, 50)
        return low, low + self.dice.choice((0.0, 1.0, 30.0, 1000.0))


def outlines(shape: shapely.Geometry) -> list:
    """The vertices of each point, line and ring, without heights."""
    found = []
    for part in parts(shapely.force_2d(shape)):
        found += [ring.coords for ring in (part.exterior, *part.interiors)] if part.geom_type == "Polygon" else [part.coords]
    return found


def away(x: float, towards: float, steps: int) -> float:
    for _ in range(steps):
        x = math.nextafter(x, towards)
    return x
