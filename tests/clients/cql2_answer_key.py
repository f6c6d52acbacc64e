#!/usr/bin/env python3
"""The CQL2 standard's own answer key, asked over HTTP in both encodings.

    cql2_answer_key.py --bin target/release/guichet --data DIR

DIR holds the standard's test data (cql2/ne110m4cql2.gpkg), the filters of its abstract test suite with the number of items that each
must find (cql2/ats-expected-counts.csv) and its examples (cql2/examples/{text,json}). Every filter is sent as CQL2 text, and as the
CQL2 JSON that PyPI's `cql2` makes of it. The examples come without answers: over layers made here, that have all of their properties,
the text, the JSON beside it and the JSON that `cql2` makes must find the same items, some of them at least once.
"""

import argparse
import csv
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import cql2
import geopackage
import shapely
from cql2_ask import Client, Refused
from server import running

LAYERS = ("ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines")

# Rows of which PyPI's conversion to JSON means something else than the text, with the JSON that the standard's examples write instead.
CONVERTED_WRONGLY: dict[str, dict] = {}

# Rows whose published count is wrong (opengeospatial/ogcapi-features issue 1011: other texts came into the table, their counts did not),
# and what the published data give: Chișinău, Chicago and Chengdu begin with "Ch", and only the first with "Chiș".
ERRATA = {
    "ACCENTI(name) LIKE accenti('Ch%')": 3,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": 1,
}

# What the examples call their properties, with some values. Columns that two examples take for different types are in two layers.
NUMBERS = [0, 1, 2, 3, 10, 15, 28, 400, None]
MOMENTS = [
    "1969-07-16T05:32:00Z", "1969-07-20T20:17:40Z", "1991-10-07T08:21:06.393262Z", "1992-01-01T00:00:00Z", "2000-01-01T00:00:00Z",
    "2005-01-10T01:01:01.393216Z", "2010-02-10T05:29:20.073225Z", "2012-08-10T05:30:00Z", "2017-06-10T08:00:00Z", None,
]  # fmt: skip
DAYS = ["1969-07-16", "1970-01-01", "1851-04-29", "2010-02-10", "2012-06-06", "2014-12-31", "2020-01-01", None]
ARRAYS = [["a", "b", "c"], ["a"], ["layers-ca", "layers-us"], ["a", True, 1.0, 8], [False, "x"], [], None]
PROPERTIES = {
    "TEXT": {
        "city": ["Toronto", "Paris"], "name": ["Smithers", "foobar", "FOO", "other"], "cityName": ["Tokyo", "Oslo"],
        "road_class": ["ΟΔΟΣ", "STRASSE", "Weg"], "etat_vol": ["debarquer", "débárquér", "x"],
            "landsat:scene_id": ["LC82030282019133LGN00"],
        "eo:instrument": ["OLI_TIRS", "TM"], "beamMode": ["ScanSAR Narrow", "x"], "swathDirection": ["ascending"],
        "polarization": ["HH+VV+HV+VH"], "owner": ["Mike Jones", "mike", "Beyonce", "Somebody Else"],
            "material": ["brick", "redbrick", "wood"],
        "geophys:SURVEY_NAME": ["South Calcutta", "x"], "id": ["fa7e1920-9107-422d-a3db-c468cbc5d6df", "x"],
    },
    "REAL": {
        "windSpeed": NUMBERS, "balance": [100, 150.5, 200], "depth": [99.5, 100, 120], "eo:cloud_cover": [0.05, 0.1, 0.2],
            "taxes": [400, 600],
        "foo": NUMBERS, "bar": NUMBERS, "x": NUMBERS, "vehicle_height": [3, 4.5], "bridge_clearance": [4, 5],
    },
    "INTEGER": {"category": [1, 4, 5], "landsat:wrs_row": [28, 29], "floors": [3, 5, 6]},
    "BOOLEAN": {"swimming_pool": [True, False, None]},
    "DATE": {"updated": DAYS, "built": DAYS},
    "DATETIME": dict.fromkeys(("event_time", "touchdown", "liftOff", "starts_at", "ends_at", "updated_at"), MOMENTS),
    "JSON": {"layer:ids": ARRAYS, "values": ARRAYS},
}  # fmt: skip
# Two layers: in the first these are numbers.
DOUBTFUL = {"value": (NUMBERS, ["a", "b", "z", None]), "landsat:wrs_path": ([203, 204], ["153", "15X", "203"])}
GEOMETRIES = ("geometry", "road", "footprint", "location")
SHAPES = [
    "POINT (36.319836 32.288087)", "POINT (-117.95 33.9)", "POINT (-3.508362 -1.754181)", "POINT (5 0)",
    "LINESTRING (43.72 -79.2998, 43.735 -79.295)", "LINESTRING (43.6 -79.6, 43.8 -79.1)", "LINESTRING (-77.2 38.9, -76.9 39.2)",
    "POLYGON ((-20 -20, 20 -20, 20 20, -20 20, -20 -20))", "POLYGON ((100 10, 150 10, 150 60, 100 60, 100 10))",
    "POLYGON ((-170 -10, 170 -10, 170 15, -170 15, -170 -10))",
    "MULTIPOINT (180 -0.5, 179 -47.121701, 33.470475 -0.99999, 179 -15.333062, 180 0)", None,
]  # fmt: skip
ROWS = 240
# Examples that are to be refused, with a part of the reason: a function of nobody's, or a layer's second geometry.
REFUSED = {
    "clause6_01": "avg", "clause6_02b": "avg", "clause7_18": "Buffer", "example68": "Foo", "example69": "Bar",
}  # fmt: skip


