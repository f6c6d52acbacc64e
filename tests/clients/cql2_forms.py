"""Writes trees of filters in both encodings of CQL2 (OGC 21-065r2), in the many ways in which the same can be written."""

import json
import random
import re

import shapely
from cql2_functions import FUNCTIONS
from cql2_tables import Table, day_text, instant_text
from cql2_tree import Node

FOLD = {"c": "CASEI", "a": "ACCENTI"}
PLAIN_NAME = re.compile(r"[A-Za-z_:À-ÖØ-öø-˿][A-Za-z0-9_:.À-ÖØ-öø-˿]*")
RESERVED = {
    "and", "or", "not", "like", "in", "between", "is", "null", "true", "false", "div", "date", "timestamp", "interval", "casei",
    "accenti", "bbox", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection",
}  # fmt: skip
# How tightly an operator binds.
OR, AND, NOT, COMPARE, SUM, PRODUCT, POWER, OPERAND = range(8)
RANK = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT, "div": PRODUCT, "^": POWER}
# After a backslash these letters are control characters, quotes or a backslash (/req/cql2-text/escaping).
ESCAPED = "abtnvfr'\\\n"


class TextForm:
    """Writes CQL2 text, drawing the case of words, spaces, brackets and quotes that may be there or not."""

    def __init__(self, table: Table, dice: random.Random, swap: bool = False):
        self.table, self.dice, self.swap = table, dice, swap
        self.word = dice.choice((str.upper, str.upper, str.lower, str.title))
        self.loose = dice.random() < 0.3

    def write(self, node: Node) -> str:
        return self.at(node, OR)

    def at(self, node: Node, least: int) -> str:
        """The node, in brackets if it binds less tightly than its place wants."""
        text, rank = self.ranked(node)
        return f"({self.gap()}{text}{self.gap()})" if rank < least or (self.loose and self.dice.random() < 0.15 and node[0] in (
            "and", "or", "not", "cmp", "arith", "like", "in", "between")) else text  # fmt: skip

    def gap(self) -> str:
        return self.dice.choice(("", " ", "\n", "\t  ")) if self.loose else ""

    def ranked(self, node: Node) -> tuple[str, int]:
        word, at = self.word, self.at
        match node:
            case ("and" | "or", members):
                rank = AND if node[0] == "and" else OR
                return f" {word(node[0])} ".join(at(m, rank + 1) for m in members), rank
            case ("not", inner):
                return f"{word('not')} {at(inner, COMPARE)}", NOT
            case ("cmp", op, a, b):
                space = self.dice.choice(("", " "))
                if self.needs_space(b):
                    space = " "
                return f"{at(a, SUM)}{space}{op}{space}{at(b, SUM)}", COMPARE
            case ("like", text, pattern, folds, negated):
                return f"{at(text, OPERAND)} {self.negation(negated)}{word('like')} {self.folded(pattern, folds)}", COMPARE
            case ("between", a, low, high, negated):
                joined = f" {word('and')} ".join((at(low, SUM), at(high, SUM)))
                return f"{at(a, SUM)} {self.negation(negated)}{word('between')} {joined}", COMPARE
            case ("in", a, members, negated):
                listed = self.dice.choice((",", ", ")).join(at(m, SUM) for m in members)
                return f"{at(a, SUM)} {self.negation(negated)}{word('in')} ({listed})", COMPARE
            case ("isnull", a, negated):
                return f"{at(a, SUM)} {word('is')} {self.negation(negated)}{word('null')}", COMPARE
            case ("arith", op, a, b):
                rank = RANK[op]
                # Operators of one rank bind from the left, and powers not at all.
                left, right = (OPERAND, OPERAND) if op == "^" else (rank, rank + 1)
                sign = word(op) if op == "div" else op
                first = f"({at(a, OR)})" if op == "^" and a[0] in ("int", "float", "minus") else at(a, left)
                return f"{first} {sign} {at(b, right)}", rank
            case ("minus", a):
                return (f"-{at(a, OPERAND)}", POWER) if a[0] == "prop" else (f"-({at(a, OR)})", POWER)
        return self.term(node), OPERAND

    def needs_space(self, node: Node) -> bool:
        return node[0] in ("minus", "arith") or (node[0] in ("int", "float") and node[1] < 0)

    def negation(self, negated: bool) -> str:
        return f"{self.word('not')} " if negated else ""

    def term(self, node: Node) -> str:
        word = self.word
        match node:
            case ("bool", value):
                return word("true" if value else "false")
            case ("int", value):
                return str(value)
            case ("float", value):
                return number(value)
            case ("text", value):
                return self.quoted(value)
            case ("date", day):
                return f"{word('date')}('{day_text(day)}')"
            case ("instant", us):
                return f"{word('timestamp')}('{instant_text(us)}')"
            case ("prop", place, _):
                return self.name(self.table.columns[place].name)
            case ("shape",):
                return self.name(self.table.geometry if self.dice.random() < 0.8 else "geometry")
            case ("wkt", geometry):
                return self.wkt(geometry)
            case ("bbox", (west, south, east, north)):
                corners = (south, west, north, east) if self.swap else (west, south, east, north)
                return f"{word('bbox')}({', '.join(number(c) for c in corners)})"
            case ("interval", start, end):
                return f"{word('interval')}({self.end(start)},{self.dice.choice(('', ' '))}{self.end(end)})"
            case ("array", members):
                return f"({', '.join(self.at(m, OR) for m in members)})"
            case ("fold", fold, text):
                return f"{word(FOLD[fold])}({self.at(text, OR)})"
            case ("spatial", op, a, b):
                return f"{word('s_' + op)}({self.at(a, OR)},{self.gap()}{self.at(b, OR)})"
            case ("temporal", op, a, b):
                return f"{word('t_' + op)}({self.at(a, OR)},{self.gap()}{self.at(b, OR)})"
            case ("arrays", op, a, b):
                return f"{word('a_' + op)}({self.at(a, OR)},{self.gap()}{self.at(b, OR)})"
            case ("call", place, arguments):
                return f"{word(FUNCTIONS[place].name)}({', '.join(self.at(a, OR) for a in arguments)})"
        raise AssertionError(node)

    def folded(self, pattern: str, folds: str) -> str:
        text = self.quoted(pattern)
        for fold in folds:
            text = f"{self.word(FOLD[fold])}({text})"
        return text

    def end(self, end: Node | None) -> str:
        if end is None:
            return "'..'"
        if end[0] == "prop":
            return self.term(end)
        return f"'{day_text(end[1]) if end[0] == 'date' else instant_text(end[1])}'"

    def name(self, name: str) -> str:
        if PLAIN_NAME.fullmatch(name) and name.lower() not in RESERVED and self.dice.random() < 0.6:
            return name
        return '"' + name.replace('"', '""') + '"'

    def quoted(self, text: str) -> str:
        """A text in quotes. A backslash that is not doubled stands for itself where nothing else is meant."""
        made = []
        for n, sign in enumerate(text):
            if sign == "'":
                made.append(self.dice.choice(("''", "''", "\\'")))
            elif sign == "\\":
                following = text[n + 1 : n + 2]
                alone = following and following not in ESCAPED and self.dice.random() < 0.5
                made.append("\\" if alone else "\\\\")
            elif sign == "\n" and self.dice.random() < 0.5:
                made.append("\\n")
            else:
                made.append(sign)
        return "'" + "".join(made) + "'"

    def wkt(self, geometry) -> str:
        text = shapely.to_wkt(swapped(geometry) if self.swap else geometry, rounding_precision=-1)
        drawn = self.dice.random()
        return text.replace(" (", "(") if drawn < 0.5 else text.lower() if drawn < 0.6 else text


