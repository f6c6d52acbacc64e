"""Writes trees of filters as SQL for DuckDB: what CQL2 means, said in SQL's words.

Where SQL has another idea of it, the SQL is written out: whole numbers are computed in 128 bits and brought back to 64,
    doubles that
are not finite are NULL, whole numbers and doubles are compared exactly, intervals with an end that is NULL are NULL.
"""

import shapely
from cql2_exact import relates
from cql2_functions import FUNCTIONS, finite
from cql2_tables import DATE, FLOAT, INT, KEPT_FOLDS, TEXT, Table, day_text, element, folded, instant_text, noded
from cql2_tree import Node, type_of
from shapely.geometry.base import BaseGeometry

ALLEN = {
    "after": "{s1} > {e2}", "before": "{e1} < {s2}", "contains": "{s1} < {s2} AND {e1} > {e2}",
        "disjoint": "{e1} < {s2} OR {s1} > {e2}",
    "during": "{s1} > {s2} AND {e1} < {e2}", "equals": "{s1} = {s2} AND {e1} = {e2}", "finishedBy": "{s1} < {s2} AND {e1} = {e2}",
    "finishes": "{s1} > {s2} AND {e1} = {e2}", "intersects": "{s1} <= {e2} AND {e1} >= {s2}", "meets": "{e1} = {s2}",
    "metBy": "{s1} = {e2}", "overlappedBy": "{s1} > {s2} AND {s1} < {e2} AND {e1} > {e2}",
    "overlaps": "{s1} < {s2} AND {e1} > {s2} AND {e1} < {e2}", "startedBy": "{s1} = {s2} AND {e1} > {e2}",
    "starts": "{s1} = {s2} AND {e1} < {e2}",
}  # fmt: skip
# Open ends: before and after every moment that a filter can say.
OPEN = ("100000-01-01 (BC)", "100000-01-01")