def write_examples(path: Path) -> None:
    """A layer for each name of the geometry and each meaning of a doubtful property."""
    dice = random.Random(3)
    layers = []
    for geometry in GEOMETRIES:
        for meaning in (0, 1):
            columns, pools = [("rid", "INTEGER")], []
            for kind, properties in PROPERTIES.items():
                columns += [(name, kind) for name in properties]
                pools += [(kind, pool) for pool in properties.values()]
            for name, pair in DOUBTFUL.items():
                columns.append((name, "TEXT" if meaning else "REAL"))
                pools.append(("", pair[meaning]))
            rows = []
            for row in range(ROWS):
                values = [dice.choice(pool) for _, pool in pools]
                values = [
                    json.dumps(v) if kind == "JSON" and v is not None else v for (kind, _), v in zip(pools, values, strict=True)
                ]
                shape = dice.choice(SHAPES)
                rows.append([row + 1, *values, None if shape is None else shapely.to_wkb(shapely.from_wkt(shape), byte_order=1)])
            layers.append(geopackage.Layer(f"{geometry}_{meaning}", geometry, 4326, columns, rows))
    geopackage.write(path, layers)


class Faults(list):
    """What was wrong, each printed as it is found."""

    def add(self, what: str) -> None:
        print(f"clients: answer key: FAILED: {what}", flush=True)
        self.append(what)


def check_key(client: Client, folder: Path, faults: Faults) -> None:
    """Every filter of the abstract tests, in both encodings."""
    asked: Counter = Counter()
    with (folder / "ats-expected-counts.csv").open(encoding="utf-8") as file:
        rows = [
            (row["conformance_class"], row["collection"], row["cql2_text"], int(row["expected_items"]))
            for row in csv.DictReader(file)
        ]
    for name, collection, text, published in rows:
        expected = ERRATA.get(text, published)
        if text in ERRATA and expected == published:
            faults.add(f"{name}: {text}: no erratum any more")
        converted = CONVERTED_WRONGLY.get(text) or cql2.parse_text(text).to_json()
        for lang, filter in (("cql2-text", text), ("cql2-json", json.dumps(converted, ensure_ascii=False))):
            asked[name] += 1
            try:
                found = client.matched(collection, filter, lang)
            except Refused as refusal:
                faults.add(f"{name}: {collection}: {filter}: {refusal}")
                continue
            if found != expected:
                faults.add(f"{name}: {collection}: {filter}: {found} items instead of {expected}")
    print(f"clients: answer key: {len(rows)} rows, {asked.total()} asked, {len(ERRATA)} of the rows by their erratum")
    print(f"clients: answer key: {', '.join(f'{name} {count}' for name, count in sorted(asked.items()))}")


