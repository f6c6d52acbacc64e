"""Random filters as trees, well-typed over a table.

A node is a tuple: its kind, then its parts.

    ("bool" | "int" | "float" | "text" | "date" | "instant", value)      literals; days and microseconds since 1970-01-01
    ("prop", place, type)      the property at that place of the table's columns      ("shape",)      the row's geometry
    ("wkt", geometry)   ("bbox", (west, south, east, north))   ("interval", start | None, end | None)   ("array", members)
    ("and" | "or", members)   ("not", a)
    ("cmp", "<", a, b)   ("like", text, pattern, folds, negated)   ("between", a, low, high, negated)   ("in", a, members, negated)
    ("isnull", a, negated)   ("spatial", "intersects", a, b)   ("temporal", "before", a, b)   ("arrays", "contains", a, b)
    ("arith", "+", a, b)   ("minus", a)   ("fold", "c" | "a", text)   ("call", place in FUNCTIONS, arguments)
"""

import random
from collections.abc import Callable, Iterator

import cql2_tables
from cql2_functions import FUNCTIONS, GEOMETRY, SMALL, WRITTEN
from cql2_tables import BOOL, DATE, FLOAT, INSTANT, INT, JSON, TEXT, Table

INTERVAL, ARRAY = "interval", "array"
COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
SPATIAL = ("intersects", "contains", "within", "touches", "crosses", "overlaps", "disjoint", "equals")
INSTANT_RELATIONS = ("after", "before", "disjoint", "equals", "intersects")
RELATIONS = (
    *INSTANT_RELATIONS, "contains", "during", "finishedBy", "finishes", "meets", "metBy", "overlappedBy", "overlaps", "startedBy",
    "starts",
)  # fmt: skip
ARRAYS = ("contains", "containedBy", "equals", "overlaps")
ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")

Node = tuple


def type_of(node: Node) -> str:
    """The type of a term."""
    match node:
        case (("bool" | "int" | "float" | "text" | "date" | "instant") as kind, _):
            return kind
        case ("prop", _, kind):
            return ARRAY if kind == JSON else kind
        case ("shape",) | ("wkt", _) | ("bbox", _):
            return GEOMETRY
        case ("interval", _, _):
            return INTERVAL
        case ("array", _):
            return ARRAY
        case ("arith", op, a, b):
            return FLOAT if op in "/^" or FLOAT in (type_of(a), type_of(b)) else INT
        case ("minus", a):
            return type_of(a)
        case ("fold", _, _):
            return TEXT
        case ("call", place, _):
            return FUNCTIONS[place].returns
    return BOOL


def parts_of(node: Node) -> Iterator[Node]:
    """The nodes inside of a node."""
    for part in node[1:]:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield part
        elif isinstance(part, list):
            yield from part


