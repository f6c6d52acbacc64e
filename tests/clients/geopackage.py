"""Writes GeoPackage files exactly: the values, names and geometry bytes that are given, without a library's own ideas of them."""

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# srs_id, and what gpkg_spatial_ref_sys says of it.
SYSTEMS = {4326: "WGS 84", 2154: "RGF93 v1 / Lambert-93", 3857: "WGS 84 / Pseudo-Mercator"}
APPLICATION_ID = 0x47504B47  # "GPKG"
VERSION = 10300


@dataclass(frozen=True)
class Layer:
    """A table of features; its rows give the values of `columns`, then the geometry as WKB or None."""

    name: str
    geometry: str
    srs: int
    columns: Sequence[tuple[str, str]]
    rows: Iterable[Sequence]


def write(path: Path, layers: Iterable[Layer]) -> None:
    """Writes the layers into a new file."""
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,"
            " organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)"
        )
        db.execute(
            "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,"
            " description TEXT DEFAULT '', last_change DATETIME DEFAULT '2024-01-01T00:00:00.000Z', min_x DOUBLE, min_y DOUBLE,"
            " max_x DOUBLE, max_y DOUBLE, srs_id INTEGER)"
        )
        db.execute(
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT"
            " NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name))"
        )
        db.executemany(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, 'EPSG', ?, 'undefined', NULL)",
            [(name, srs, srs) for srs, name in SYSTEMS.items()],
        )
        for layer in layers:
            columns = "".join(f", {quoted(name)} {kind}" for name, kind in layer.columns)
            db.execute(f"CREATE TABLE {quoted(layer.name)} (fid INTEGER PRIMARY KEY{columns}, {quoted(layer.geometry)} GEOMETRY)")
            db.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, ?)",
                (layer.name, layer.name, layer.srs),
            )
            db.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, ?, 'GEOMETRY', ?, 2, 0)", (layer.name, layer.geometry, layer.srs)
            )
            marks = ", ".join("?" * (len(layer.columns) + 2))
            db.executemany(
                f"INSERT INTO {quoted(layer.name)} VALUES ({marks})",
                [(None, *row[:-1], blob(row[-1], layer.srs)) for row in layer.rows],
            )
    db.close()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def blob(wkb: bytes | None, srs: int) -> bytes | None:
    """A geometry as a GeoPackage holds it (OGC 12-128r18 §2.1.3), without an envelope."""
    return None if wkb is None else b"GP\x00\x01" + struct.pack("<i", srs) + wkb
