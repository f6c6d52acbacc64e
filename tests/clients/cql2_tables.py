"""Random tables: every type of property, awkward values, geometries on a lattice where touching is common."""

import json
import math
import random
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import geopackage
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

EPOCH_DAY = date(1970, 1, 1).toordinal()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"

# Types of properties; the type of a term is one of these, "interval", "geometry" or "array".
BOOL, INT, FLOAT, TEXT, DATE, INSTANT, JSON = "bool", "int", "float", "text", "date", "instant", "json"
DECLARED = {
    BOOL: "boolean", INT: "integer", FLOAT: "number", TEXT: "string", DATE: "date", INSTANT: "date-time", JSON: "json",
}  # fmt: skip
SQLITE = {
    BOOL: "BOOLEAN", INT: "INTEGER", FLOAT: "REAL", TEXT: "TEXT", DATE: "DATE", INSTANT: "DATETIME", JSON: "JSON",
}  # fmt: skip
ARROW = {
    BOOL: pa.bool_(), INT: pa.int64(), FLOAT: pa.float64(), TEXT: pa.string(), DATE: pa.date32(), INSTANT: pa.timestamp("us"),
    JSON: pa.list_(pa.string()),
}  # fmt: skip

WORDS = (
    "", " ", "a", "A", "b", "ab", "AB", "aB", "abc", "ABC", "straße", "STRASSE", "Strasse", "strasse", "ẞ", "éclair",
        "e\u0301clair",
    "Éclair", "ECLAIR", "eclair", "İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ", "ﬁn", "fin",
        "FIN",
    "Å", "Å", "A\u030a", "å", "ñandú", "NANDU", "nandu", "Ǆ", "ǆ", "ſ", "s", "S", "100%", "100_", "100", "10%0", "%", "_",
        "a_b", "a%b",
    "l'île", "L'ILE", "''", '"', "back\\slash", "\\", "\\%", "tail\\", "a\nb", "🦀", "🦀🦀", "👩‍🚀", "日本", "日本語", "Ωmega", "Ωmega",
        "ōmega",
    "Việt Nam", "VIET NAM", "Kelvin", "Kelvin", "ǰ", "ǰ", "zzz", "TRUE", "null", "2020-01-01", "42",
)  # fmt: skip
NAMES = (
    "Größe", "population", "élévation (m)", 'a"b', "select", "like", "date", "x y", "NOT", "%", "日本", "🦀", "a.b", "eo:cloud_cover",
    "_hidden", "between", "interval", "limit", "filter", "l'an", "back\\slash", "div", "TRUE", "null", "casei", "point", "a-b",
        "3d",
    "nom", "code", "value", "Ωmega", "start", "end",
)  # fmt: skip
INTS = (
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    10,
    -10,
    100,
    1 << 31,
    1 << 53,
    (1 << 53) + 1,
    -(1 << 53) - 1,
    (1 << 63) - 1,
    -(1 << 63),
    (1 << 62) + 1,
)
FLOATS = (
    0.0, -0.0, 0.5, -0.5, 1.0, 1.5, 2.0, 3.0, -3.0, 0.1, 0.2, 0.1 + 0.2, 1e-300, 5e-324, 1e300, -1e300, 1.7976931348623157e308,
    9007199254740992.0, 9007199254740994.0, 9.223372036854775807e18, -9.223372036854775808e18, 1e22, 123456.789, math.pi,
)  # fmt: skip
DAYS = ("1970-01-01", "1969-12-31", "2000-02-29", "2024-02-29", "2024-03-01", "1900-03-01", "0001-01-01", "9999-12-31")
ELEMENTS = ("a", "b", "c", "é", "", "1", 1, 2, 3, 1.5, -7, True, False, (1 << 53) + 1)

EMPTY = {kind: shapely.from_wkt(f"{kind.upper()} EMPTY") for kind in (
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
)}  # fmt: skip


