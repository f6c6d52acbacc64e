"""Relations of geometries by their definition (OGC 06-103r4 §6.1.15), in rational numbers: slow, and exact.

GEOS computes where lines cross in doubles. Where a line crosses itself, or a ring touches its own polygon,
    in a place that no double
has, it can be wrong about what else runs through there; then this judges. All edges of both geometries are cut where they meet. Of
each vertex, each piece of an edge and each face between them, one point tells whether it is inside of, on the boundary of,
    or outside
of either geometry.
"""

from fractions import Fraction
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

Point = tuple[Fraction, Fraction]
INSIDE, BOUNDARY, OUTSIDE = range(3)


class Shape:
    """A geometry taken apart: areas as lists of rings, lines, points."""

    def __init__(self, geometry: BaseGeometry):
        self.areas: list[list[list[Point]]] = []
        self.lines: list[list[Point]] = []
        self.points: set[Point] = set()
        self.add(geometry)
        self.dimension = 2 if self.areas else 1 if self.lines else 0
        ends = [end for line in self.lines for end in (line[0], line[-1])]
        # An end of an odd number of lines is their boundary.
        self.line_ends = {end for end in ends if ends.count(end) % 2}

    def add(self, geometry: BaseGeometry) -> None:
        match geometry.geom_type:
            case _ if geometry.is_empty:
                pass
            case "Point":
                self.points |= set(exact(geometry))
            case "LineString":
                self.lines.append(exact(geometry))
            case "Polygon":
                self.areas.append([exact(ring) for ring in (geometry.exterior, *geometry.interiors)])
            case _:
                for part in geometry.geoms:
                    self.add(part)

    def edges(self) -> list[tuple[Point, Point]]:
        chains = [*self.lines, *(ring for rings in self.areas for ring in rings)]
        return [(a, b) for chain in chains for a, b in zip(chain, chain[1:], strict=False) if a != b]

    def covers(self, p: Point) -> bool:
        """Is a point that lies on no edge inside of an area?"""
        return any(sum(crossings(ring, p) for ring in rings) % 2 for rings in self.areas)


def exact(geometry: BaseGeometry) -> list[Point]:
    return [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(geometry).tolist()]


def crossings(ring: list[Point], p: Point) -> int:
    """Edges of a ring that a ray to the east of the point crosses."""
    count = 0
    for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
        if (ay > p[1]) != (by > p[1]) and ax + (p[1] - ay) * (bx - ax) / (by - ay) > p[0]:
            count += 1
    return count


def cross(u: Point, v: Point) -> Fraction:
    return u[0] * v[1] - u[1] * v[0]


def minus(a: Point, b: Point) -> Point:
    return a[0] - b[0], a[1] - b[1]


