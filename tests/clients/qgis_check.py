#!/usr/bin/env python3
"""Loads collections into QGIS: features by its OGC API Features provider, tiles by its vector tile layer.

    qgis_check.py --bin target/release/guichet

Runs in the system's Python with QGIS's modules (Debian: python3-qgis and qgis-providers); exits 3 where they are missing. Of a
layer of points and one of polygons, QGIS must see the rows that it sees in the source file (names, geometries within 1e-9°), as
many in a box that the server is asked for, and the tiles must draw the picture that the source draws.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

try:
    from qgis.core import (
        Qgis,
        QgsApplication,
        QgsCoordinateReferenceSystem,
        QgsCoordinateTransform,
        QgsFeatureRequest,
        QgsFillSymbol,
        QgsMapRendererParallelJob,
        QgsMapSettings,
        QgsMarkerSymbol,
        QgsProject,
        QgsRectangle,
        QgsSingleSymbolRenderer,
        QgsVectorLayer,
        QgsVectorTileBasicRenderer,
        QgsVectorTileBasicRendererStyle,
        QgsVectorTileLayer,
        QgsWkbTypes,
    )
    from qgis.PyQt.QtCore import QEventLoop, QSize, Qt
    from qgis.PyQt.QtGui import QColor
except ImportError as problem:
    print(f"clients: qgis: NOT RUN: {problem} (Debian packages python3-qgis and qgis-providers)")
    sys.exit(3)

from server import running

DATA = Path(__file__).resolve().parents[2] / "data"
# Collection of the demonstration, its source, the column that names its rows.
LAYERS = (
    ("region-sud.communes", DATA / "communes-paca-points.geojson", "code"),
    ("region-sud.bassins-communaux", DATA / "bassins-communaux-paca.fgb", "code"),
)
TOLERANCE = 1e-9  # degrees
PICTURE = QSize(600, 500)
# The rows drawn, by an attribute that the tiles carry.
DRAWN = "\"departement\" IN ('05', '13', '83')"
# Share of the painted pixels that may differ: a tile has 4096 units a side, by which a point may come to lie on the next pixel.
FLAWED = 0.05


class Faults(list):
    """What was wrong, each printed as it is found."""

    def check(self, good: bool, what: str) -> None:
        print(f"clients: qgis: {'ok' if good else 'FAILED'}: {what}", flush=True)
        if not good:
            self.append(what)


def by_name(layer: QgsVectorLayer, key: str, box: QgsRectangle | None = None) -> dict:
    """The layer's geometries by the name of their row; of those that meet the box, by GEOS."""
    request = QgsFeatureRequest()
    if box is not None:
        request = QgsFeatureRequest(box).setFlags(QgsFeatureRequest.ExactIntersect)
    return {feature[key]: feature.geometry() for feature in layer.getFeatures(request)}


def off_by(a, b) -> float:
    """The largest distance between two geometries, infinite where they have not the same number of vertices."""
    if len(list(a.vertices())) != len(list(b.vertices())):
        return float("inf")
    # Whichever way the rings run: RFC 7946 has a direction, files may have the other.
    return a.hausdorffDistance(b)


def quarter(whole: QgsRectangle) -> QgsRectangle:
    return QgsRectangle(whole.xMinimum(), whole.yMinimum(), whole.center().x(), whole.center().y())


def check_features(base: str, collection: str, source: QgsVectorLayer, key: str, faults: Faults) -> None:
    uri = f"url='{base}' typename='{collection}' version='OGC_API_FEATURES' pageSize='100'"
    layer = QgsVectorLayer(uri, collection, "OAPIF")
    faults.check(layer.isValid(), f"{collection}: the OAPIF provider takes it {layer.error().message()}".rstrip())
    if not layer.isValid():
        return
    want, got = by_name(source, key), by_name(layer, key)
    faults.check(want.keys() == got.keys(), f"{collection}: {len(got)} rows of {len(want)} in pages of 100")
    faults.check(layer.featureCount() == source.featureCount(), f"{collection}: featureCount {layer.featureCount()}")
    worst = max((off_by(shape, got[name]) for name, shape in want.items() if name in got), default=float("inf"))
    faults.check(worst <= TOLERANCE, f"{collection}: geometries off by {worst:.3g}° at most")
    faults.check(
        QgsWkbTypes.flatType(layer.wkbType()) == QgsWkbTypes.flatType(source.wkbType()),
        f"{collection}: geometry type {QgsWkbTypes.displayString(layer.wkbType())}",
    )
    # Another layer object, which has read nothing yet: it asks the server for the box.
    box = quarter(source.extent())
    boxed = QgsVectorLayer(uri + " restrictToRequestBBOX='1'", collection, "OAPIF")
    want, got = by_name(source, key, box), by_name(boxed, key, box)
    faults.check(want.keys() == got.keys() and 0 < len(want), f"{collection}: {len(got)} rows of {len(want)} in a box")