def walk(node: Node) -> Iterator[Node]:
    """The node and all inside of it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


class Maker:
    """Draws filters over a table."""

    def __init__(self, table: Table, dice: random.Random, without: frozenset[str] = frozenset()):
        self.table, self.dice, self.without = table, dice, without
        self.places: dict[str, list[int]] = {}
        for place, column in enumerate(table.columns):
            self.places.setdefault(column.type, []).append(place)

    def filter(self) -> Node:
        """A predicate of depth 1 to 5."""
        return self.predicate(self.dice.choice((0, 0, 1, 1, 2, 2, 3, 4)))

    def predicate(self, depth: int) -> Node:
        drawn = self.dice.random()
        if depth <= 0 or drawn < 0.15:
            return self.leaf()
        if drawn < 0.25:
            return ("not", self.predicate(depth - 1))
        op = "and" if drawn < 0.62 else "or"
        # A member of the same kind would be the same node in the server's tree.
        members = []
        for _ in range(self.dice.choice((2, 2, 2, 3, 4))):
            member = self.predicate(depth - 1)
            members += member[1] if member[0] == op else [member]
        return (op, members)

    def leaf(self) -> Node:
        kinds: dict[str, tuple[Callable[[], Node], int]] = {
            "compare": (self.compare, 30), "like": (self.like, 10), "between": (self.between, 8), "in": (self.is_in, 9),
            "null": (self.is_null, 6), "spatial": (self.spatial, 16), "temporal": (self.temporal, 13), "arrays": (self.arrays, 8),
            "truth": (self.truth, 4),
        }  # fmt: skip
        drawn = [pair for name, pair in kinds.items() if name not in self.without]
        return self.dice.choices([k for k, _ in drawn], [w for _, w in drawn])[0]()

    # --- predicates -----------------------------------------------------------------------------------------------------

    def compare(self) -> Node:
        kind = self.dice.choice(("number", "number", "number", TEXT, TEXT, "moment", "moment", BOOL))
        a, b = self.pair(kind)
        return ("cmp", self.dice.choice(COMPARISONS), a, b)

    def pair(self, kind: str) -> tuple[Node, Node]:
        """Two comparable terms, mostly one of them a constant near the values of the other."""
        a = self.term(kind, 2)
        drawn = self.dice.random()
        b = self.near(a) if drawn < 0.65 else self.term(kind, 2)
        return (b, a) if self.dice.random() < 0.2 else (a, b)

    def like(self) -> Node:
        text = self.term(TEXT, 1)
        folds = "".join(self.dice.choices(("", "c", "a", "ca", "ac"), (5, 3, 2, 1, 1))[0])
        return ("like", text, self.pattern(text), folds, self.dice.random() < 0.2)

    def pattern(self, text: Node) -> str:
        """A value with some of its parts replaced by wildcards, others escaped."""
        made = []
        for sign in self.constant(TEXT, text)[1]:
            drawn = self.dice.random()
            if drawn < 0.12:
                made.append("_")
            elif drawn < 0.24:
                made.append("%")
            elif drawn < 0.3:
                made.append("%%" if drawn < 0.25 else "")
            elif sign in "%_\\":
                made.append("\\" + sign if drawn < 0.7 else sign)
            else:
                made.append("\\" + sign if drawn < 0.33 else sign)
        whole = "".join(made)
        drawn = self.dice.random()
        if drawn < 0.45:
            return whole + "%" if not whole.endswith("\\") else whole
        return "%" + whole if drawn < 0.6 else whole

    def between(self) -> Node:
        kind = self.dice.choice(("number", "number", "number", DATE, INSTANT, TEXT))
        a = self.term(kind, 2)
        low, high = self.near(a), self.near(a)
        if kind == "number" and self.dice.random() < 0.25:
            low = self.term(kind, 1)
        if low[0] in ("int", "float", "text", "date", "instant") and low[0] == high[0] and self.dice.random() < 0.8:
            low, high = sorted((low, high))
        return ("between", a, low, high, self.dice.random() < 0.2)

    def is_in(self) -> Node:
        a = self.term(self.dice.choice(("number", TEXT, TEXT, "moment", BOOL)), 1)
        members = [self.near(a) for _ in range(self.dice.choice((1, 2, 3, 5, 12)))]
        if self.dice.random() < 0.15:
            members[0] = self.term({INT: "number", FLOAT: "number"}.get(type_of(a), type_of(a)), 1)
        return ("in", a, members, self.dice.random() < 0.25)

    def is_null(self) -> Node:
        drawn = self.dice.random()
        if drawn < 0.15:
            operand: Node = ("shape",)
        elif drawn < 0.3:
            operand = self.prop(JSON)
        elif drawn < 0.65:
            operand = self.prop(self.dice.choice((BOOL, INT, FLOAT, TEXT, DATE, INSTANT)))
        else:
            operand = self.term(self.dice.choice(("number", "number", TEXT, BOOL)), 2)
        return ("isnull", operand, self.dice.random() < 0.5)

    def truth(self) -> Node:
        drawn = self.dice.random()
        if drawn < 0.2:
            return ("bool", drawn < 0.1)
        return self.call(BOOL, 1) or self.prop(BOOL) if drawn < 0.6 else self.prop(BOOL)

    def spatial(self) -> Node:
        op = self.dice.choice(SPATIAL)
        drawn = self.dice.random()
        if drawn < 0.04:
            return ("spatial", op, self.place(), self.place())
        row: Node = ("shape",)
        if drawn < 0.06:
            return ("spatial", op, row, row)
        return ("spatial", op, row, self.place()) if drawn < 0.75 else ("spatial", op, self.place(), row)

    def place(self) -> Node:
        """A geometry of the filter: often one of the table's."""
        lattice = self.table.lattice
        drawn = self.dice.random()
        if drawn < 0.25:
            return self.bbox()
        if drawn < 0.4:
            known = [s for s in self.table.shapes if s is not None and not s.is_empty]
            return ("wkt", self.dice.choice(known))
        return ("wkt", cql2_tables.shape(self.dice.choice((0, 1, 1, 2, 2, 2, 3, 4, 5, 6)), lattice, self.dice))

    def bbox(self) -> Node:
        """A box; in degrees, some run across the antimeridian, some have no extent."""
        lattice = self.table.lattice
        i, j = self.dice.randint(-1, 5), self.dice.randint(-1, 5)
        least = 0 if self.dice.random() < 0.15 else 1
        west, south = lattice.at(i, j)
        east, north = lattice.at(i + self.dice.randint(least, 4), j + self.dice.randint(least, 4))
        if self.table.srs == 4326:
            south, north = (max(-90.0, min(90.0, y)) for y in (south, north))
            west, east = (max(-180.0, min(180.0, x)) for x in (west, east))
            # Either part has an extent: 180° itself is on both sides.
            if self.dice.random() < 0.15 and west < east and east < 180 and west > -180:
                west, east = east, west
        return ("bbox", (west, south, east, north))

    def temporal(self) -> Node:
        op = self.dice.choice(RELATIONS)
        instants = op in INSTANT_RELATIONS
        a = self.moment() if instants and self.dice.random() < 0.5 else self.interval()
        b = self.moment() if instants and self.dice.random() < 0.4 else self.interval()
        return ("temporal", op, a, b)

    def moment(self) -> Node:
        return self.term("moment", 1)

    def interval(self) -> Node:
        """An interval, whose ends are in order where both are literals."""
        kind = self.dice.choice((DATE, INSTANT))
        ends: list[Node | None] = []
        for _ in range(2):
            drawn = self.dice.random()
            other = self.dice.choice((DATE, INSTANT)) if drawn < 0.1 else kind
            ends.append(None if drawn > 0.9 else self.prop(other) if drawn < 0.5 else self.constant(other, None))
        first, last = ends
        if first and last and first[0] == last[0] == "prop" and self.dice.random() < 0.7:
            # The columns that are made to be in order.
            ends = [("prop", place, kind) for place in sorted(self.places[kind])[:2]]
        elif first and last and "prop" not in (first[0], last[0]):
            ends = sorted((first, last), key=lambda end: (day_of(end), end[1]))
        return ("interval", *ends)

    def arrays(self) -> Node:
        a = self.prop(JSON)
        b = self.prop(JSON) if self.dice.random() < 0.2 else self.array()
        if self.dice.random() < 0.2:
            a, b = b, a
        return ("arrays", self.dice.choice(ARRAYS), a, b)

    def array(self) -> Node:
        """A list of what the table's arrays have, some of it out of properties."""
        known = [v for place in self.places[JSON] for v in self.table.columns[place].values if isinstance(v, list)]
        values = list(self.dice.choice(known)) if known and self.dice.random() < 0.6 else []
        if not values:
            values = [self.dice.choice(cql2_tables.ELEMENTS) for _ in range(self.dice.choice((0, 1, 1, 2, 3)))]
        if self.dice.random() < 0.3:
            self.dice.shuffle(values)
            values = values[: self.dice.randint(0, len(values))]
        members = [literal(v) for v in values if v is not None and not isinstance(v, dict)]
        if members and self.dice.random() < 0.15:
            members[0] = self.prop(self.dice.choice((TEXT, INT, BOOL)))
        return ("array", members)

    # --- terms ----------------------------------------------------------------------------------------------------------

    def prop(self, kind: str) -> Node:
        return ("prop", self.dice.choice(self.places[kind]), kind)

    def term(self, kind: str, depth: int) -> Node:
        """A term of a type; "number" is int or float, "moment" is date or instant."""
        if kind == "number":
            return self.number(depth)
        if kind == "moment":
            kind = self.dice.choice((DATE, INSTANT))
        drawn = self.dice.random()
        if drawn < 0.08:
            return self.constant(kind, None)
        if drawn < 0.25 and depth > 0:
            made = self.call(kind, depth)
            if made:
                return made
        if kind == TEXT and drawn < 0.5 and depth > 0:
            return ("fold", self.dice.choice("ca"), self.term(TEXT, depth - 1))
        return self.prop(kind)

    def number(self, depth: int, is_operand: bool = False) -> Node:
        drawn = self.dice.random()
        if depth > 0 and drawn < 0.15:
            made = self.call(self.dice.choice((INT, FLOAT)), depth, is_operand)
            if made:
                return made
        if depth > 0 and drawn < 0.45:
            op = self.dice.choice(ARITHMETIC)
            a, b = self.number(depth - 1, True), self.number(depth - 1, True)
            if op == "^" and self.dice.random() < 0.8:
                b = ("int", self.dice.randint(-2, 3))
            return ("arith", op, a, b)
        if depth > 0 and drawn < 0.5:
            inner = self.number(depth - 1, True)
            return inner if inner[0] in ("int", "float", "minus") else ("minus", inner)
        kind = self.dice.choice((INT, INT, FLOAT))
        return self.constant(kind, None) if drawn > 0.9 else self.prop(kind)

    def call(self, kind: str, depth: int, is_operand: bool = False) -> Node | None:
        """A function that gives that type, if there is one."""
        degrees = self.table.srs == 4326
        places = [
            n
            for n, f in enumerate(FUNCTIONS)
            if f.returns == kind and not (is_operand and f.is_loose) and (degrees or not f.is_in_degrees)
        ]
        if not places:
            return None
        place = self.dice.choice(places)
        return ("call", place, [self.argument(wanted, depth - 1) for wanted in FUNCTIONS[place].draw(self.dice)])

    def argument(self, wanted: str, depth: int) -> Node:
        if wanted == GEOMETRY:
            return ("shape",)
        if wanted == SMALL:
            return ("int", self.dice.randint(-2, 6))
        if wanted == WRITTEN:
            # A short part of a text is found in more of them.
            text = self.constant(TEXT, None)[1]
            return self.prop(TEXT) if self.dice.random() < 0.3 else ("text", text[: self.dice.choice((0, 1, 1, 2, 20))])
        if wanted in (INT, FLOAT):
            made = self.number(depth, True)
            return made if type_of(made) == wanted else self.prop(wanted)
        return self.term(wanted, depth)

    def near(self, term: Node) -> Node:
        """A constant like the values of a term."""
        kind = type_of(term)
        if kind in (INT, FLOAT) and self.dice.random() < 0.2:
            kind = FLOAT if kind == INT else INT
        if kind in (DATE, INSTANT) and self.dice.random() < 0.15:
            kind = DATE if kind == INSTANT else INSTANT
        return self.constant(kind, term)

    def constant(self, kind: str, like: Node | None) -> Node:
        """A literal, mostly a value of the table."""
        if kind == JSON:
            kind = TEXT
        place = like[1] if like is not None and like[0] == "prop" and like[2] == kind else self.dice.choice(self.places[kind])
        known = [v for v in self.table.columns[place].values if v is not None]
        drawn = self.dice.random()
        value = self.dice.choice(known) if known and drawn < 0.75 else cql2_tables.value(kind, self.dice)
        if kind in (INT, FLOAT) and drawn < 0.1:
            value = (
                max(-(1 << 63), min((1 << 63) - 1, value + self.dice.choice((-1, 1))))
                if kind == INT
                else min(value * 1.0000001, 1.7e308)
            )
        return (kind, value)