def on(edge: tuple[Point, Point], p: Point) -> bool:
    a, b = edge
    return (
        cross(minus(b, a), minus(p, a)) == 0
        and min(a[0], b[0]) <= p[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    )


def meetings(e: tuple[Point, Point], f: tuple[Point, Point]) -> list[Point]:
    """Where two edges have to be cut."""
    d, g = minus(e[1], e[0]), minus(f[1], f[0])
    turn = cross(d, g)
    if turn == 0:
        return [p for p in (*e, *f) if on(e, p) and on(f, p)]
    t = cross(minus(f[0], e[0]), g) / turn
    p = (e[0][0] + t * d[0], e[0][1] + t * d[1])
    return [p] if 0 <= t <= 1 and on(f, p) else []


class Arrangement:
    """All edges of two geometries, cut where they meet."""

    def __init__(self, shapes: tuple[Shape, Shape]):
        self.edges = list(dict.fromkeys(edge for shape in shapes for edge in shape.edges()))
        cuts: dict[tuple[Point, Point], set[Point]] = {edge: set(edge) for edge in self.edges}
        for e, f in combinations(self.edges, 2):
            for p in meetings(e, f):
                cuts[e].add(p)
                cuts[f].add(p)
        for p in set().union(*(shape.points for shape in shapes)):
            for edge in self.edges:
                if on(edge, p):
                    cuts[edge].add(p)
        self.pieces: set[tuple[Point, Point]] = set()
        for points in cuts.values():
            along = sorted(points)
            self.pieces |= set(zip(along, along[1:], strict=False))
        self.nodes = set().union(*(shape.points for shape in shapes), *self.pieces)
        self.directions: dict[Point, list[Point]] = {node: [] for node in self.nodes}
        for a, b in self.pieces:
            self.directions[a].append(minus(b, a))
            self.directions[b].append(minus(a, b))

    def around(self, p: Point, directions: list[Point]) -> list[Point]:
        """A point in each face that meets at a place, given the edges that leave it; the place itself if there are none."""
        if not directions:
            return [p]
        turned = sorted(directions, key=Turn)
        found = []
        for u, v in zip(turned, turned[1:] + turned[:1], strict=True):
            if len(turned) > 1 and cross(u, v) > 0:
                sizes = (abs(u[0]) + abs(u[1]), abs(v[0]) + abs(v[1]))
                way = (u[0] / sizes[0] + v[0] / sizes[1], u[1] / sizes[0] + v[1] / sizes[1])
            else:
                # Half a turn or more: a right angle stays within.
                way = (-u[1], u[0])
            found.append(self.ahead(p, way))
        return found

    def ahead(self, p: Point, way: Point) -> Point:
        """Half the way to the next edge."""
        nearest = None
        for a, b in self.edges:
            d = minus(b, a)
            turn = cross(way, d)
            if turn == 0:
                continue
            t, s = cross(minus(a, p), d) / turn, cross(minus(a, p), way) / turn
            if t > 0 and 0 <= s <= 1 and (nearest is None or t < nearest):
                nearest = t
        step = Fraction(1) if nearest is None else nearest / 2
        return p[0] + way[0] * step, p[1] + way[1] * step


class Turn:
    """Orders directions by their angle."""

    def __init__(self, way: Point):
        self.way, self.half = way, way[1] < 0 or (way[1] == 0 and way[0] < 0)

    def __lt__(self, other: "Turn") -> bool:
        return self.half < other.half if self.half != other.half else cross(self.way, other.way) > 0


def matrix(a: BaseGeometry, b: BaseGeometry) -> tuple[list[list[int]], tuple[int, int]]:
    """The dimensions (-1 for nothing) in which inside, boundary and outside of the two meet, and the dimensions of the two."""
    shapes = (Shape(a), Shape(b))
    plane = Arrangement(shapes)
    found = [[-1] * 3 for _ in range(3)]
    found[OUTSIDE][OUTSIDE] = 2

    def note(places: list[int], dimension: int) -> None:
        found[places[0]][places[1]] = max(found[places[0]][places[1]], dimension)

    for start, end in plane.pieces:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        sides = plane.around(middle, [minus(end, middle), minus(start, middle)])
        for side in sides:
            note([INSIDE if shape.covers(side) else OUTSIDE for shape in shapes], 2)
        note([place(shape, middle, sides, is_node=False) for shape in shapes], 1)
    for node in plane.nodes:
        faces = plane.around(node, plane.directions[node])
        note([place(shape, node, faces, is_node=True) for shape in shapes], 0)
    return found, (shapes[0].dimension, shapes[1].dimension)


def place(shape: Shape, p: Point, faces: list[Point], is_node: bool) -> int:
    """Where a point is, by the faces around it: areas come before lines, and lines before points."""
    covered = [shape.covers(face) for face in faces]
    if any(covered):
        return INSIDE if all(covered) else BOUNDARY
    if is_node and p in shape.line_ends:
        return BOUNDARY
    if any(on((a, b), p) for line in shape.lines for a, b in zip(line, line[1:], strict=False)):
        return INSIDE
    return INSIDE if p in shape.points else OUTSIDE


def relates(op: str, a: BaseGeometry, b: BaseGeometry) -> bool:
    """Does the relation hold?"""
    found, (dim_a, dim_b) = matrix(a, b)
    inner, outer = found[INSIDE][INSIDE], OUTSIDE
    meets = max(found[i][j] for i in (INSIDE, BOUNDARY) for j in (INSIDE, BOUNDARY)) >= 0
    a_goes_out = max(found[INSIDE][outer], found[BOUNDARY][outer]) >= 0
    b_goes_out = max(found[outer][INSIDE], found[outer][BOUNDARY]) >= 0
    match op:
        case "intersects":
            return meets
        case "disjoint":
            return not meets
        case "contains":
            return inner >= 0 and not b_goes_out
        case "within":
            return inner >= 0 and not a_goes_out
        case "equals":
            return inner >= 0 and not a_goes_out and not b_goes_out
        case "touches":
            return meets and inner < 0
        case "crosses":
            if dim_a == dim_b:
                return dim_a == 1 and inner == 0
            return inner >= 0 and (found[INSIDE][outer] if dim_a < dim_b else found[outer][INSIDE]) >= 0
        case "overlaps":
            least = 1 if dim_a == 1 else 0
            return dim_a == dim_b and inner >= least and found[INSIDE][outer] >= 0 and found[outer][INSIDE] >= 0
    raise AssertionError(op)
