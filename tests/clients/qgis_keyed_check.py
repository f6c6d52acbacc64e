#!/usr/bin/env python3
"""Loads open, clipped, masked and generalised layers into QGIS with a key: as the password of a Basic configuration, and as `?key=`.

    qgis_keyed_check.py --bin target/release/guichet

Runs in the system's Python with QGIS's modules (Debian: python3-qgis and qgis-providers); exits 3 where they are missing. The layers are
those of keyed_world.py, the truth is that of keyed_truth.py. For each way, and without a key: what QGIS's browser lists, the rows that the
OGC API Features provider reads, and the picture that vector tiles paint. Locked and hidden layers must give nothing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import qgis_check
from keyed_world import ANONYMOUS, CANARIES, CELLS, CLIPPED, HIDDEN, LOCKED, MASKED, World
from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis_check import FLAWED, Faults, picture, symbol
from server import running

RUN = Path(__file__).resolve().parent / "run"
EXACT = 1e-9  # degrees
KEYS = {"ville.quartiers": "nom", CELLS: "cell"}
# Above it, each kind of layer has tiles.
ZOOMS = (8, 14)


@dataclass
class Caller:
    """How QGIS shows who it is."""

    name: str
    authcfg: str = ""  # id of a configuration in QGIS's data base
    query: str = ""  # of the connection's address
    # QGIS 3.22 asks for the list of a connection without the query of its address (for everything else it keeps it).
    lists_as_anonymous: bool = False

    def features(self, base: str, layer: str) -> str:
        authcfg = f" authcfg='{self.authcfg}'" if self.authcfg else ""
        return f"url='{base}/{self.query}' typename='{layer}' version='OGC_API_FEATURES' pageSize='100'{authcfg}"

    def tiles(self, base: str, layers: str, zooms: tuple[int, int]) -> str:
        # The address is a part of another query: QGIS takes it encoded.
        url = quote(f"{base}/xyz/{layers}/", safe=":/,") + "{z}/{x}/{y}.mvt" + quote(self.query)
        authcfg = f"&authcfg={self.authcfg}" if self.authcfg else ""
        return f"type=xyz&url={url}&zmin={zooms[0]}&zmax={zooms[1]}{authcfg}"


def basic(key: str) -> str:
    """A configuration of the Basic method, as a person makes it in a connection: any user, the key as the password."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("guichet", True)
    config = QgsAuthMethodConfig("Basic")
    config.setName("guichet")
    config.setConfig("username", "qgis")
    config.setConfig("password", key)
    manager.storeAuthenticationConfig(config)
    return config.id()


def listed(base: str, caller: Caller) -> set[str]:
    """The names of the layers that QGIS's browser shows under a connection."""
    settings = QgsSettings()
    name = "guichet"
    settings.setValue(f"qgis/connections-wfs/{name}/url", f"{base}/{caller.query}")
    settings.setValue(f"qgis/connections-wfs/{name}/version", "OGC_API_FEATURES")
    settings.setValue(f"qgis/WFS/{name}/version", "OGC_API_FEATURES")
    settings.setValue(f"qgis/WFS/{name}/authcfg", caller.authcfg)
    names = set()
    for provider in QgsApplication.dataItemProviderRegistry().providers():
        if provider.name() != "WFS":
            continue
        root = provider.createDataItem("", None)
        for connection in root.createChildren():
            if connection.name() == name:
                names |= {layer.uri().partition("typename='")[2].partition("'")[0] for layer in connection.createChildren()}
    return names


def plain(value):
    return None if value == NULL else value


def check_rows(faults: Faults, base: str, caller: Caller, layer: str, want: dict) -> None:
    loaded = QgsVectorLayer(caller.features(base, layer), layer, "OAPIF")
    if not loaded.isValid():
        faults.check(False, f"{caller.name}: {layer}: {loaded.error().message()}")
        return
    names = [field.name() for field in loaded.fields()]
    got = {}
    for row in loaded.getFeatures():
        values = {name: plain(row[name]) for name in names}
        got[str(values[KEYS.get(layer, "id")])] = (values, row.geometry())
    wrong = []
    for name, seen in want.items():
        if name not in got:
            wrong.append(f"{name} is missing")
            continue
        values, shape = got[name]
        more = values.keys() - seen["values"].keys() - {"id", "fid"}
        if more or any(values.get(n) != v for n, v in seen["values"].items()):
            wrong.append(f"{name}: {values} instead of {seen['values']}")
        truth = QgsGeometry.fromWkt(seen["wkt"])
        off = max(truth.hausdorffDistance(shape), shape.hausdorffDistance(truth))
        if not off <= max(seen["tolerance"], EXACT):
            wrong.append(f"{name}: the shape is off by {off:.3g}°")
    wrong += [f"{name} is nobody's to see" for name in got.keys() - want.keys()]
    wrong += [f"{canary} is in it" for canary in CANARIES if canary in str([values for values, _ in got.values()])]
    faults.check(not wrong, f"{caller.name} reads {layer}: {len(got)} rows{': ' if wrong else ''}{'; '.join(wrong[:3])}")


