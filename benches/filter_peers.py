#!/usr/bin/env python3
"""Times other engines on the filters of the bench `filter`, over the same rows.

    GUICHET_BENCH_PARCELS=parcels.fgb GUICHET_BENCH_FILTERS=filters.json cargo bench --bench filter
    filter_peers.py --layer parcels.fgb --filters filters.json

DuckDB has the rows in its own columns, in memory, with one thread, and an R-tree of its own for what it serves. The `cql2` crate (its
evaluator, built here from benches/peers) reads parsed JSON features, a sample of them, whose time is scaled to all rows. Medians.
Needs duckdb, duckdb-extension-spatial, pyogrio and pyarrow, as tests/clients/requirements.txt pins them.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import pyogrio
import shapely

PEERS = Path(__file__).resolve().parent / "peers"
ROUNDS = 7


def sql_of(text: str) -> str:
    """The filter in DuckDB's words; the bench asks for nothing that needs more than other names."""
    text = re.sub(r"POLYGON\(\(.*?\)\)", lambda m: f"ST_GeomFromText('{m[0]}')", text)
    text = text.replace("BBOX(", "ST_MakeEnvelope(")
    text = re.sub(r"\bS_", "ST_", text)
    text = re.sub(r"\bCASEI\(", "lower(", text)
    return re.sub(r"\bACCENTI\(", "strip_accents(", text)


def load(layer: Path) -> tuple[duckdb.DuckDBPyConnection, int]:
    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    base = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    base.execute(f"LOAD '{extension}'")
    meta, rows = pyogrio.read_arrow(layer)
    shape = meta["geometry_name"] or "wkb_geometry"
    base.execute(f"CREATE TABLE parcels AS SELECT * EXCLUDE {shape}, CAST({shape} AS GEOMETRY) AS geometry FROM rows")
    return base, len(rows)


def median_ms(base: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, float]:
    times, found = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = base.execute(f"SELECT count(*) FROM parcels WHERE {sql}").fetchone()[0]
        times.append((time.perf_counter() - began) * 1000)
    return found, statistics.median(times)


def write_sample(layer: Path, rows: int, every: int, path: Path) -> int:
    """Every so many-th feature as a line of GeoJSON."""
    meta, table = pyogrio.read_arrow(layer, datetime_as_string=True)
    shape = meta["geometry_name"] or "wkb_geometry"
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, rows, 50_000):
            part = table.slice(start, 50_000)
            part = part.take(list(range((-start) % every, len(part), every)))
            geometries = json_of(part.column(shape).to_pylist())
            for row, geometry in zip(part.drop_columns([shape]).to_pylist(), geometries, strict=True):
                file.write(f'{{"type":"Feature","properties":{json.dumps(row, default=str)},"geometry":{geometry}}}\n')
                written += 1
    return written


def json_of(wkb: list) -> list[str]:
    return [text or "null" for text in shapely.to_geojson(shapely.from_wkb(wkb)).tolist()]


def crate(features: Path, filters: list[str], folder: Path) -> list[dict]:
    texts = folder / "filters.json"
    texts.write_text(json.dumps(filters), "utf-8")
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(PEERS / "Cargo.toml")], check=True)
    target = PEERS / "target" / "release" / "filter-peers"
    return json.loads(
        subprocess.run([str(target), str(features), str(texts), "3"], check=True, capture_output=True, text=True).stdout
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layer", type=Path, required=True)
    parser.add_argument("--filters", type=Path, required=True, help="a JSON object: name → CQL2 text")
    parser.add_argument("--every", type=int, default=100, help="of so many rows, the crate gets one")
    options = parser.parse_args()
    filters: dict[str, str] = json.loads(options.filters.read_text("utf-8"))

    base, rows = load(options.layer)
    plain = {name: median_ms(base, sql_of(text)) for name, text in filters.items()}
    base.execute("CREATE INDEX places ON parcels USING RTREE (geometry)")
    indexed = {name: median_ms(base, sql_of(text)) for name, text in filters.items() if "S_" in text}
    base.close()

    with tempfile.TemporaryDirectory(prefix="guichet-peers-") as made:
        folder = Path(made)
        sample = write_sample(options.layer, rows, options.every, folder / "features.ndjson")
        times = dict(zip(filters, crate(folder / "features.ndjson", list(filters.values()), folder), strict=True))

    print(f"{rows} rows; the crate: {sample} of them, scaled; milliseconds, medians; parse in microseconds\n")
    print("| filter | selected | DuckDB, 1 thread | DuckDB, R-tree | `cql2` crate | `cql2` parses in |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in filters:
        found, duck = plain[name]
        tree = f"{indexed[name][1]:.1f}" if name in indexed else ""
        scaled = times[name]["milliseconds"] * rows / sample
        print(f"| {name} | {found} | {duck:.1f} | {tree} | {scaled:.0f} | {times[name]['parse_microseconds']:.0f} µs |")
        if name in indexed and indexed[name][0] != found:
            print(f"filter_peers: {name}: {indexed[name][0]} with the R-tree", file=sys.stderr)
        estimate = times[name]["matched"] * rows / sample
        if abs(estimate - found) > max(5000, found * 0.3):
            print(f"filter_peers: {name}: the crate's sample tells of {estimate:.0f}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
