#!/usr/bin/env python3
"""Filters as clients write them: GDAL, OWSLib and QGIS.

    cql2_clients.py --bin target/release/guichet

A small layer is made in degrees and in Lambert-93 and served. A proxy stands between the clients and the server and notes what passes.

- GDAL's driver for OGC API Features reads the layer with `-where` filters. It sends a filter only where the API definition has the
  language's draft name `cql-text` and the property as a parameter; the proxy must see that it does, and the rows must be those that
  the filter finds in the source file, read by GDAL without a server.
- OWSLib sends filters in both encodings.
- QGIS (3.30 and later) is not run: the forms that its expression compiler writes are sent as they are.

What each must find is computed here from the rows.
"""

import argparse
import contextlib
import http.client
import json
import math
import multiprocessing
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cql2
import geopackage
import pyogrio
import pyproj
import shapely
from cql2_ask import Client, Refused
from owslib.ogcapi.features import Features
from server import running

ROWS = 300
NAMES = (
    "L'Isle", "Aix", "aix", "Arles", "arles-sur-Tech", "Étang", "étang", "Saint-Rémy", "back\\slash", "100%", "a_b", "Île",
        "ISTRES", None,
)  # fmt: skip
COLUMNS = (
    ("nom", "TEXT", "string"), ("population", "INTEGER", "integer"), ("altitude", "REAL", "number"),
        ("ouvert", "BOOLEAN", "boolean"),
    ("jour", "DATE", "date"), ("maj", "DATETIME", "date-time"), ("nom d'usage", "TEXT", "string"),
)  # fmt: skip
SYSTEMS = {"degres": 4326, "lambert": 2154}
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"

FIRST = shapely.Point(5.5, 43.5)
TRIANGLE = shapely.Polygon([(5, 43.5), (6, 43.5), (6, 44.5)])

Row = dict


def make_rows() -> list[Row]:
    dice = random.Random(5)
    rows = []
    for n in range(ROWS):
        day = f"{dice.randint(2019, 2022)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
        rows.append({
            "rid": n + 1, "nom": dice.choice(NAMES), "population": dice.choice((None, dice.randint(-5, 40), 1 << 53,
                (1 << 53) + 1)),
            "altitude": dice.choice((None, dice.randint(-8, 40) / 4, 1.5)), "ouvert": dice.choice((None, True, False)),
            "jour": dice.choice((None, day, "2020-02-29")),
            "maj": dice.choice((None, f"{day}T{dice.randint(0, 23):02d}:30:00.000Z", "2020-02-29T12:00:00.000Z")),
            "nom d'usage": dice.choice(("x", "y z", None)),
            "place": None if n % 25 == 24 else FIRST if n == 0 else shapely.Point(dice.randint(400, 760) / 100,
                dice.randint(4300, 4520) / 100),
        })  # fmt: skip
    return rows


def write_layers(rows: list[Row], folder: Path) -> None:
    """A GeoPackage with the layer in both systems, and a GeoJSON file of which GDAL judges `-where` itself."""
    to_lambert = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:2154", always_xy=True)
    columns = [("rid", "INTEGER"), *((name, kind) for name, kind, _ in COLUMNS)]
    layers = []
    for layer, srs in SYSTEMS.items():
        written = []
        for row in rows:
            place = row["place"]
            if place is not None and srs == 2154:
                place = shapely.Point(*to_lambert.transform(place.x, place.y))
            written.append([*(row[name] for name, _ in columns), None if place is None else shapely.to_wkb(place, byte_order=1)])
        layers.append(geopackage.Layer(layer, "geom", srs, columns, written))
    geopackage.write(folder / "villes.gpkg", layers)
    features = [
        {
            "type": "Feature", "id": row["rid"], "properties": {name: row[name] for name, _, _ in COLUMNS},
            "geometry": None if row["place"] is None else shapely.geometry.mapping(row["place"]),
        }
        for row in rows
    ]  # fmt: skip
    (folder / "villes.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    (folder / "guichet.toml").write_text(
        '[platform]\ntitle = "Clients"\n\n'
        + "\n".join(
            f'[[layer]]\nid = "{layer}"\ntitle = "{layer}"\naccess = "open"\nfeature_id = "rid"\n'
            f'source = {{ path = "villes.gpkg", layer = "{layer}" }}\n'
            + "".join(f'[layer.fields.{json.dumps(name)}]\ntype = "{kind}"\n' for name, _, kind in COLUMNS)
            for layer in SYSTEMS
        ),
        "utf-8",
    )