def number(value: float) -> str:
    return repr(float(value))


def swapped(geometry):
    return shapely.transform(geometry, lambda xy: xy[:, ::-1])


class JsonForm:
    """Writes CQL2 JSON."""

    def __init__(self, table: Table, dice: random.Random, swap: bool = False):
        self.table, self.dice, self.swap = table, dice, swap

    def write(self, node: Node) -> str:
        return json.dumps(self.of(node), ensure_ascii=self.dice.random() < 0.5)

    def of(self, node: Node):
        of = self.of
        match node:
            case ("bool" | "int" | "text", value):
                return value
            case ("float", value):
                return value
            case ("date", day):
                return {"date": day_text(day)}
            case ("instant", us):
                return {"timestamp": instant_text(us)}
            case ("prop", place, _):
                return {"property": self.table.columns[place].name}
            case ("shape",):
                return {"property": self.table.geometry}
            case ("wkt", geometry):
                return shapely.geometry.mapping(swapped(geometry) if self.swap else geometry)
            case ("bbox", (west, south, east, north)):
                return {"bbox": [south, west, north, east] if self.swap else [west, south, east, north]}
            case ("interval", start, end):
                return {"interval": [self.end(start), self.end(end)]}
            case ("array", members):
                return [of(m) for m in members]
            case ("and" | "or", members):
                return op(node[0], *map(of, members))
            case ("not", inner):
                return op("not", of(inner))
            case ("cmp", sign, a, b) | ("arith", sign, a, b):
                return op(sign, of(a), of(b))
            case ("minus", a):
                return op("*", -1, of(a))
            case ("like", text, pattern, folds, negated):
                folded = pattern
                for fold in folds:
                    folded = op(FOLD[fold].lower(), folded)
                return inverted(op("like", of(text), folded), negated)
            case ("between", a, low, high, negated):
                return inverted(op("between", of(a), of(low), of(high)), negated)
            case ("in", a, members, negated):
                return inverted(op("in", of(a), [of(m) for m in members]), negated)
            case ("isnull", a, negated):
                return inverted(op("isNull", of(a)), negated)
            case ("fold", fold, text):
                return op(FOLD[fold].lower(), of(text))
            case ("spatial" | "temporal" | "arrays", name, a, b):
                return op(f"{node[0][0]}_{name}", of(a), of(b))
            case ("call", place, arguments):
                return op(FUNCTIONS[place].name, *map(of, arguments))
        raise AssertionError(node)

    def end(self, end: Node | None):
        if end is None:
            return ".."
        return self.of(end) if end[0] == "prop" else day_text(end[1]) if end[0] == "date" else instant_text(end[1])


def op(name: str, *arguments) -> dict:
    return {"op": name, "args": list(arguments)}


def inverted(predicate: dict, negated: bool) -> dict:
    return op("not", predicate) if negated else predicate