def truth_layer(layer: str, want: dict) -> QgsVectorLayer:
    """What must be seen, as a layer of QGIS's own."""
    kind = "Point" if next(iter(want.values()))["wkt"].startswith("POINT") else "MultiPolygon"
    truth = QgsVectorLayer(f"{kind}?crs=OGC:CRS84", layer, "memory")
    features = []
    for seen in want.values():
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(seen["wkt"]))
        features.append(feature)
    truth.dataProvider().addFeatures(features)
    truth.updateExtents()
    truth.setRenderer(QgsSingleSymbolRenderer(symbol(truth.geometryType())))
    return truth


def tile_layer(base: str, caller: Caller, layers: str) -> QgsVectorTileLayer:
    loaded = QgsVectorTileLayer(caller.tiles(base, layers, ZOOMS), layers)
    styles = []
    for layer in layers.split(","):
        for kind in (QgsWkbTypes.PointGeometry, QgsWkbTypes.PolygonGeometry):
            style = QgsVectorTileBasicRendererStyle(f"{layer}-{kind}", layer, kind)
            style.setSymbol(symbol(kind))
            styles.append(style)
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles(styles)
    loaded.setRenderer(renderer)
    return loaded


def check_tiles(faults: Faults, base: str, caller: Caller, layers: str, truth: QgsVectorLayer | None) -> None:
    """The tiles of a list of layers paint what the truth paints; nothing, if that is what is to be seen."""
    to_mercator = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("OGC:CRS84"), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance()
    )
    extent = to_mercator.transformBoundingBox(QgsRectangle(5.30, 43.40, 5.50, 43.54))
    got = picture(tile_layer(base, caller, layers), extent)
    want = picture(truth, extent) if truth else [False] * len(got)
    painted, wrong = sum(want), sum(a != b for a, b in zip(want, got))
    good = wrong <= FLAWED * painted and (painted > 0 or truth is None)
    faults.check(good, f"{caller.name}: tiles of {layers} paint {sum(got)} pixels, the truth {painted}, {wrong} differ")


def check(faults: Faults, base: str, caller: Caller, want: dict[str, dict]) -> None:
    names = listed(base, caller)
    faults.check(names == (set(ANONYMOUS) if caller.lists_as_anonymous else want.keys()), f"{caller.name}: the browser lists {', '.join(sorted(names))}")
    for layer, rows in want.items():
        check_rows(faults, base, caller, layer, rows)
        check_tiles(faults, base, caller, layer, truth_layer(layer, rows))
    for layer in {CLIPPED, MASKED, LOCKED, HIDDEN} - want.keys():
        loaded = QgsVectorLayer(caller.features(base, layer), layer, "OAPIF")
        rows = len(list(loaded.getFeatures())) if loaded.isValid() else 0
        faults.check(rows == 0, f"{caller.name}: {layer} gives {rows} rows ({loaded.error().message()[:120]!r})")
        check_tiles(faults, base, caller, layer, None)
    # A map of all layers shows what is the caller's to see.
    check_tiles(faults, base, caller, f"{LOCKED},ville.arbres,{HIDDEN}", truth_layer("ville.arbres", want["ville.arbres"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="guichet-qgis-keyed-"))
    environment = dict(os.environ)
    for name in ("QGIS_CUSTOM_CONFIG_PATH", "QGIS_AUTH_DB_DIR_PATH", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        os.environ[name] = str(folder)
    application = QgsApplication([], False)
    application.initQgis()
    world = World(folder, options.bin)
    # shapely and pyproj are in the environment of the other checks.
    truth = subprocess.run([RUN, "keyed_truth.py", folder], capture_output=True, text=True, env=environment)
    if truth.returncode:
        print(truth.stderr, file=sys.stderr)
        return truth.returncode
    truth = json.loads(truth.stdout)
    key = world.key("eau")[1]
    gone, revoked = world.key("eau")
    world.guichet("key", "revoke", gone)
    faults = Faults()
    with running(options.bin, "--config", str(world.config), log=folder / "server.log") as base:
        check(faults, base, Caller("without a key"), truth["anonymous"])
        check(faults, base, Caller("Basic", authcfg=basic(key)), truth["granted"])
        check(faults, base, Caller("?key=", query=f"?key={key}", lists_as_anonymous=True), truth["granted"])
        for caller in (Caller("a revoked key by Basic", authcfg=basic(revoked)), Caller("a revoked ?key=", query=f"?key={revoked}")):
            loaded = QgsVectorLayer(caller.features(base, "ville.arbres"), "ville.arbres", "OAPIF")
            faults.check(not loaded.isValid() or loaded.featureCount() == 0, f"{caller.name} opens nothing, not even what is open")
            check_tiles(faults, base, caller, "ville.arbres", None)
    log = (folder / "server.log").read_text()
    faults.check(key[9:] not in log and revoked[9:] not in log, "no key stands in the server's log")
    shutil.rmtree(folder, ignore_errors=True)
    print(f"clients: qgis {Qgis.QGIS_VERSION} with keys: {len(faults)} faults", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    assert qgis_check  # which exits with 3 where QGIS is missing
    status = main()
    sys.stdout.flush()
    os._exit(status)