# --- the proxy ----------------------------------------------------------------------------------------------------------


class Seen:
    """The queries of all requests for items that passed."""

    def __init__(self, log: Path):
        self.log, self.read = log, 0

    def take(self) -> list[dict[str, str]]:
        """Those since the last time."""
        lines = self.log.read_text("utf-8").splitlines()
        new, self.read = lines[self.read :], len(lines)
        return [{name: values[0] for name, values in parse_qs(line, keep_blank_values=True).items()} for line in new]


@contextlib.contextmanager
def proxy(base: str, log: Path) -> Iterator[tuple[str, Seen]]:
    """Passes requests on. A process of its own: GDAL's bindings keep all threads of theirs waiting."""
    log.touch()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=pass_on, args=(urlsplit(base).netloc, log, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(30):
            raise SystemExit("clients: cql2 clients: the proxy did not start")
        yield f"http://127.0.0.1:{ours.recv()}", Seen(log)
    finally:
        process.terminate()
        process.join()


def pass_on(upstream: str, log: Path, ready: Connection) -> None:
    with log.open("a", encoding="utf-8", buffering=1) as lines:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path.endswith("/items"):
                    lines.write(parts.query + "\n")
                # The name under which the client knows the server goes along, so links lead back here.
                connection = http.client.HTTPConnection(upstream, timeout=60)
                connection.request("GET", self.path, headers=dict(self.headers))
                response = connection.getresponse()
                body = response.read()
                connection.close()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        ready.send(server.server_address[1])
        server.serve_forever()


# --- GDAL ---------------------------------------------------------------------------------------------------------------

# GDAL's own language (OGR SQL) compares texts without regard to case, but for LIKE; sent to a server, they are what that takes them for.
CASELESS = {"nom > 'B'", "nom IS NOT NULL AND NOT (nom = 'Aix')", "population > 5 AND altitude < 3 OR nom = 'Aix'"}
# `-where`, whether GDAL sends all of it, and what it must find; None where a NULL makes it unknown.
WHERES: tuple[tuple[str, bool, Callable[[Row], bool | None]], ...] = (
    ("population > 20", True, lambda r: known(r["population"], lambda p: p > 20)),
    ("population = 9007199254740993", True, lambda r: r["population"] == (1 << 53) + 1),
    ("population BETWEEN 1 AND 5", True, lambda r: known(r["population"], lambda p: 1 <= p <= 5)),
    ("altitude <= 2.5", True, lambda r: known(r["altitude"], lambda a: a <= 2.5)),
    ("altitude <> 1.5", True, lambda r: known(r["altitude"], lambda a: a != 1.5)),
    ("nom = 'L''Isle'", True, lambda r: r["nom"] == "L'Isle"),
    ("nom = 'back\\slash'", True, lambda r: r["nom"] == "back\\slash"),
    ("nom > 'B'", True, lambda r: known(r["nom"], lambda n: n > "B")),
    ("nom LIKE 'A%'", True, lambda r: known(r["nom"], lambda n: n.startswith("A"))),
    ("nom LIKE '_ix'", True, lambda r: known(r["nom"], lambda n: len(n) == 3 and n.endswith("ix"))),
    ("nom ILIKE 'a%'", True, lambda r: known(r["nom"], lambda n: n.lower().startswith("a"))),
    ("nom ILIKE 'étang'", True, lambda r: known(r["nom"], lambda n: n.lower() == "étang")),
    ("nom IS NULL", True, lambda r: r["nom"] is None),
    ("nom IS NOT NULL", True, lambda r: r["nom"] is not None),
    ("nom IS NOT NULL AND NOT (nom = 'Aix')", True, lambda r: known(r["nom"], lambda n: n != "Aix")),
    ("population > 5 AND altitude < 3 OR nom = 'Aix'", True, lambda r: either(both(known(r["population"], lambda p: p > 5),
        known(r["altitude"], lambda a: a < 3)), known(r["nom"], lambda n: n == "Aix"))),
    ("ouvert = 1", True, lambda r: r["ouvert"]),
    ("ouvert = 0", True, lambda r: known(r["ouvert"], lambda o: not o)),
    ("maj >= '2020/02/29 12:00:00'", True, lambda r: known(r["maj"], lambda m: m >= "2020-02-29T12")),
    ("maj < '2021-06-01T00:00:00Z'", True, lambda r: known(r["maj"], lambda m: m < "2021-06-01")),
    ("jour = '2020/02/29'", True, lambda r: r["jour"] == "2020-02-29"),
    ("jour >= '2020-01-01' AND jour < '2021-01-01'", True, lambda r: known(r["jour"], lambda j: j.startswith("2020"))),
    ("\"nom d'usage\" = 'y z'", True, lambda r: r["nom d'usage"] == "y z"),
    ("nom IN ('100%', 'Île')", False, lambda r: r["nom"] in ("100%", "Île")),
    ("population * 2 > 30", False, lambda r: known(r["population"], lambda p: p * 2 > 30)),
    ("population > 5 AND population * 2 < 30", False, lambda r: known(r["population"], lambda p: 5 < p < 15)),
)  # fmt: skip


def known(value, predicate: Callable[..., bool]) -> bool | None:
    return None if value is None else predicate(value)


def both(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def either(a: bool | None, b: bool | None) -> bool | None:
    return True if a or b else None if a is None or b is None else False


class Faults(list):
    """What was wrong, each printed as it is found."""

    def add(self, what: str) -> None:
        print(f"clients: cql2 clients: FAILED: {what}", flush=True)
        self.append(what)


def check_gdal(address: str, seen: Seen, rows: list[Row], faults: Faults) -> None:
    pushed = 0
    for layer in SYSTEMS:
        for where, whole, predicate in WHERES:
            expected = sum(predicate(row) is True for row in rows)
            seen.take()
            try:
                _, fids, _, _ = pyogrio.raw.read(f"OAPIF:{address}", layer=layer, where=where, columns=[], return_fids=True)
            except Exception as problem:  # GDAL's own kinds of faults
                faults.add(f"GDAL: {layer}: {where}: {problem}")
                continue
            asked = seen.take()
            sent = [query for query in asked if "filter" in query]
            if len(fids) != expected:
                faults.add(f"GDAL: {layer}: {where}: {len(fids)} rows instead of {expected}: {asked}")
            pushed += bool(sent)
            if whole and not sent:
                faults.add(f"GDAL: {layer}: {where}: no filter reached the server: {asked}")
            if any(query.get("filter-lang") != "cql-text" for query in sent):
                faults.add(f"GDAL: {layer}: {where}: another language: {sent}")
    print(
        f"clients: cql2 clients: GDAL {pyogrio.__gdal_version_string__}: {len(WHERES) * len(SYSTEMS)} asked, {pushed} sent a filter"
    )


def check_where_elsewhere(source: Path, rows: list[Row], faults: Faults) -> None:
    """The same filters judged by GDAL alone: that what is expected here is what its users expect."""
    for where, _, predicate in WHERES:
        expected = sum(predicate(row) is True for row in rows)
        found = len(pyogrio.raw.read(source, where=where, columns=[], return_fids=True)[1])
        if (found != expected) != (where in CASELESS):
            faults.add(f"GDAL, without a server: {where}: {found} rows instead of {expected}")


# --- OWSLib -------------------------------------------------------------------------------------------------------------

OWSLIB: tuple[tuple[str, Callable[[Row], bool | None]], ...] = (
    ("population > 20 AND nom IS NOT NULL", lambda r: both(known(r["population"], lambda p: p > 20), r["nom"] is not None)),
    ("CASEI(nom) LIKE CASEI('A%')", lambda r: known(r["nom"], lambda n: n.casefold().startswith("a"))),
    ("ACCENTI(nom) = ACCENTI('Etang')", lambda r: known(r["nom"], lambda n: n == "Étang")),
    ("S_INTERSECTS(geom, BBOX(5.005, 43.495, 6.005, 44.505))",
        lambda r: known(r["place"], lambda p: 5.005 <= p.x <= 6.005 and 43.495 <= p.y <= 44.505)),
    ("T_DURING(INTERVAL(maj, maj), INTERVAL('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'))",
        lambda r: known(r["maj"], lambda m: m.startswith("2020"))),
    ("nom IN ('L''Isle', '100%')", lambda r: known(r["nom"], lambda n: n in ("L'Isle", "100%"))),
    ("\"nom d'usage\" = 'x' OR ouvert = TRUE", lambda r: either(known(r["nom d'usage"], lambda u: u == "x"), r["ouvert"])),
)  # fmt: skip


def check_owslib(address: str, seen: Seen, rows: list[Row], faults: Faults) -> None:
    service = Features(address)
    for layer in SYSTEMS:
        for text, predicate in OWSLIB:
            expected = sorted(row["rid"] for row in rows if predicate(row) is True)
            for lang in (None, "cql2-text", "cql2-json"):
                sent = json.dumps(cql2.parse_text(text).to_json()) if lang == "cql2-json" else text
                seen.take()
                try:
                    page = service.collection_items(layer, limit=ROWS, filter=sent, **({"filter-lang": lang} if lang else {}))
                except RuntimeError as problem:
                    faults.add(f"OWSLib: {layer}: {sent}: {problem}")
                    continue
                found = sorted(feature["id"] for feature in page["features"])
                if found != expected or page["numberMatched"] != len(expected):
                    faults.add(f"OWSLib: {layer}: {sent}: {len(found)} rows instead of {len(expected)}")
                asked = seen.take()
                if [query.get("filter") for query in asked] != [sent]:
                    faults.add(f"OWSLib: {layer}: {sent}: the server was asked {asked}")
    print(f"clients: cql2 clients: OWSLib: {len(OWSLIB) * len(SYSTEMS) * 3} asked")


# --- QGIS ---------------------------------------------------------------------------------------------------------------

# Each operator as QGIS writes it, on the layer in degrees.
QGIS: tuple[tuple[str, Callable[[Row], bool | None]], ...] = (
    ("(nom = 'L''Isle')", lambda r: r["nom"] == "L'Isle"),
    ("(nom = 'back\\\\slash')", lambda r: r["nom"] == "back\\slash"),
    ("(\"nom d'usage\" = 'y z')", lambda r: r["nom d'usage"] == "y z"),
    ("(\"nom\" <> 'Aix')", lambda r: known(r["nom"], lambda n: n != "Aix")),
    ("(NOT (nom = 'Aix'))", lambda r: known(r["nom"], lambda n: n != "Aix")),
    ("(nom LIKE 'A%')", lambda r: known(r["nom"], lambda n: n.startswith("A"))),
    ("(nom NOT LIKE 'A%')", lambda r: known(r["nom"], lambda n: not n.startswith("A"))),
    ("(CASEI(nom) LIKE CASEI('a%'))", lambda r: known(r["nom"], lambda n: n.lower().startswith("a"))),
    ("(CASEI(nom) NOT LIKE CASEI('a%'))", lambda r: known(r["nom"], lambda n: not n.lower().startswith("a"))),
    ("(nom LIKE '100\\\\%')", lambda r: r["nom"] == "100%"),
    ("nom IN ('Aix','Arles')", lambda r: r["nom"] in ("Aix", "Arles")),
    ("nom NOT IN ('Aix','Arles')", lambda r: known(r["nom"], lambda n: n not in ("Aix", "Arles"))),
    ("(nom IS NULL)", lambda r: r["nom"] is None),
    ("(nom IS NOT NULL)", lambda r: r["nom"] is not None),
    ("(ouvert = TRUE)", lambda r: r["ouvert"]),
    ("(ouvert = FALSE)", lambda r: known(r["ouvert"], lambda o: not o)),
    ("(ouvert IS NULL)", lambda r: r["ouvert"] is None),
    ("population BETWEEN 1 AND 5", lambda r: known(r["population"], lambda p: 1 <= p <= 5)),
    ("population NOT BETWEEN 1 AND 5", lambda r: known(r["population"], lambda p: not 1 <= p <= 5)),
    ("((population > 5) AND (altitude < 3))", lambda r: both(known(r["population"], lambda p: p > 5),
        known(r["altitude"], lambda a: a < 3))),
    ("((population > 5) OR (altitude < 3))", lambda r: either(known(r["population"], lambda p: p > 5),
        known(r["altitude"], lambda a: a < 3))),
    ("(( - (altitude)) > 0)", lambda r: known(r["altitude"], lambda a: -a > 0)),
    ("(altitude > - 1.5)", lambda r: known(r["altitude"], lambda a: a > -1.5)),
    ("((population % 7) = 3)", lambda r: known(r["population"], lambda p: math.fmod(p, 7) == 3)),
    ("((altitude / 2) > 1.5)", lambda r: known(r["altitude"], lambda a: a / 2 > 1.5)),
    ("((altitude ^ 2) > 9)", lambda r: known(r["altitude"], lambda a: a * a > 9)),
    ("((altitude * 2) = (altitude + altitude))", lambda r: known(r["altitude"], lambda a: True)),
    ("((population - 1) >= 20)", lambda r: known(r["population"], lambda p: p - 1 >= 20)),
    ("(maj >= TIMESTAMP('2020-02-29T12:00:00.000Z'))", lambda r: known(r["maj"], lambda m: m >= "2020-02-29T12")),
    ("(maj < TIMESTAMP('2021-06-01T00:00:00Z'))", lambda r: known(r["maj"], lambda m: m < "2021-06-01")),
    ("(jour = DATE('2020-02-29'))", lambda r: r["jour"] == "2020-02-29"),
    ("(jour > DATE('2020-12-31'))", lambda r: known(r["jour"], lambda j: j > "2020-12-31")),
    ("S_INTERSECTS(geom,BBOX(5.005,43.495,6.005,44.505))", lambda r: known(r["place"],
        lambda p: 5.005 <= p.x <= 6.005 and 43.495 <= p.y <= 44.505)),
    ("S_INTERSECTS(geom,POLYGON((5 43.5,6 43.5,6 44.5,5 43.5)))", lambda r: known(r["place"], lambda p: TRIANGLE.intersects(p))),
    ("S_INTERSECTS(geom,POINT(5.5 43.5))", lambda r: known(r["place"], lambda p: p == FIRST)),
    ("S_DISJOINT(geom,BBOX(5.005,43.495,6.005,44.505))", lambda r: known(r["place"],
        lambda p: not (5.005 <= p.x <= 6.005 and 43.495 <= p.y <= 44.505))),
    ("S_WITHIN(geom,POLYGON((5 43.5,6 43.5,6 44.5,5 43.5)))", lambda r: known(r["place"], lambda p: p.within(TRIANGLE))),
    ("(population > 5) AND (S_INTERSECTS(geom,BBOX(5.005,43.495,6.005,44.505)))",
        lambda r: both(known(r["population"], lambda p: p > 5),
            known(r["place"], lambda p: 5.005 <= p.x <= 6.005 and 43.495 <= p.y <= 44.505))),
    ("((nom = 'Aix')) AND ((population IS NOT NULL))", lambda r: both(known(r["nom"], lambda n: n == "Aix"),
        r["population"] is not None)),
)  # fmt: skip


def check_qgis(client: Client, rows: list[Row], faults: Faults) -> None:
    asked, places = 0, 0
    for text, predicate in QGIS:
        expected = sum(predicate(row) is True for row in rows)
        forms = [("degres", text, None)]
        if "S_" not in text:
            forms.append(("lambert", text, None))
        elif "BBOX" in text:
            # As the project's CRS has it: latitude first, and metres. A box in metres is no box in degrees, so it is only counted whole.
            forms.append(("degres", text.replace("BBOX(5.005,43.495,6.005,44.505)", "BBOX(43.495,5.005,44.505,6.005)"), WGS84))
        for layer, form, crs in forms:
            asked += 1
            try:
                found = client.matched(layer, form, "cql2-text", crs)
            except Refused as refusal:
                faults.add(f"QGIS: {layer}: {form}: {refusal}")
                continue
            if found != expected:
                faults.add(f"QGIS: {layer}: {form}: {found} rows instead of {expected}")
        places += 0 < expected < len(rows)
    everywhere = client.matched("lambert", "S_INTERSECTS(geom,BBOX(0,6000000,1300000,7200000))", "cql2-text", LAMBERT)
    placed = sum(row["place"] is not None for row in rows)
    if everywhere != placed:
        faults.add(f"QGIS: lambert: a box around all in its CRS: {everywhere} rows instead of {placed}")
    print(f"clients: cql2 clients: QGIS: {len(QGIS)} forms, {asked + 1} asked, {places} of them find some of the rows")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()

    faults, rows = Faults(), make_rows()
    with tempfile.TemporaryDirectory(prefix="guichet-cql2-clients-") as made:
        folder = Path(made)
        write_layers(rows, folder)
        check_where_elsewhere(folder / "villes.geojson", rows, faults)
        with running(options.bin, "--config", str(folder / "guichet.toml"), log=folder / "server.log") as base:
            with proxy(base, folder / "proxy.log") as (address, seen):
                check_gdal(address, seen, rows, faults)
                check_owslib(address, seen, rows, faults)
            check_qgis(Client(base), rows, faults)
    print(f"clients: cql2 clients: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