def literal(value) -> Node:
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int):
        return ("int", value)
    return ("float", value) if isinstance(value, float) else ("text", value)


def day_of(end: Node) -> int:
    return end[1] if end[0] == DATE else end[1] // 86_400_000_000


def simpler(node: Node) -> Iterator[Node]:
    """Smaller predicates to try in the place of a predicate: its members, and it with less in it."""
    match node:
        case ("and" | "or", members):
            yield from members
            for n in range(len(members)):
                rest = members[:n] + members[n + 1 :]
                yield (node[0], rest) if len(rest) > 1 else rest[0]
            for n, member in enumerate(members):
                for smaller in simpler(member):
                    yield (node[0], [*members[:n], smaller, *members[n + 1 :]])
        case ("not", inner):
            yield inner
            for smaller in simpler(inner):
                yield ("not", smaller)
        case ("in", a, members, negated):
            if negated:
                yield ("in", a, members, False)
            if len(members) > 1:
                for n in range(len(members)):
                    yield ("in", a, members[:n] + members[n + 1 :], negated)
        case ("like" | "between" | "isnull", *rest) if rest[-1]:
            yield (*node[:-1], False)
        case ("arrays", op, a, b):
            for n, side in enumerate((a, b)):
                if side[0] == "array" and side[1]:
                    for m in range(len(side[1])):
                        less = ("array", side[1][:m] + side[1][m + 1 :])
                        yield ("arrays", op, less, b) if n == 0 else ("arrays", op, a, less)
    if node[0] in ("cmp", "between", "in", "isnull", "like"):
        for n, part in enumerate(node):
            if isinstance(part, tuple) and part[0] in ("arith", "minus", "fold"):
                for inner in parts_of(part):
                    if type_of(inner) == type_of(part):
                        yield (*node[:n], inner, *node[n + 1 :])
