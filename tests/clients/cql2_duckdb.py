#!/usr/bin/env python3
"""Asks guichet and DuckDB the same random questions, and compares the rows that they find.

    cql2_duckdb.py --bin target/release/guichet [--count 5000] [--seed 1]

Random tables of awkward values (see cql2_tables.py) are served as GeoPackage and GeoJSON and loaded into DuckDB. Random well-typed
filters of all classes of CQL2 are written as CQL2 text or JSON and, by a printer of its own, as SQL; both must find the same rows.
Where they differ over a relation of geometries, and only there, the exact judge of cql2_exact.py decides: GEOS, which DuckDB asks,
rounds the places where lines cross. Filters on which it is of guichet's opinion are counted as explained.

Every table has a seed of its own, counted up from --seed, so a run can go on where another ended, and one table can be asked again:
--seed N --count 250 (and --only I for one filter of it). Mismatches are printed with the smallest filter that still shows them.
"""

import argparse
import multiprocessing
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cql2_tables
import duckdb
import duckdb_extension_spatial
import numpy as np
from cql2_ask import Client, Refused
from cql2_forms import JsonForm, TextForm
from cql2_functions import PYTHON
from cql2_sql import Sql
from cql2_tables import CRS84, EPSG, Table
from cql2_tree import Maker, Node, simpler, walk
from server import running

FILTERS = 250  # of each table
TABLES = 10  # served at a time
BATCH = 25  # filters of one SELECT
SHOWN = 10  # mismatches printed in full
JUDGED = 40  # rows of a filter that the exact judge is asked about
TRIES = 300  # smaller filters tried for a mismatch


@dataclass
class Question:
    """A filter in all its forms."""

    place: int
    node: Node
    text: str
    lang: str
    crs: str | None
    sql: str


@dataclass
class Tally:
    """What came out."""

    filters: int = 0
    tables: int = 0
    nodes: Counter = field(default_factory=Counter)
    answers: Counter = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)
    explained: int = 0
    sql_seconds: float = 0.0
    ask_seconds: float = 0.0

    def add(self, other: "Tally") -> None:
        self.filters += other.filters
        self.tables += other.tables
        self.nodes += other.nodes
        self.answers += other.answers
        self.mismatches += other.mismatches
        self.explained += other.explained
        self.sql_seconds += other.sql_seconds
        self.ask_seconds += other.ask_seconds


def connect() -> duckdb.DuckDBPyConnection:
    """DuckDB with its spatial extension and the folds that it does not have."""
    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    base = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    base.execute(f"LOAD '{extension}'")
    # It takes TRY_CAST(x AS BIGINT) > 1 for x > 1, and so finds rows whose x does not fit (DuckDB 1.5.5). Plans of a hundred rows are not
    # worth their optimizing anyhow.
    optimizers = ",".join(name for (name,) in base.execute("SELECT name FROM duckdb_optimizers()").fetchall())
    base.execute(f"SET disabled_optimizers = '{optimizers}'")
    for name, (function, takes) in {
        "casei": (cql2_tables.casei, "VARCHAR"),
        "accenti": (cql2_tables.accenti, "VARCHAR"),
        **PYTHON,
    }.items():
        base.create_function(name, function, [takes], "VARCHAR")
    return base


def load(base: duckdb.DuckDBPyConnection, table: Table) -> None:
    rows = cql2_tables.arrow(table)  # found by DuckDB by its name
    assert len(rows) == table.rows
    shapes = ", ".join(f"ST_GeomFromWKB({name}) AS {name}" for name in ("shape", "noded"))
    base.execute(f"CREATE OR REPLACE TABLE rows_ AS SELECT * REPLACE ({shapes}) FROM rows ORDER BY rid")


