#!/usr/bin/env python3
"""Writes tests/data/proj-reference.csv: points of each system as PROJ converts them from WGS 84 longitude and latitude.

Columns: EPSG code, longitude, latitude (degrees), x (east or longitude), y (north or latitude) in the system, at full double
precision. Needs pyproj 3.7 (PROJ 9.5, without grids); run it from the root of the package.
"""

import math
import random
from pathlib import Path

import pyproj

TARGET = Path("tests/data/proj-reference.csv")
# Systems of full support: every one of them. UTM zones share their formulas, so that a few points each suffice.
FULL = [4326, 4258, 4171, 3857, 2154, *range(3942, 3951), *range(25828, 25839)]
UTM = [*range(32601, 32661), *range(32701, 32761)]
# Some of the others: other projections, datums, units and axis orders.
WARNED = [27700, 28992, 27572, 3035, 2056, 2975, 2972, 4471, 4467, 5490, 3163, 3034, 3812, 31370, 2263, 31467, 3031, 4275, 3395]


def points(code, count):
    area = pyproj.CRS.from_epsg(code).area_of_use
    dice = random.Random(code)
    corners = [(area.west, area.south), (area.east, area.north)]
    yield from (c for c in corners if abs(c[1]) < 89 and abs(c[0]) < 180)
    for _ in range(count - 2):
        yield dice.uniform(area.west, area.east), dice.uniform(area.south, area.north)


def is_ballpark(to):
    """True if PROJ made do without a datum shift for the last point, EPSG having none for the place."""
    try:
        return "Ballpark" in to.get_last_used_operation().description
    except pyproj.exceptions.ProjError:
        return "Ballpark" in to.description  # there was only one operation to choose


def main():
    lines = ["code,lon,lat,x,y"]
    for code, count in [(c, 20) for c in FULL] + [(c, 6) for c in UTM] + [(c, 8) for c in WARNED]:
        to = pyproj.Transformer.from_crs(4326, code, always_xy=True)
        for lon, lat in points(code, count):
            x, y = to.transform(lon, lat)
            if code in WARNED and is_ballpark(to):
                continue
            if math.isfinite(x) and math.isfinite(y):
                lines.append(f"{code},{lon!r},{lat!r},{x!r},{y!r}")
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{TARGET}: {len(lines) - 1} points, PROJ {pyproj.proj_version_str}")


if __name__ == "__main__":
    main()
