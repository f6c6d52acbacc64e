"""The functions that filters may call, each with the SQL that says the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

BOOL, INT, FLOAT, TEXT, DATE, INSTANT = "bool", "int", "float", "text", "date", "instant"
# What arguments are drawn from, beside the types: a small whole number, a text that no function has made, the row's geometry.
SMALL, WRITTEN, GEOMETRY = "small", "written", "geometry"


@dataclass(frozen=True)
class Function:
    """A function: the type of its value, signatures, and its SQL given that of its arguments."""

    name: str
    returns: str
    takes: tuple[tuple[str, ...], ...]
    sql: Callable[..., str]
    # A double that is whole may come as a whole number, which further arithmetic would compute otherwise.
    is_loose: bool = False
    # Gives degrees, whatever the geometries are stored in: computed here of those that are in degrees only.
    is_in_degrees: bool = False

    def draw(self, dice: random.Random) -> tuple[str, ...]:
        return dice.choice(self.takes)


def finite(sql: str) -> str:
    return f"(CASE WHEN isfinite({sql}) THEN {sql} END)"


def both(a: str, b: str, sql: str) -> str:
    """NULL where one of the two is."""
    return f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {sql} END)"


def substring(text: str, start: str, length: str | None = None) -> str:
    """Places before the first count, and there is nothing there."""
    if length is None:
        return f"substr({text}, greatest({start}, 1))"
    cut = f"substr({text}, greatest({start}, 1), greatest(0, {start} + {length} - greatest({start}, 1)))"
    return f"(CASE WHEN {length} >= 0 THEN {cut} END)"


def replaced(text: str, part: str, by: str) -> str:
    made = f"(CASE WHEN {part} = '' THEN {text} ELSE replace({text}, {part}, {by}) END)"
    return f"(CASE WHEN {by} IS NOT NULL THEN {made} END)"


def instant(sql: str) -> str:
    """As RFC 3339 writes it, with as many digits as it has."""
    return f"(strftime({sql}, '%Y-%m-%dT%H:%M:%S') || rtrim(rtrim(strftime({sql}, '.%f'), '0'), '.') || 'Z')"


def number(sql: str) -> str:
    return rf"(CASE WHEN regexp_full_match(strip({sql}), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?') THEN CAST(strip({sql}) AS DOUBLE) END)"


def day(sql: str) -> str:
    return rf"(CASE WHEN regexp_full_match(strip({sql}), '\d\d\d\d-\d\d-\d\d') THEN TRY_CAST(strip({sql}) AS DATE) END)"


def point(ordinate: str) -> Callable[[str], str]:
    return lambda shape: f"(CASE WHEN ST_GeometryType({shape}) = 'POINT' THEN {ordinate}({shape}) END)"


KINDS = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")


def kind(shape: str) -> str:
    cases = " ".join(f"WHEN '{name.upper()}' THEN '{name}'" for name in KINDS)
    return f"(CASE CAST(ST_GeometryType({shape}) AS VARCHAR) {cases} END)"


FUNCTIONS = [
    Function("abs", INT, ((INT,),), lambda a: f"TRY_CAST(abs(CAST({a} AS HUGEINT)) AS BIGINT)"),
    Function("abs", FLOAT, ((FLOAT,),), lambda a: f"abs({a})"),
    Function("sign", INT, ((INT,), (FLOAT,)), lambda a: f"CAST(sign({a}) AS BIGINT)"),
    Function("ceiling", FLOAT, ((FLOAT,),), lambda a: f"ceil({a})", is_loose=True),
    Function("floor", FLOAT, ((FLOAT,),), lambda a: f"floor({a})", is_loose=True),
    Function("round", FLOAT, ((FLOAT,),), lambda a: f"round({a})", is_loose=True),
    Function("round", INT, ((INT,),), lambda a: a),
    Function("sqrt", FLOAT, ((INT,), (FLOAT,)), lambda a: f"(CASE WHEN {a} >= 0 THEN sqrt(CAST({a} AS DOUBLE)) END)"),
    Function("ln", FLOAT, ((INT,), (FLOAT,)), lambda a: f"(CASE WHEN {a} > 0 THEN ln(CAST({a} AS DOUBLE)) END)"),
    Function("exp", FLOAT, ((INT,), (FLOAT,)), lambda a: finite(f"exp(CAST({a} AS DOUBLE))")),
    Function("least", INT, ((INT, INT),), lambda a, b: both(a, b, f"least({a}, {b})")),
    Function("least", FLOAT, ((FLOAT, FLOAT),), lambda a, b: both(a, b, f"least({a}, {b})")),
    Function("greatest", INT, ((INT, INT),), lambda a, b: both(a, b, f"greatest({a}, {b})")),
    Function("greatest", FLOAT, ((FLOAT, FLOAT),), lambda a, b: both(a, b, f"greatest({a}, {b})")),
    Function("upper", TEXT, ((TEXT,),), lambda a: f"capitals({a})"),
    Function("lower", TEXT, ((TEXT,),), lambda a: f"small_letters({a})"),
    Function("trim", TEXT, ((TEXT,),), lambda a: f"strip({a})"),
    Function("length", INT, ((TEXT,),), lambda a: f"CAST(length({a}) AS BIGINT)"),
    Function("concat", TEXT, ((TEXT, TEXT), (TEXT, TEXT, TEXT)), lambda *parts: f"({' || '.join(parts)})"),
    Function("substring", TEXT, ((TEXT, SMALL), (TEXT, SMALL, SMALL)), substring),
    Function("left", TEXT, ((TEXT, SMALL),), lambda a, n: f"(CASE WHEN {n} >= 0 THEN left({a}, {n}) END)"),
    Function("right", TEXT, ((TEXT, SMALL),), lambda a, n: f"(CASE WHEN {n} >= 0 THEN right({a}, {n}) END)"),
    Function("replace", TEXT, ((TEXT, WRITTEN, TEXT),), replaced),
    Function("starts_with", BOOL, ((TEXT, WRITTEN),), lambda a, b: f"starts_with({a}, {b})"),
    Function("ends_with", BOOL, ((TEXT, WRITTEN),), lambda a, b: f"suffix({a}, {b})"),
    Function("contains", BOOL, ((TEXT, WRITTEN),), lambda a, b: f"contains({a}, {b})"),
    Function("year", INT, ((DATE,), (INSTANT,)), lambda a: f"year({a})"),
    Function("month", INT, ((DATE,), (INSTANT,)), lambda a: f"month({a})"),
    Function("day", INT, ((DATE,), (INSTANT,)), lambda a: f"day({a})"),
    Function("hour", INT, ((INSTANT,),), lambda a: f"hour({a})"),
    Function("to_number", FLOAT, ((WRITTEN,),), number, is_loose=True),
    Function("to_text", TEXT, ((INT,), (BOOL,), (DATE,)), lambda a: f"CAST({a} AS VARCHAR)"),
    Function("to_text", TEXT, ((TEXT,),), lambda a: a),
    Function("to_text", TEXT, ((FLOAT,),), lambda a: f"digits({a})"),
    Function("to_text", TEXT, ((INSTANT,),), instant),
    Function("to_date", DATE, ((INSTANT,), (DATE,)), lambda a: f"CAST({a} AS DATE)"),
    Function("to_date", DATE, ((TEXT,),), day),
    Function("geometry_type", TEXT, ((GEOMETRY,),), kind),
    Function("vertex_count", INT, ((GEOMETRY,),), lambda a: f"CAST(ST_NPoints({a}) AS BIGINT)"),
    Function("x", FLOAT, ((GEOMETRY,),), point("ST_X"), is_in_degrees=True),
    Function("y", FLOAT, ((GEOMETRY,),), point("ST_Y"), is_in_degrees=True),
]


def digits(value: float) -> str:
    """A double without an exponent: all digits where it is whole and fits 64 bits, else the fewest that give it back."""
    if value.is_integer() and -(2**63) <= value < 2**63:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


# What DuckDB has not, or has otherwise, and the type that it takes: case as Unicode maps it, white space of all kinds.
PYTHON: dict[str, tuple[Callable, str]] = {
    "capitals": (lambda text: text.upper(), "VARCHAR"),
    "small_letters": (lambda text: text.lower(), "VARCHAR"),
    "strip": (lambda text: text.strip(), "VARCHAR"),
    "digits": (digits, "DOUBLE"),
}
