#!/usr/bin/env python3
"""Writes src/geometry/crs/codes.rs: which codes of the EPSG table are refused, and which write north first.

For every code that the crate crs-definitions knows, three points of its area of use are converted by guichet (a unit
test does that) and by PROJ. A code is refused when guichet cannot convert them, when the two differ by more than 10 m, when the
way back does not return, or when its axes are not one to the east and one to the north.

Needs pyproj 3.7 (PROJ 9.5, without grids) and cargo; run it from the root of the package after a change of proj4rs or crs-definitions.
"""

import math
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pyproj
from pyproj.database import query_crs_info

warnings.filterwarnings("ignore")
TARGET = Path("src/geometry/crs/codes.rs")
LIMIT_M = 10.0
# Two-dimensional datum shifts drop the height between the ellipsoids, which costs a few millimetres.
ROUND_TRIP_DEGREES = 1e-6


def areas():
    """(code, points) of every possible code: three in its area of use, any one where there is none."""
    yield from ((code, [(0.1, 0.1)]) for code in range(65536))
    for info in sorted(query_crs_info(auth_name="EPSG", allow_deprecated=True), key=lambda i: int(i.code)):
        code, area = int(info.code), info.area_of_use
        if code > 65535 or area is None:
            continue
        width = (area.east - area.west) % 360 or 360
        points = []
        for along, up in ((0.53, 0.47), (0.31, 0.67), (0.71, 0.29)):
            lon = (area.west + width * along + 180) % 360 - 180
            points.append((lon, area.south + (area.north - area.south) * up))
        yield code, points


def answers(points):
    """What guichet makes of the points: (code, index) → x, y, lon, lat; a code is absent if it has no definition."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "asked", Path(folder) / "answered"
        asked.write_text("".join(f"{c} {i} {x!r} {y!r}\n" for c, ps in points.items() for i, (x, y) in enumerate(ps)))
        env = dict(os.environ, CRS_SURVEY_ASKED=str(asked), CRS_SURVEY_ANSWERED=str(answered))
        subprocess.run(["cargo", "test", "--lib", "--", "--exact", "geometry::crs::tests::survey::answer"], env=env, check=True)
        lines = [line.split() for line in answered.read_text().splitlines()]
    return {(int(f[0]), int(f[1])): [float(v) for v in f[2:]] for f in lines}


def axis_order(crs):
    """'E' for east first, 'N' for north first, None for anything else."""
    if len(crs.axis_info) < 2:
        return None
    first, second = crs.axis_info[:2]
    directions = (first.direction, second.direction)
    if directions == ("east", "north"):
        return "E"
    if directions == ("north", "east"):
        return "N"
    # Polar grids: both axes run along meridians, their letters tell.
    if directions in (("north", "north"), ("south", "south")):
        return "E" if first.abbrev in ("E", "X") else "N"
    return None


def distance(crs, ours, theirs, lat):
    dx, dy = ours[0] - theirs[0], ours[1] - theirs[1]
    if crs.is_geographic:
        return math.hypot((dx + 180) % 360 - 180, dy) * 111_320
    return math.hypot(dx, dy) * (crs.axis_info[0].unit_conversion_factor or 1.0)


def is_ballpark(to):
    """True if PROJ made do without a datum shift for the last point, EPSG having none for the place."""
    try:
        return "Ballpark" in to.get_last_used_operation().description
    except pyproj.exceptions.ProjError:
        return "Ballpark" in to.description  # there was only one operation to choose


def verdict(code, points, found):
    """'E' or 'N' if the code can be served, None if it is refused."""
    try:
        crs = pyproj.CRS.from_epsg(code)
        to = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    except pyproj.exceptions.ProjError:
        return None
    if crs.is_geocentric:
        return None
    known, guessed = [], []
    for index, (lon, lat) in enumerate(points):
        theirs = to.transform(lon, lat)
        if all(map(math.isfinite, theirs)):
            (guessed if is_ballpark(to) else known).append((index, lon, lat, theirs))
    for index, lon, lat, theirs in known or guessed:
        x, y, back_lon, back_lat = found[code, index]
        if not distance(crs, (x, y), theirs, lat) <= LIMIT_M:
            return None
        turn = (back_lon - lon + 180) % 360 - 180
        if not max(abs(turn), abs(back_lat - lat)) <= ROUND_TRIP_DEGREES:
            return None
    return axis_order(crs)


def runs(codes, chosen, indifferent):
    """Ranges that cover the chosen codes and no other, save those where it does not matter."""
    out, open_run = [], False
    for code in codes:
        if code in chosen:
            if open_run:
                out[-1][1] = code
            else:
                out.append([code, code])
            open_run = True
        elif code not in indifferent:
            open_run = False
    return out


def table(name, doc, ranges):
    lines, line = [], "   "
    for low, high in ranges:
        item = f" ({low}, {high}),"
        if len(line) + len(item) > 118:
            lines.append(line)
            line = "   "
        line += item
    body = "\n".join(lines + [line])
    return f"/// {doc}\n#[rustfmt::skip]\nconst {name}: &[(u16, u16)] = &[\n{body}\n];\n"


def main():
    points = dict(areas())
    found = answers(points)
    table_codes = sorted({code for code, _ in found})
    verdicts = {code: verdict(code, points[code], found) for code in table_codes}
    refused = {code for code, v in verdicts.items() if v is None}
    north = {code for code, v in verdicts.items() if v == "N"}
    head = TARGET.read_text().split("// --- generated")[0]
    generated = (
        f"// --- generated by tests/tools/make_crs_codes.py with PROJ {pyproj.proj_version_str}: "
        f"{len(table_codes)} codes, {len(refused)} refused, {len(north)} north first ---\n\n"
        + table("REFUSED", "Codes that are known but would come out wrong.", runs(table_codes, refused, set()))
        + "\n"
        + table("NORTH_FIRST", "Codes whose authority writes northing or latitude first.", runs(table_codes, north, refused))
    )
    TARGET.write_text(head + generated)
    print(generated.splitlines()[0], file=sys.stderr)


if __name__ == "__main__":
    main()