def check_examples(client: Client, folder: Path, faults: Faults) -> None:
    """The examples in text, in the JSON beside them, and in the JSON that PyPI's `cql2` makes of the text."""
    answered: Counter = Counter()
    for path in sorted((folder / "examples" / "text").iterdir()):
        text = path.read_text("utf-8")
        beside = folder / "examples" / "json" / f"{path.stem}.json"
        forms = [("cql2-text", text), ("cql2-json", json.dumps(cql2.parse_text(text).to_json()))]
        if beside.exists():
            forms.append(("cql2-json", beside.read_text("utf-8")))
        refusal = REFUSED.get(path.stem)
        answers = {}
        for layer in [f"{geometry}_{meaning}" for geometry in GEOMETRIES for meaning in (0, 1)]:
            answers[layer] = [answer(client, layer, lang, filter) for lang, filter in forms]
        for layer, given in answers.items():
            # Words of a refusal tell the place, which is another in each encoding.
            if len({a if isinstance(a, tuple) else "refused" for a in given}) != 1:
                faults.add(f"{path.name}: {layer}: its forms differ: {[str(a)[:200] for a in given]}")
        found = [given[0] for given in answers.values() if isinstance(given[0], tuple)]
        words = " ".join(str(given[0]) for given in answers.values() if not isinstance(given[0], tuple))
        if refusal:
            answered["refused as they must be"] += 1
            if found or refusal.lower() not in words.lower():
                faults.add(f"{path.name}: it has an answer, or is refused for something else: {words[:300]}")
        elif not found:
            faults.add(f"{path.name}: {text.strip()[:200]}: no layer answers: {words[:300]}")
        else:
            answered["with some of the rows" if any(0 < len(ids) < ROWS for ids in found) else "with all rows or none"] += 1
    print(f"clients: answer key: examples: {', '.join(f'{n} {what}' for what, n in sorted(answered.items()))}")


def answer(client: Client, layer: str, lang: str, filter: str) -> tuple[int, ...] | str:
    """The ids found, or the words of the refusal."""
    try:
        return tuple(sorted(client.ids(layer, filter, lang)))
    except Refused as refusal:
        return refusal.words


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder of test data")
    options = parser.parse_args()
    data = options.data.resolve() / "cql2"

    faults = Faults()
    with tempfile.TemporaryDirectory(prefix="guichet-cql2-key-") as made:
        folder = Path(made)
        write_examples(folder / "examples.gpkg")
        entries = [(layer, f'{{ path = {json.dumps(str(data / "ne110m4cql2.gpkg"))}, layer = "{layer}" }}', "") for layer in LAYERS]
        entries += [
            (f"{geometry}_{meaning}", f'{{ path = "examples.gpkg", layer = "{geometry}_{meaning}" }}', 'feature_id = "rid"\n')
            for geometry in GEOMETRIES
            for meaning in (0, 1)
        ]
        config = folder / "guichet.toml"
        config.write_text(
            '[platform]\ntitle = "CQL2"\n\n'
            + "\n".join(
                f'[[layer]]\nid = "{i}"\ntitle = "{i}"\naccess = "open"\n{key}source = {source}\n' for i, source, key in entries
            ),
            "utf-8",
        )
        with running(options.bin, "--config", str(config), log=folder / "server.log") as base:
            client = Client(base)
            check_key(client, data, faults)
            check_examples(client, data, faults)
    print(f"clients: answer key: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
