"""What is wrong with the geometries of a decoded tile, by the specification (§4.3.4) and by GEOS."""

from collections.abc import Iterator

import numpy as np
import shapely
from vector_tile import LINE, POLYGON, Feature, TileLayer


def faults_of(layer: TileLayer, buffer: int) -> Iterator[tuple[str, str]]:
    """Kinds and places of faults."""
    low, high = -buffer, layer.extent + buffer
    polygons, owners = [], []
    for feature in layer.features:
        name = f"id {feature.id}" if feature.id is not None else str(next(iter(feature.properties.values()), "?"))
        for part in feature.parts:
            if part.min() < low or part.max() > high:
                yield "vertex beyond the buffer", name
        if feature.kind == LINE:
            if any((np.diff(part, axis=0) == 0).all(axis=1).any() for part in feature.parts):
                yield "repeated point", name
        elif feature.kind == POLYGON:
            yield from ((kind, name) for kind in ring_faults(feature))
            polygons.append(multipolygon(feature))
            owners.append(name)
    good = shapely.is_valid(np.array(polygons, dtype=object)) if polygons else np.ones(0, bool)
    for i in np.flatnonzero(~good):
        yield "polygon invalid by GEOS", f"{owners[i]}: {shapely.is_valid_reason(polygons[i])}"


def ring_faults(feature: Feature) -> Iterator[str]:
    for i, ring in enumerate(feature.parts):
        if (ring == np.roll(ring, -1, axis=0)).all(axis=1).any():
            yield "repeated point"  # the closing vertex given again (§4.3.4.4) is one too
        area = doubled_area(ring)
        if area == 0:
            yield "ring without area"
        elif i == 0 and area < 0:
            yield "wrong winding: the first ring is an interior one"
    # A hole that winds as an outer ring becomes a polygon on top of another, and an outer ring that winds as a hole lies outside
    # of its shell: both fail GEOS's test of the whole multipolygon.


def doubled_area(ring: np.ndarray) -> int:
    """Twice the area by the surveyor's formula: positive for exterior rings where y grows downward (§4.3.4.4)."""
    x, y = ring[:, 0], ring[:, 1]
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def multipolygon(feature: Feature) -> shapely.Geometry:
    """The rings put together as §4.3.4.4 says: each exterior ring opens a polygon, the interior ones after it are its holes."""
    shells: list[tuple[np.ndarray, list[np.ndarray]]] = []
    for ring in feature.parts:
        if doubled_area(ring) > 0 or not shells:
            shells.append((ring, []))
        else:
            shells[-1][1].append(ring)
    return shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell, holes in shells])