@dataclass
class Column:
    """A property and its values: days and microseconds since 1970-01-01 for dates and instants, lists or other JSON for JSON."""

    name: str
    type: str
    values: list


@dataclass
class Table:
    """A layer: its columns, its shapes, where it lies and how it is written."""

    name: str
    columns: list[Column]
    shapes: list[BaseGeometry | None]
    geometry: str
    srs: int
    is_geopackage: bool
    lattice: "Lattice"

    @property
    def rows(self) -> int:
        return len(self.shapes)


@dataclass(frozen=True)
class Lattice:
    """Where vertices are put: `x0 + dx·i`, `y0 + dy·j` for i and j of 0 … 7; some are at the antimeridian and at the pole."""

    x0: float
    y0: float
    dx: float
    dy: float

    def at(self, i: float, j: float) -> tuple[float, float]:
        return self.x0 + self.dx * i, self.y0 + self.dy * j


LATTICES = {
    4326: (Lattice(0, 0, 1, 1), Lattice(4.5, 43.25, 0.125, 0.125), Lattice(173, -17, 1, 1), Lattice(-180, 60, 0.5, 0.25),
        Lattice(0, 83, 1, 1)),
    2154: (Lattice(893_000, 6_247_000, 100, 100), Lattice(700_000.5, 6_600_000.25, 0.5, 0.5)),
    3857: (Lattice(600_000, 5_400_000, 1000, 1000),),
}  # fmt: skip


def draw(name: str, dice: random.Random) -> Table:
    """A table of 60 to 200 rows; some have more, and values that go with the place, so that blocks of rows differ."""
    rows = dice.randint(60, 200) if dice.random() < 0.9 else dice.randint(500, 1500)
    types = [BOOL, BOOL, INT, INT, INT, FLOAT, FLOAT, TEXT, TEXT, TEXT, DATE, DATE, INSTANT, INSTANT, JSON, JSON]
    is_geopackage = dice.random() < 0.5
    names = [*dice.sample(NAMES, 8), *(f"{kind}_{n}" for n, kind in enumerate(types))]
    names = dice.sample([n for n in names if n not in ("fid", "rid")], len(types))
    columns = [Column(n, t, values_of(t, rows, dice)) for n, t in zip(names, types, strict=True)]
    for first, second in ((10, 11), (12, 13)):
        order(columns[first], columns[second], dice)
    srs = dice.choice((4326, 4326, 4326, 2154, 3857)) if is_geopackage else 4326
    lattice = dice.choice(LATTICES[srs])
    kinds = dice.choice(((0,), (1,), (2,), (0, 1), (1, 2), (2, 2, 2, 5), (3, 4, 5), (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 5, 6)))
    shapes = [None if dice.random() < 0.08 else shape(dice.choice(kinds), lattice, dice) for _ in range(rows)]
    shapes = [EMPTY[s.geom_type] if s is not None and dice.random() < 0.01 else s for s in shapes]
    if dice.random() < 0.4:
        shapes.sort(key=lambda s: (0.0, 0.0) if s is None or s.is_empty else s.bounds[:2])
        for column in columns:
            if column.type != JSON and dice.random() < 0.5:
                rest = iter(sorted(v for v in column.values if v is not None))
                column.values = [None if v is None else next(rest) for v in column.values]
    geometry = dice.choice(("geom", "the_geom", "Géométrie")) if is_geopackage else "geometry"
    return Table(name, columns, shapes, geometry, srs, is_geopackage, lattice)


def order(start: Column, end: Column, dice: random.Random) -> None:
    """Makes most pairs of two columns run from earlier to later."""
    for row, (a, b) in enumerate(zip(start.values, end.values, strict=True)):
        if a is not None and b is not None and a > b and dice.random() < 0.8:
            start.values[row], end.values[row] = b, a


def values_of(kind: str, rows: int, dice: random.Random) -> list:
    nulls = dice.choice((0.0, 0.1, 0.4))
    pool = [value(kind, dice) for _ in range(dice.choice((2, 5, 20, 200)))]
    return [None if dice.random() < nulls else dice.choice(pool) for _ in range(rows)]


