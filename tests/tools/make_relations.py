#!/usr/bin/env python3
"""Writes tests/data/relations.csv: random pairs of geometries on a small lattice, where they touch in every way, and how they relate.

Columns, separated by semicolons: two geometries in WKT, their DE-9IM matrix, the relations that hold of them as GEOS says. The matrix is
computed here with fractions, from the definitions; pairs for which GEOS has another one are left out and counted (GEOS 3.14 loses the
ends of some MultiLineStrings, and parts of some collections). Needs shapely; run it from the root of the package.
"""

import math
import random
from fractions import Fraction
from pathlib import Path

import shapely
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

TARGET = Path("tests/data/relations.csv")
PAIRS = 700
SIDE = 5
RELATIONS = ["contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within"]
# Far below the distance of any two places that the lattice makes.
NEAR = Fraction(1, 10**40)

dice = random.Random(21)


def place():
    return dice.randint(0, SIDE), dice.randint(0, SIDE)


def polygon():
    while True:
        if dice.random() < 0.6:
            shape = Polygon([place() for _ in range(dice.randint(3, 6))])
        else:
            (a, b), (c, d) = (sorted(dice.sample(range(SIDE + 1), 2)) for _ in range(2))
            hole = [(dice.randint(a, b), dice.randint(c, d)) for _ in range(3)]
            shape = Polygon(box(a, c, b, d).exterior.coords, [hole] if dice.random() < 0.5 else [])
        if shape.is_valid and shape.area > 0:
            return shape


def line():
    while True:
        vertices = [place() for _ in range(dice.choice([2, 2, 3, 4]))]
        if len(vertices) > 2 and dice.random() < 0.2:
            vertices.append(vertices[0])
        if len(set(vertices)) > 1:
            return LineString(vertices)


def polygons():
    while True:
        shape = MultiPolygon([polygon(), polygon()])
        if shape.is_valid:
            return shape


def collection():
    kinds = [lambda: Point(place()), line, polygon]
    return GeometryCollection([dice.choice(kinds)() for _ in range(dice.randint(1, 3))])


KINDS = [
    lambda: Point(place()),
    line,
    polygon,
    lambda: MultiPoint([place() for _ in range(dice.randint(1, 3))]),
    lambda: MultiLineString([line() for _ in range(dice.randint(1, 2))]),
    polygons,
    collection,
]


class Parts:
    """A geometry as points, edges of lines with their ends, and edges of polygons."""

    def __init__(self, geometry):
        self.points, self.lines, self.areas, self.ends = [], [], [], {}
        for part in shapely.get_parts([geometry]):
            self.add(part)

    def add(self, part):
        if part.geom_type == "Point":
            self.points += exact(part.coords)
        elif part.geom_type == "LineString":
            vertices = exact(part.coords)
            self.lines += edges(vertices)
            if vertices[0] != vertices[-1]:
                for end in (vertices[0], vertices[-1]):
                    self.ends[end] = self.ends.get(end, 0) + 1
        elif part.geom_type == "Polygon":
            self.areas.append([e for ring in (part.exterior, *part.interiors) for e in edges(exact(ring.coords))])
        else:
            for member in part.geoms:
                self.add(member)

    def edges(self):
        return self.lines + [e for area in self.areas for e in area]

    def holds(self, p):
        return any(is_inside(p, area) for area in self.areas)

    def location(self, p):
        rays = [(q[0] - p[0], q[1] - p[1]) for area in self.areas for e in area if is_on(p, e) for q in e if q != p]
        if rays:
            rays = sorted({(x / (abs(x) + abs(y)), y / (abs(x) + abs(y))) for x, y in rays}, key=lambda v: math.atan2(v[1], v[0]))
            around = (between(u, rays[(i + 1) % len(rays)]) for i, u in enumerate(rays))
            return 0 if all(self.holds((p[0] + x * NEAR, p[1] + y * NEAR)) for x, y in around) else 1
        if self.holds(p):
            return 0
        if any(is_on(p, e) for e in self.lines):
            return self.ends.get(p, 0) % 2
        return 0 if p in self.points else 2


def exact(coords):
    return [(Fraction(x), Fraction(y)) for x, y in coords]


def edges(vertices):
    return [(a, b) for a, b in zip(vertices, vertices[1:]) if a != b]


def turn(a, b, p):
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def is_on(p, e):
    inside = all(min(e[0][i], e[1][i]) <= p[i] <= max(e[0][i], e[1][i]) for i in (0, 1))
    return inside and turn(*e, p) == 0


def is_inside(p, area):
    odd = False
    for a, b in area:
        if (a[1] > p[1]) != (b[1] > p[1]):
            odd ^= a[0] + (p[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) > p[0]
    return odd


def between(u, v):
    """A direction from u counterclockwise towards v."""
    cross = u[0] * v[1] - u[1] * v[0]
    if cross == 0:
        return (-u[1], u[0]) if u != v else (-u[0], -u[1])
    sign = 1 if cross > 0 else -1
    return sign * (u[0] + v[0]) / 2, sign * (u[1] + v[1]) / 2


def common(e, f):
    """Ends in common, ends on the other, and the crossing of two edges."""
    found = [p for p in f if is_on(p, e)] + [p for p in e if is_on(p, f)]
    c, d = turn(*f, e[0]), turn(*f, e[1])
    if turn(*e, f[0]) * turn(*e, f[1]) < 0 and c * d < 0:
        found.append(tuple(e[0][i] + c / (c - d) * (e[1][i] - e[0][i]) for i in (0, 1)))
    return found


def matrix(first, second):
    """Every place, stretch of an edge and face between edges is looked at."""
    a, b = Parts(first), Parts(second)
    cells = [[-1] * 3 for _ in range(3)]
    cells[2][2] = 2

    def look(p, dimension):
        where = [(0 if g.holds(p) else 2) if dimension == 2 else g.location(p) for g in (a, b)]
        cells[where[0]][where[1]] = max(cells[where[0]][where[1]], dimension)

    everything, dots = a.edges() + b.edges(), a.points + b.points
    for e in everything:
        places = {*e, *(p for f in everything for p in common(e, f)), *(p for p in dots if is_on(p, e))}
        ordered = sorted(places, key=lambda p: sum((p[i] - e[0][i]) * (e[1][i] - e[0][i]) for i in (0, 1)))
        for p in ordered:
            look(p, 0)
        for p, q in zip(ordered, ordered[1:]):
            middle = ((p[0] + q[0]) / 2, (p[1] + q[1]) / 2)
            look(middle, 1)
            for side in (NEAR, -NEAR):
                look((middle[0] + side * (e[0][1] - e[1][1]), middle[1] + side * (e[1][0] - e[0][0])), 2)
    for p in dots:
        look(p, 0)
        look((p[0] + NEAR, p[1] + NEAR / 3), 2)
    return "".join("F" if cell < 0 else str(cell) for row in cells for cell in row)


def main():
    lines, left_out = ["first;second;matrix;relations"], 0
    while len(lines) <= PAIRS:
        first, second = dice.choice(KINDS)(), dice.choice(KINDS)()
        found = matrix(first, second)
        if found != shapely.relate(first, second):
            left_out += 1
            continue
        relations = " ".join(name for name in RELATIONS if getattr(shapely, name)(first, second))
        lines.append(";".join([shapely.to_wkt(first), shapely.to_wkt(second), found, relations]))
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{PAIRS} pairs, {left_out} left out; GEOS {shapely.geos_version_string}")


if __name__ == "__main__":
    main()