class Sql:
    """Writes SQL over the table that `cql2_tables.arrow` describes, its geometries in `shape` and `noded`."""

    def __init__(self, table: Table, row: int | None = None):
        """With a row, counted from 0, its geometry is judged here (see cql2_exact.py), and the SQL is about that row only."""
        self.table, self.row = table, row

    def of(self, node: Node) -> str:
        """A predicate or a term, in brackets where it is an expression."""
        of = self.of
        match node:
            case ("and" | "or", members):
                return "(" + f" {node[0].upper()} ".join(map(of, members)) + ")"
            case ("not", inner):
                return f"(NOT {of(inner)})"
            case ("cmp", op, a, b):
                return self.compared(op, a, b)
            case ("like", text, pattern, folds, negated):
                like = f"{of(text)} LIKE {quoted(folded_pattern(pattern, folds))} ESCAPE '\\'"
                return f"(NOT {like})" if negated else f"({like})"
            case ("between", a, low, high, negated):
                if type_of(a) == type_of(low) == type_of(high):
                    between = f"({of(a)} BETWEEN {of(low)} AND {of(high)})"
                else:
                    between = f"({self.compared('>=', a, low)} AND {self.compared('<=', a, high)})"
                return f"(NOT {between})" if negated else between
            case ("in", a, members, negated):
                if all(type_of(m) == type_of(a) for m in members):
                    return f"({of(a)} {'NOT ' if negated else ''}IN ({', '.join(map(of, members))}))"
                either = " OR ".join(self.compared("=", a, m) for m in members)
                return f"(NOT ({either}))" if negated else f"({either})"
            case ("isnull", ("prop", place, "json"), negated):
                return f"(NOT p{place}_null)" if negated else f"p{place}_null"
            case ("isnull", a, negated):
                return f"({of(a)} IS {'NOT ' if negated else ''}NULL)"
            case ("spatial", op, a, b) if self.row is not None:
                shapes = [self.shape(side) for side in (a, b)]
                return "NULL" if None in shapes else str(relates(op, *shapes)).upper()
            case ("spatial", op, a, b):
                return f"ST_{op.title()}({self.place(a)}, {self.place(b)})"
            case ("temporal", op, a, b):
                return self.temporal(op, a, b)
            case ("arrays", op, a, b):
                return arrays(op, of(a), of(b))
            case ("arith", op, a, b):
                return self.arithmetic(op, a, b)
            case ("minus", a):
                if type_of(a) == INT:
                    return f"TRY_CAST(-CAST({of(a)} AS HUGEINT) AS BIGINT)"
                return f"(-{of(a)})"
            case ("fold", _, _):
                return self.folded(node)
            case ("call", place, arguments):
                return FUNCTIONS[place].sql(*map(of, arguments))
        return self.term(node)

    def term(self, node: Node) -> str:
        match node:
            case ("bool", value):
                return "TRUE" if value else "FALSE"
            case ("int", value):
                return f"CAST({value} AS BIGINT)"
            case ("float", value):
                return double(value)
            case ("text", value):
                return quoted(value)
            case ("date", day):
                return f"DATE '{day_text(day)}'"
            case ("instant", us):
                return f"TIMESTAMP '{instant_text(us)[:-1]}'"
            case ("prop", place, _):
                return f"p{place}"
            case ("shape",):
                return "shape"
            case ("array", members):
                return f"CAST([{', '.join(map(self.element, members))}] AS VARCHAR[])"
        raise AssertionError(node)

    def place(self, node: Node) -> str:
        """A geometry for a predicate."""
        if node[0] == "shape":
            return "noded"
        return f"ST_GeomFromText('{shapely.to_wkt(noded(self.shape(node)), rounding_precision=-1)}')"

    def shape(self, node: Node) -> BaseGeometry | None:
        if node[0] == "shape":
            return self.table.shapes[self.row]
        return node[1] if node[0] == "wkt" else box(*node[1])

    def element(self, member: Node) -> str:
        if member[0] != "prop":
            return quoted(element(member[1]))
        return {
            TEXT: f"('s:' || p{member[1]})", INT: f"('n:' || p{member[1]})",
            "bool": f"(CASE WHEN p{member[1]} THEN 'b:True' WHEN NOT p{member[1]} THEN 'b:False' END)",
        }[member[2]]  # fmt: skip

    # --- comparisons ----------------------------------------------------------------------------------------------------

    def compared(self, op: str, a: Node, b: Node) -> str:
        kinds, x, y = (type_of(a), type_of(b)), self.of(a), self.of(b)
        if kinds == (INT, FLOAT):
            return exactly(op, x, y)
        if kinds == (FLOAT, INT):
            return exactly({"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op), y, x)
        if kinds[0] != kinds[1] and DATE in kinds:
            x, y = (f"CAST({side} AS DATE)" for side in (x, y))
        return f"({x} {op} {y})"

    def temporal(self, op: str, a: Node, b: Node) -> str:
        days = any(self.in_days(side) for side in (a, b))
        (s1, e1, known1), (s2, e2, known2) = (self.ends(side, days) for side in (a, b))
        return f"(CASE WHEN {known1} AND {known2} THEN {ALLEN[op].format(s1=s1, e1=e1, s2=s2, e2=e2)} END)"

    def in_days(self, side: Node) -> bool:
        if side[0] == "interval":
            return any(end is not None and type_of(end) == DATE for end in side[1:])
        return type_of(side) == DATE

    def ends(self, side: Node, days: bool) -> tuple[str, str, str]:
        """First and last moment in days or instants, and when the interval is one at all: in its own measure, not before it starts."""
        if side[0] != "interval":
            moment = self.moment(side, days)
            return moment, moment, f"{moment} IS NOT NULL"
        own = self.in_days(side)

        def end(n: int, days: bool) -> str:
            node = side[1 + n]
            return f"{'DATE' if days else 'TIMESTAMP'} '{OPEN[n]}'" if node is None else self.moment(node, days)

        return end(0, days), end(1, days), f"({end(0, own)} <= {end(1, own)})"

    def moment(self, node: Node, days: bool) -> str:
        return f"CAST({self.of(node)} AS DATE)" if days and type_of(node) != DATE else self.of(node)

    # --- numbers and texts ----------------------------------------------------------------------------------------------

    def arithmetic(self, op: str, a: Node, b: Node) -> str:
        x, y = self.of(a), self.of(b)
        if type_of(a) == type_of(b) == INT and op not in "/^":
            x, y = f"CAST({x} AS HUGEINT)", f"CAST({y} AS HUGEINT)"
            if op in ("div", "%"):
                y = f"NULLIF({y}, 0)"
            return f"TRY_CAST({x} {'//' if op == 'div' else op} {y} AS BIGINT)"
        x, y = (side if type_of(node) == FLOAT else f"CAST({side} AS DOUBLE)" for node, side in ((a, x), (b, y)))
        if op == "^":
            return finite(f"pow({x}, {y})")
        return finite(f"trunc({x} / {y})" if op == "div" else f"({x} {op} {y})")

    def folded(self, node: Node) -> str:
        folds = ""
        while node[0] == "fold":
            folds, node = node[1] + folds, node[2]
        if node[0] == "text":
            return quoted(folded(node[1], folds))
        if node[0] == "prop" and folds in KEPT_FOLDS:
            return f"p{node[1]}_{folds}"
        sql = self.of(node)
        for fold in folds:
            sql = f"{'casei' if fold == 'c' else 'accenti'}({sql})"
        return sql


def exactly(op: str, whole: str, double: str) -> str:
    """Compares a whole number with a double: rounding keeps their order, and only where it makes them equal is there more to see."""
    near, same = f"CAST({whole} AS DOUBLE)", f"CAST({whole} AS HUGEINT)"
    exact = f"({near} = {double} AND {same} {{}} TRY_CAST({double} AS HUGEINT))"
    if op == "=":
        return exact.format("=")
    if op == "<>":
        return f"(NOT {exact.format('=')})"
    return f"({near} {op[0]} {double} OR {exact.format(op)})"


def arrays(op: str, a: str, b: str) -> str:
    """Relations of sets whose members may be unknown: a set contains another if each member of that is equal to one of its own."""
    if op == "containedBy":
        return arrays("contains", b, a)
    if op == "equals":
        return f"({arrays('contains', a, b)} AND {arrays('contains', b, a)})"
    (known_a, open_a), (known_b, open_b) = (
        (f"list_filter({side}, lambda e: e IS NOT NULL)", f"(len({side}) > list_count({side}))") for side in (a, b)
    )
    some_a, some_b = f"len({a}) > 0", f"len({b}) > 0"
    if op == "overlaps":
        unknown = f"({open_a} AND {some_b} OR {open_b} AND {some_a})"
        return f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN list_has_any({known_a}, {known_b}) THEN TRUE WHEN NOT {unknown} THEN FALSE END)"
    known_in, any_unknown = f"list_has_all({known_a}, {known_b})", f"({open_b} AND {some_a})"
    certainly_not = f"(NOT {known_in} AND NOT {open_a} OR {open_b} AND NOT {some_a})"
    return f"(CASE WHEN {certainly_not} THEN FALSE WHEN {known_in} AND NOT {any_unknown} THEN TRUE END)"


def double(value: float) -> str:
    return f"CAST('{value!r}' AS DOUBLE)"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def folded_pattern(pattern: str, folds: str) -> str:
    """A pattern whose texts are folded and whose wildcards are kept."""
    made, run, n = [], "", 0

    def close() -> None:
        nonlocal run
        made.append("".join("\\" + c if c in "%_\\" else c for c in folded(run, folds)))
        run = ""

    while n < len(pattern):
        sign = pattern[n]
        if sign in "%_":
            close()
            made.append(sign)
        elif sign == "\\" and n + 1 < len(pattern):
            n += 1
            run += pattern[n]
        else:
            # A backslash at the end stands for itself.
            run += sign
        n += 1
    close()
    return "".join(made)


def box(west: float, south: float, east: float, north: float):
    """A box as a geometry: one without extent is a line or a point, one whose west is east of its east lies on both sides of 180°."""
    if west > east:
        return shapely.union_all([box(west, south, 180.0, north), box(-180.0, south, east, north)])
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