def value(kind: str, dice: random.Random):
    """A value of a type, often one that others have as well."""
    if kind == BOOL:
        return dice.random() < 0.5
    if kind == INT:
        return dice.choice(INTS) if dice.random() < 0.4 else dice.randint(-5, 12)
    if kind == FLOAT:
        if dice.random() < 0.4:
            return dice.choice(FLOATS)
        return dice.choice((dice.randint(-40, 80) / 8, dice.uniform(-10, 10), dice.gauss(0, 1e6)))
    if kind == TEXT:
        return text(dice)
    if kind == DATE:
        if dice.random() < 0.3:
            return day_number(dice.choice(DAYS))
        return dice.randint(19_700, 19_730)
    if kind == INSTANT:
        if dice.random() < 0.3:
            day = day_number(dice.choice(DAYS[:-1])) * 86_400_000_000
            return day + dice.choice((0, 1, 43_200_000_000, 86_399_999_999))
        step = dice.choice((86_400_000_000, 3_600_000_000, 1_000_000, 1_000, 1))
        return 19_700 * 86_400_000_000 + dice.randint(0, 30 * 86_400_000_000) // step * step
    if dice.random() < 0.08:
        return dice.choice(({"a": 1}, "text", 5, True))
    # An object is no value of the language: as a member, it is one that is not known, like null.
    return [
        dice.choice((None, {"a": 1})) if dice.random() < 0.02 else dice.choice(ELEMENTS)
        for _ in range(dice.choice((0, 1, 1, 2, 2, 3, 4)))
    ]


def text(dice: random.Random) -> str:
    word = dice.choice(WORDS)
    if dice.random() < 0.15:
        word += dice.choice(WORDS)
    return dice.choice((word, word, word, word.upper(), word.lower(), unicodedata.normalize("NFD", word)))


def day_number(iso: str) -> int:
    return date.fromisoformat(iso).toordinal() - EPOCH_DAY


def day_text(day: int) -> str:
    return date.fromordinal(day + EPOCH_DAY).isoformat()


def instant_text(us: int, minutes: int = 0, digits: int = 6) -> str:
    """An instant as RFC 3339 writes it, by a clock that many minutes east of UTC; whole where its digits are zero."""
    moment = EPOCH + timedelta(microseconds=us)
    try:
        moment += timedelta(minutes=minutes)
    except OverflowError:
        minutes = 0
    fraction = f"{moment.microsecond:06d}"[:digits].rstrip("0") if digits else ""
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "Z"
    head = f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}"
    return f"{head}{'.' + fraction if fraction else ''}{zone}"


# --- shapes -------------------------------------------------------------------------------------------------------------


def shape(kind: int, lattice: Lattice, dice: random.Random) -> BaseGeometry:
    """A valid geometry of a kind: point, line, polygon, their multiples, a collection."""
    while True:
        made = {0: point, 1: line, 2: polygon, 3: points, 4: lines, 5: polygons, 6: collection}[kind](lattice, dice)
        if made is not None and not made.is_empty and shapely.is_valid(made):
            return made


def vertex(lattice: Lattice, dice: random.Random) -> tuple[float, float]:
    half = 0.5 if dice.random() < 0.1 else 0.0
    return lattice.at(dice.randint(0, 5) + half, dice.randint(0, 5) + half)


def point(lattice: Lattice, dice: random.Random) -> BaseGeometry:
    return shapely.Point(vertex(lattice, dice))


def line(lattice: Lattice, dice: random.Random) -> BaseGeometry | None:
    vertices = [vertex(lattice, dice) for _ in range(dice.choice((2, 2, 3, 4)))]
    if dice.random() < 0.1:
        vertices.append(vertices[0])
    if len(set(vertices)) < 2:
        return None
    return shapely.LineString(vertices)