class Judge:
    """Asks both about one table."""

    def __init__(self, table: Table, client: Client, base: duckdb.DuckDBPyConnection, tally: Tally):
        self.table, self.client, self.base, self.tally = table, client, base, tally
        self.sql = Sql(table)

    def question(self, place: int, node: Node, dice: random.Random) -> Question:
        crs, swap = self.frame(dice)
        is_json = dice.random() < 0.3
        form = (JsonForm if is_json else TextForm)(self.table, dice, swap)
        lang = "cql2-json" if is_json else "cql2-text"
        return Question(place, node, form.write(node), lang, crs, self.sql.of(node))

    def frame(self, dice: random.Random) -> tuple[str | None, bool]:
        """The CRS to say, and whether its first axis is latitude. No vertex is moved: the answers are to be exact."""
        if self.table.srs != 4326:
            return f"{EPSG}{self.table.srs}", False
        return dice.choice(((None, False), (None, False), (CRS84, False), (f"{EPSG}4326", True)))

    def truths(self, sqls: list[str]) -> list[np.ndarray]:
        """Which rows pass, by DuckDB; unknown is no pass."""
        began = time.perf_counter()
        columns = ", ".join(f"{sql} AS q{n}" for n, sql in enumerate(sqls))
        found = self.base.execute(f"SELECT {columns} FROM rows_ ORDER BY rid").fetchnumpy()
        self.tally.sql_seconds += time.perf_counter() - began
        return [np.ma.filled(found[f"q{n}"], False).astype(bool) for n in range(len(sqls))]

    def answer(self, question: Question) -> np.ndarray:
        """Which rows pass, by guichet."""
        began = time.perf_counter()
        ids = self.client.ids(self.table.name, question.text, question.lang, question.crs)
        self.tally.ask_seconds += time.perf_counter() - began
        passed = np.zeros(self.table.rows, bool)
        passed[np.array(ids, int) - 1] = True
        return passed

    def compare(self, question: Question, truth: np.ndarray | str) -> str | None:
        """What is wrong with the answer, if anything."""
        if isinstance(truth, str):
            return truth
        try:
            answer = self.answer(question)
        except Refused as refusal:
            return f"refused: {refusal}"
        self.tally.answers["none" if not truth.any() else "all" if truth.all() else "some"] += 1
        if np.array_equal(answer, truth):
            return None
        truth = self.judged(question.node, answer, truth)
        if np.array_equal(answer, truth):
            self.tally.explained += 1
            return None
        extra, missing = np.flatnonzero(answer & ~truth) + 1, np.flatnonzero(truth & ~answer) + 1
        return f"too many: {extra[:5].tolist()} of {len(extra)}, missing: {missing[:5].tolist()} of {len(missing)}"

    def judged(self, node: Node, answer: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """The truth, with the relations of geometries computed exactly where the answer differs."""
        rows = np.flatnonzero(answer != truth).tolist()
        if len(rows) > JUDGED or not any(inner[0] == "spatial" for inner in walk(node)):
            return truth
        judged = truth.copy()
        for row in rows:
            sql = Sql(self.table, row).of(node)
            judged[row] = self.base.execute(f"SELECT {sql} FROM rows_ WHERE rid = {row + 1}").fetchone()[0] is True
        return judged

    def truth_or_fault(self, sql: str) -> np.ndarray | str:
        try:
            return self.truths([sql])[0]
        except duckdb.Error as problem:
            return f"DuckDB: {str(problem)[:300]}"

    def batch(self, questions: list[Question]) -> None:
        try:
            truths: list[np.ndarray | str] = list(self.truths([q.sql for q in questions]))
        except duckdb.Error:
            truths = [self.truth_or_fault(q.sql) for q in questions]
        for question, truth in zip(questions, truths, strict=True):
            self.tally.filters += 1
            self.tally.nodes.update(kind_of(node) for node in walk(question.node))
            problem = self.compare(question, truth)
            if problem:
                self.tally.mismatches.append(self.report(question, problem))

    def report(self, question: Question, problem: str) -> str:
        """The mismatch in the smallest filter that still shows one of its kind."""
        kind, smallest, tried, again = problem.split(":")[0], question, 0, True
        kinds = {"too many", "missing"} if kind in ("too many", "missing") else {kind}
        while again and tried < TRIES:
            again = False
            for node in simpler(smallest.node):
                tried += 1
                dice = random.Random(tried)
                form = (JsonForm if question.lang == "cql2-json" else TextForm)(self.table, dice, question.crs == f"{EPSG}4326")
                smaller = Question(question.place, node, form.write(node), question.lang, question.crs, self.sql.of(node))
                found = self.compare(smaller, self.truth_or_fault(smaller.sql))
                if found and found.split(":")[0] in kinds:
                    smallest, problem, again = smaller, found, True
                    break
                if tried >= TRIES:
                    break
        where = f"--seed {self.table.name[1:]} --count {FILTERS} --only {question.place}"
        lines = [f"{where}: {problem}", f"  {smallest.lang}: {smallest.text}", f"  sql: {smallest.sql}"]
        if smallest.crs:
            lines.append(f"  filter-crs: {smallest.crs}")
        return "\n".join([*lines, *self.witnesses(smallest, problem)])

    def witnesses(self, question: Question, problem: str) -> list[str]:
        """The values of the first row that differs."""
        found = re.search(r"\[(\d+)", problem)
        if not found:
            return []
        rid = int(found[1])
        seen = {node[1] for node in walk(question.node) if node[0] == "prop"}
        columns = [self.table.columns[place] for place in sorted(seen)]
        lines = [f"  row {rid}: {column.name!r} ({column.type}) = {column.values[rid - 1]!r}" for column in columns]
        if any(node[0] == "shape" for node in walk(question.node)):
            lines.append(f"  row {rid}: {self.table.shapes[rid - 1]}")
        return lines


def kind_of(node: Node) -> str:
    return f"{node[0]} {node[1]}" if node[0] in ("cmp", "spatial", "temporal", "arrays", "arith", "fold") else node[0]


def run_round(binary: Path, seeds: list[int], only: int | None, without: frozenset[str]) -> Tally:
    """Serves a table for each seed and asks about each."""
    tally = Tally()
    base = connect()
    with tempfile.TemporaryDirectory(prefix="guichet-cql2-") as made:
        folder = Path(made)
        tables, entries = [], []
        for seed in seeds:
            table = cql2_tables.draw(f"t{seed}", random.Random(f"table {seed}"))
            entries.append(cql2_tables.write(table, folder, random.Random(f"file {seed}")))
            tables.append(table)
        config = folder / "guichet.toml"
        # Random filters are dearer than those of people: what is refused for its cost would be no answer to compare.
        limits = "[limits]\nfilter_cost = 100000\n\n"
        config.write_text('[platform]\ntitle = "CQL2"\n\n' + limits + "\n".join(entries), "utf-8")
        with running(binary, "--config", str(config), log=folder / "server.log") as address:
            client = Client(address)
            for seed, table in zip(seeds, tables, strict=True):
                load(base, table)
                judge = Judge(table, client, base, tally)
                questions = []
                for place in range(FILTERS):
                    dice = random.Random(f"filter {seed} {place}")
                    if only is None or place == only:
                        questions.append(judge.question(place, Maker(table, dice, without).filter(), dice))
                for first in range(0, len(questions), BATCH):
                    judge.batch(questions[first : first + BATCH])
                tally.tables += 1
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--count", type=int, default=5000, help=f"filters, {FILTERS} a table")
    parser.add_argument("--seed", type=int, default=1, help="of the first table")
    parser.add_argument("--only", type=int, help="one filter of each table")
    parser.add_argument("--without", nargs="*", default=(), help="kinds of predicates to leave out, such as spatial")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with a server of its own")
    options = parser.parse_args()

    seeds = list(range(options.seed, options.seed + max(1, -(-options.count // FILTERS))))
    rounds = [seeds[n : n + TABLES] for n in range(0, len(seeds), TABLES)]
    began, said, total = time.monotonic(), time.monotonic(), Tally()
    with multiprocessing.get_context("spawn").Pool(min(options.workers, len(rounds))) as pool:
        jobs = [pool.apply_async(run_round, (options.bin, part, options.only, frozenset(options.without))) for part in rounds]
        for part, job in zip(rounds, jobs, strict=True):
            tally = job.get()
            for mismatch in tally.mismatches[: max(0, SHOWN - len(total.mismatches))]:
                print(f"clients: cql2: MISMATCH {mismatch}", flush=True)
            total.add(tally)
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(
                    f"clients: cql2: … {total.filters} filters up to seed {part[-1]}, {len(total.mismatches)} mismatches",
                    flush=True,
                )

    seconds = time.monotonic() - began
    classes = Counter(kind.split(" ")[0] for kind in total.nodes.elements())
    print(f"clients: cql2: parts: {', '.join(f'{kind} {n}' for kind, n in sorted(classes.items()))}")
    print(
        f"clients: cql2: rows found: {', '.join(f'{kind} {n}' for kind, n in sorted(total.answers.items()))} of the filters; "
        f"{total.sql_seconds:.0f} s in DuckDB, {total.ask_seconds:.0f} s in guichet"
    )
    print(
        f"clients: cql2: {total.filters} filters over {total.tables} tables (seeds {seeds[0]} to {seeds[-1]}) in {seconds:.0f} s "
        f"({total.filters / seconds:.0f} a second): {len(total.mismatches)} mismatches, {total.explained} explained (relations of geometries, "
        "OGC 06-103r4 §6.1.15, that GEOS rounds)"
    )
    return 1 if total.mismatches or not total.filters else 0


if __name__ == "__main__":
    sys.exit(main())
