"""Rows of a layer in a form in which two readings can be compared: exact values, exact ordinates."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely


@dataclass(frozen=True)
class Row:
    """One feature: attribute values and a geometry (None where it has none)."""

    values: dict
    geometry: shapely.Geometry | None


def rows_of_arrow(meta: dict, table) -> list[Row]:
    """Rows of what `pyogrio.read_arrow` gave (with `datetime_as_string`)."""
    shape_column = meta.get("geometry_name") or "wkb_geometry"
    shapes = [None] * len(table)
    if shape_column in table.column_names:
        shapes = shapely.from_wkb(np.array(table.column(shape_column).to_pylist(), dtype=object))
        table = table.drop_columns([shape_column])
    return [Row(values, shape) for values, shape in zip(table.to_pylist(), shapes, strict=True)]


def rows_of_file(path: Path, inner: str | None) -> tuple[list[Row], pyproj.CRS | None]:
    """The rows of a source file in its own CRS. Geometries are read apart from the attributes: GDAL's Arrow stream of a
    FlatGeobuf file is broken where a geometry is null."""
    _, table = pyogrio.read_arrow(path, layer=inner, read_geometry=False, return_fids=True, datetime_as_string=True)
    meta, fids, shapes, _ = pyogrio.raw.read(path, layer=inner, columns=[], return_fids=True)
    fid = table.column_names[0]
    shapes = [None] * len(table) if shapes is None else shapely.from_wkb(shapes)
    placed = dict(zip(fids.tolist(), shapes, strict=True)) if fids is not None else {}
    rows = [Row({k: v for k, v in values.items() if k != fid}, placed.get(values[fid])) for values in table.to_pylist()]
    return rows, pyproj.CRS(meta["crs"]) if meta["crs"] else None


def row_of_geojson(feature: dict) -> Row:
    """The row that a GeoJSON feature states; the numbers are those of its text. Its id is a value named `id`, as GDAL has it,
    unless a property has that name."""
    geometry = feature.get("geometry")
    values = {"id": feature.get("id")} | (feature.get("properties") or {})
    return Row(values, None if geometry is None else shapely.from_geojson(json.dumps(geometry)))


def plain(value, zone: tzinfo):
    """A value such that equal meanings are equal objects. Date-times become instants, naive ones by the clock of `zone`;
    a whole day is its first instant; texts that hold JSON become what they hold; NaN, which JSON has not, becomes null."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[7:8] in ("-", "/"):
        try:
            return plain(datetime.fromisoformat(value), zone)
        except ValueError:
            return value
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "/" and value[7:8] == "/":
        return plain(value[:10].replace("/", "-") + value[10:], zone)
    return value


def same_value(a, b, zone: tzinfo) -> bool:
    """True if two readings of one value mean the same; a boolean is never the number 1."""
    a, b = plain(a, zone), plain(b, zone)
    return a == b and isinstance(a, bool) == isinstance(b, bool)


@dataclass
class Difference:
    """How far one geometry is from another."""

    ordinates: int = 0
    largest: float = 0.0
    reversed_rings: int = 0

    def add(self, other: "Difference") -> None:
        """Takes another geometry's difference into the sum."""
        self.ordinates += other.ordinates
        self.largest = max(self.largest, other.largest)
        self.reversed_rings += other.reversed_rings


def compare_shapes(want: shapely.Geometry | None, got: shapely.Geometry | None) -> Difference | str:
    """Compares kind, structure and all ordinates: the difference of the ordinates, or a sentence where the structure is another.
    A ring may run the other way round: GeoJSON (RFC 7946 §3.1.6) asks for a direction that the source may not have."""
    difference = Difference()
    if want is None or got is None:
        return difference if want is got else f"geometry {kind(got)} instead of {kind(want)}"
    if want.geom_type != got.geom_type:
        return f"geometry {got.geom_type} instead of {want.geom_type}"
    if want.has_z != got.has_z:
        return "height lost" if want.has_z else "a height that the source has not"
    wanted, given = list(lines_of(want)), list(lines_of(got))
    if [len(line) for _, line in wanted] != [len(line) for _, line in given]:
        return f"parts of {[len(line) for _, line in given][:8]} vertices instead of {[len(line) for _, line in wanted][:8]}"
    for (is_ring, a), (_, b) in zip(wanted, given, strict=True):
        if is_ring and gap(a, b) > 0 and gap(a, b[::-1]) < gap(a, b):
            b = b[::-1]
            difference.reversed_rings += 1
        difference.ordinates += a.size
        difference.largest = max(difference.largest, gap(a, b))
    return difference


def kind(shape: shapely.Geometry | None) -> str:
    return "none" if shape is None else shape.geom_type


def gap(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of two arrays of ordinates; 0 only if all are equal."""
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    worst = np.abs(a - b)
    return float("inf") if np.isnan(worst).any() else float(worst.max())


def lines_of(shape: shapely.Geometry) -> Iterator[tuple[bool, np.ndarray]]:
    """The points, lines and rings of a geometry in order, as arrays of their ordinates; true for rings."""
    if shape.geom_type.startswith("Multi") or shape.geom_type == "GeometryCollection":
        for part in shape.geoms:
            yield from lines_of(part)
    elif shape.geom_type == "Polygon":
        for ring in ([] if shape.is_empty else [shape.exterior, *shape.interiors]):
            yield True, shapely.get_coordinates(ring, include_z=shape.has_z)
    else:
        yield False, shapely.get_coordinates(shape, include_z=shape.has_z)


def unique_column(rows: Iterable[Row]) -> str | None:
    """The first attribute that names each row: never null, never twice."""
    rows = list(rows)
    for name in rows[0].values if rows else []:
        seen = {row.values[name] for row in rows if isinstance(row.values[name], int | str)}
        if len(seen) == len(rows):
            return name
    return None