def polygon(lattice: Lattice, dice: random.Random) -> BaseGeometry | None:
    drawn = dice.random()
    if drawn < 0.55:
        i, j = dice.randint(0, 4), dice.randint(0, 4)
        return shapely.box(*lattice.at(i, j), *lattice.at(i + dice.randint(1, 3), j + dice.randint(1, 3)))
    if drawn < 0.7:
        # A square with a hole; some holes touch the edge.
        i, j = dice.randint(0, 2), dice.randint(0, 2)
        edge = dice.choice((0.0, 0.5, 1.0))
        hole = [(i + 1, j + 1), (i + 3, j + 1), (i + 3, j + 3), (i + edge, j + 2)]
        frame = [(i, j), (i + 4, j), (i + 4, j + 4), (i, j + 4)]
        return shapely.Polygon([lattice.at(*p) for p in frame], [[lattice.at(*p) for p in hole]])
    return shapely.Polygon([vertex(lattice, dice) for _ in range(dice.choice((3, 3, 4, 5)))])


def points(lattice: Lattice, dice: random.Random) -> BaseGeometry:
    return shapely.MultiPoint([vertex(lattice, dice) for _ in range(dice.randint(1, 4))])


def lines(lattice: Lattice, dice: random.Random) -> BaseGeometry:
    return shapely.MultiLineString([shape(1, lattice, dice) for _ in range(dice.randint(1, 3))])


def polygons(lattice: Lattice, dice: random.Random) -> BaseGeometry:
    return shapely.MultiPolygon([shape(2, lattice, dice) for _ in range(dice.randint(1, 3))])


def collection(lattice: Lattice, dice: random.Random) -> BaseGeometry:
    return shapely.GeometryCollection([shape(dice.randint(0, 2), lattice, dice) for _ in range(dice.randint(1, 2))])


# --- how they are written -----------------------------------------------------------------------------------------------


def write(table: Table, folder: Path, dice: random.Random) -> str:
    """Writes the layer's file; gives its entry in a configuration."""
    if table.is_geopackage:
        path = folder / f"{table.name}.gpkg"
        write_geopackage(table, path)
    else:
        path = folder / f"{table.name}.geojson"
        write_geojson(table, path, dice)
    fields = "".join(
        f'[layer.fields.{json.dumps(column.name, ensure_ascii=False)}]\ntype = "{DECLARED[column.type]}"\n'
        for column in table.columns
    )
    return (
        f'[[layer]]\nid = "{table.name}"\ntitle = "{table.name}"\naccess = "open"\nfeature_id = "rid"\n'
        f'source = "{path.name}"\n{fields}\n'
    )


def written(column: Column, value):
    """A value as SQLite or JSON hold it."""
    if value is None or column.type in (BOOL, INT, FLOAT, TEXT):
        return value
    if column.type == DATE:
        return day_text(value)
    return instant_text(value)


def write_geopackage(table: Table, path: Path) -> None:
    columns = [("rid", "INTEGER"), *((c.name, SQLITE[c.type]) for c in table.columns)]
    rows = []
    for row in range(table.rows):
        values = [
            json.dumps(c.values[row], ensure_ascii=False)
            if c.type == JSON and c.values[row] is not None
            else written(c, c.values[row])
            for c in table.columns
        ]
        geometry = table.shapes[row]
        rows.append([row + 1, *values, None if geometry is None else shapely.to_wkb(geometry, byte_order=1)])
    geopackage.write(path, [geopackage.Layer(table.name, table.geometry, table.srs, columns, rows)])


def write_geojson(table: Table, path: Path, dice: random.Random) -> None:
    features = []
    for row in range(table.rows):
        properties = {"rid": row + 1}
        for column in table.columns:
            value = column.values[row]
            if value is None:
                if dice.random() < 0.5:
                    properties[column.name] = None
                continue
            if column.type == INSTANT and dice.random() < 0.3:
                properties[column.name] = instant_text(value, dice.choice((0, 60, -330, 120)))
            else:
                properties[column.name] = value if column.type == JSON else written(column, value)
        geometry = table.shapes[row]
        features.append({
            "type": "Feature", "properties": properties, "geometry": None if geometry is None else shapely.geometry.mapping(geometry),
        })  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")