def picture(layer, extent: QgsRectangle) -> list[bool]:
    """Which pixels the layer paints in Web Mercator."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(extent)
    settings.setOutputSize(PICTURE)
    settings.setBackgroundColor(QColor(Qt.white))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    job = QgsMapRendererParallelJob(settings)
    # As in QGIS itself: a thread that is asked for a password hands that to this one, which must not merely wait.
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    image = job.renderedImage()
    return [image.pixel(x, y) != 0xFFFFFFFF for y in range(image.height()) for x in range(image.width())]


def symbol(kind):
    if kind == QgsWkbTypes.PointGeometry:
        return QgsMarkerSymbol.createSimple({"name": "square", "color": "#000000", "outline_style": "no", "size": "2"})
    return QgsFillSymbol.createSimple({"color": "#000000", "outline_style": "no"})


def check_tiles(base: str, collection: str, source: QgsVectorLayer, faults: Faults) -> None:
    with urllib.request.urlopen(f"{base}/xyz/{collection}.json", timeout=30) as answer:
        tilejson = json.load(answer)
    low, high = tilejson["minzoom"], tilejson["maxzoom"]
    # As a person types it: the braces of the template are for QGIS to fill in.
    uri = f"type=xyz&url={base}/xyz/{collection}/{{z}}/{{x}}/{{y}}.mvt&zmin={low}&zmax={high}"
    layer = QgsVectorTileLayer(uri, collection)
    faults.check(layer.isValid(), f"{collection}: the vector tile layer takes it {layer.error().message()}".rstrip())
    if not layer.isValid():
        return
    kind = source.geometryType()
    style = QgsVectorTileBasicRendererStyle("all", collection, kind)
    style.setFilterExpression(DRAWN)
    style.setSymbol(symbol(kind))
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)
    source.setSubsetString(DRAWN)
    source.setRenderer(QgsSingleSymbolRenderer(symbol(kind)))
    to_mercator = QgsCoordinateTransform(source.crs(), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance())
    whole = to_mercator.transformBoundingBox(source.extent())
    for share in (1.1, 0.5):
        extent = QgsRectangle(whole)
        extent.scale(share)
        want, got = picture(source, extent), picture(layer, extent)
        painted, wrong = sum(want), sum(a != b for a, b in zip(want, got))
        faults.check(
            0 < painted < len(want) and wrong <= FLAWED * painted,
            f"{collection}: tiles paint {sum(got)} pixels, the source {painted}, {wrong} differ ({share:g} of its extent)",
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    # QGIS writes its settings and a data base of keys: into a folder of this run.
    folder = Path(tempfile.mkdtemp(prefix="guichet-qgis-"))
    for name in ("QGIS_CUSTOM_CONFIG_PATH", "QGIS_AUTH_DB_DIR_PATH", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        os.environ[name] = str(folder)
    application = QgsApplication([], False)
    application.initQgis()
    faults = Faults()
    with running(options.bin, log=folder / "server.log") as base:
        for collection, path, key in LAYERS:
            source = QgsVectorLayer(str(path), path.stem, "ogr")
            check_features(base, collection, source, key, faults)
            check_tiles(base, collection, source, faults)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"clients: qgis {Qgis.QGIS_VERSION}: {len(LAYERS)} layers, {len(faults)} faults", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # QGIS often crashes while it is taken apart.
    os._exit(status)