# --- how DuckDB has them ------------------------------------------------------------------------------------------------


def casei(text: str) -> str:
    """Full Unicode case folding."""
    return text.casefold()


def accenti(text: str) -> str:
    """Without nonspacing marks, composed."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", bare)


FOLDS = {"c": casei, "a": accenti}
# Folds of a column that are kept beside it, the first applied first; others are computed by functions.
KEPT_FOLDS = ("c", "a", "ca", "ac")


def folded(text: str | None, folds: str) -> str | None:
    for fold in folds if text is not None else ():
        text = FOLDS[fold](text)
    return text


def element(value) -> str | None:
    """A member of an array as a text; equal members have equal texts, what is not known has none."""
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, bool):
        return f"b:{value}"
    if isinstance(value, str):
        return f"s:{value}"
    return f"n:{int(value)}" if isinstance(value, int) or value.is_integer() else f"n:{value!r}"


def noded(shape: BaseGeometry) -> BaseGeometry:
    """The same points, with a vertex in each edge where another vertex of the geometry lies on it. GEOS (3.14, and what is in DuckDB)
    takes polygons that only touch for overlapping where the hole of one touches its own shell in the middle of an edge."""
    if shape.is_empty or shape.geom_type in ("Point", "LineString", "MultiPoint"):
        return shape
    if shape.geom_type == "Polygon":
        vertices = set(map(tuple, shapely.get_coordinates(shape).tolist()))
        return shapely.Polygon(with_vertices(shape.exterior, vertices), [with_vertices(hole, vertices) for hole in shape.interiors])
    if shape.geom_type == "MultiPolygon":
        vertices = set(map(tuple, shapely.get_coordinates(shape).tolist()))
        parts = [
            (with_vertices(p.exterior, vertices), [with_vertices(hole, vertices) for hole in p.interiors]) for p in shape.geoms
        ]
        return shapely.MultiPolygon([shapely.Polygon(*part) for part in parts])
    return type(shape)([noded(part) for part in shape.geoms])


def with_vertices(ring: BaseGeometry, vertices: set[tuple[float, float]]) -> list[tuple[float, float]]:
    made = []
    corners = list(ring.coords)
    for (ax, ay), (bx, by) in pairwise(corners):
        along = [
            (x, y)
            for x, y in vertices
            if (bx - ax) * (y - ay) == (by - ay) * (x - ax)
            and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by) and (x, y) not in ((ax, ay), (bx, by))
        ]  # fmt: skip
        made += [(ax, ay), *sorted(along, key=lambda v: (v[0] - ax) ** 2 + (v[1] - ay) ** 2)]
    return [*made, corners[-1]]


def arrow(table: Table) -> pa.Table:
    """The rows for DuckDB: `rid`, columns `p0`, `p1` … in their order, folded texts `p3_ca`, whether JSON is null, the geometry as it is
    and noded."""
    columns: dict[str, pa.Array] = {"rid": pa.array(range(1, table.rows + 1), pa.int64())}
    for n, column in enumerate(table.columns):
        values = column.values
        if column.type == JSON:
            columns[f"p{n}_null"] = pa.array([v is None for v in values], pa.bool_())
            values = [[element(e) for e in v] if isinstance(v, list) else None for v in values]
        columns[f"p{n}"] = pa.array(values, ARROW[column.type])
        if column.type == TEXT:
            for folds in KEPT_FOLDS:
                columns[f"p{n}_{folds}"] = pa.array([folded(v, folds) for v in values], pa.string())
    for name, shapes in (("shape", table.shapes), ("noded", [None if s is None else noded(s) for s in table.shapes])):
        columns[name] = pa.array([None if s is None else shapely.to_wkb(s) for s in shapes], pa.binary())
    return pa.table(columns)
