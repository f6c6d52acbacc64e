"""Part 2: coordinate reference systems by reference."""

import json
import re

import numpy as np
import pyproj
import shapely
from part1 import items_link
from service import GEOJSON, JSON, Ledger, Service, Skipped, require

CRS_CLASS = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DEFAULTS = (CRS84, "http://www.opengis.net/def/crs/OGC/0/CRS84h")
UNSUPPORTED = "http://www.opengis.net/def/crs/0/unsupported"
OGC_NAME = re.compile(r"http://www\.opengis\.net/def/crs/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
PAGES = 100
NEAR = 1e-3  # degrees: the suite's own tolerance for coordinates transformed by another library


def check(service: Service, ledger: Ledger, entries: list[dict]) -> None:
    """Runs all assertions on the collections; skips them all where the class is not declared."""
    if CRS_CLASS not in service.classes:
        ledger.check("/conf/crs", "conformance", lambda: not_declared())
        return
    everywhere = service.ok(service.base + "/collections", JSON).json().get("crs", [])
    for entry in entries:
        name = entry["id"]
        listed = [crs for crs in entry.get("crs", []) if crs != "#/crs"] + (everywhere if "#/crs" in entry.get("crs", []) else [])
        ledger.check("/conf/crs/crs-uri", name, lambda e=entry, c=listed: check_uris(e, c))
        ledger.check("/conf/crs/default-crs", name, lambda e=entry, c=listed: check_default(e, c))
        ledger.check("/conf/crs/storageCrs", name, lambda e=entry, c=listed: check_storage(e, c))
        href = items_link(entry)
        features = service.ok(href, GEOJSON).json()["features"]
        item = f"{href.split('?')[0]}/{features[0]['id']}" if features else None
        for url in filter(None, (href, item)):
            ledger.check("/conf/crs/crs-parameter-default", url, lambda u=url: check_header(service, u, None))
            ledger.check("/conf/crs/crs-parameter-invalid", url, lambda u=url: check_refused(service, u, crs=UNSUPPORTED))
            for crs in listed:
                ledger.check("/conf/crs/crs-parameter", f"{url} {crs}", lambda u=url, c=crs: check_header(service, u, c))
                ledger.check("/conf/crs/crs-parameter-transform", f"{url} {crs}", lambda u=url, c=crs: check_transform(service, u, c))
        ledger.check("/conf/crs/bbox-crs-parameter-invalid", name, lambda h=href: check_refused(service, h, bbox="5,49,6,50", bbox_crs=UNSUPPORTED))
        for crs in listed:
            ledger.check("/conf/crs/bbox-crs-parameter", f"{name} {crs}", lambda e=entry, h=href, c=crs: check_box(service, e, h, c))


def not_declared() -> None:
    raise Skipped(f"{CRS_CLASS} is not declared")


def check_uris(entry: dict, listed: list[str]) -> None:
    for crs in [*listed, entry.get("storageCrs", CRS84)]:
        require(OGC_NAME.fullmatch(crs), f"{crs} is no OGC name of a CRS")


def check_default(entry: dict, listed: list[str]) -> None:
    if "spatial" not in entry.get("extent", {}):
        raise Skipped("no spatial extent")
    require(any(crs in DEFAULTS for crs in listed), "the list has no default CRS")


def check_storage(entry: dict, listed: list[str]) -> None:
    if "storageCrs" not in entry:
        raise Skipped("no storageCrs")
    require(entry["storageCrs"] in listed, f"{entry['storageCrs']} is not in the list")


def check_header(service: Service, url: str, crs: str | None) -> None:
    answer = service.ok(url, GEOJSON, **({"crs": crs} if crs else {}))
    header = answer.headers.get("content-crs")
    wanted = [f"<{c}>" for c in ([crs] if crs else DEFAULTS)]
    require(header in wanted, f"Content-Crs is {header}")


def check_refused(service: Service, url: str, **parameters) -> None:
    answer = service.get(url, GEOJSON, **parameters)
    require(answer.status == 400, f"{answer.url} gives {answer.status}")


def geometries(document: dict) -> dict:
    features = document["features"] if document["type"] == "FeatureCollection" else [document]
    return {f["id"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features if f.get("geometry")}


def check_transform(service: Service, url: str, crs: str) -> None:
    """The same features in another CRS, in the axis order of its authority, are in the same places."""
    known, given = geometries(service.ok(url, GEOJSON).json()), geometries(service.ok(url, GEOJSON, crs=crs).json())
    require(known.keys() == given.keys(), "other features than without crs")
    back = pyproj.Transformer.from_crs(crs, CRS84)
    for name, shape in given.items():
        placed = shapely.transform(shape, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
        require(placed.geom_type == known[name].geom_type, f"feature {name} is a {placed.geom_type}")
        # Rings of CRS84 run as RFC 7946 wants them, those of other systems need not.
        gap = shapely.hausdorff_distance(placed, known[name])
        require(gap < NEAR, f"feature {name} is {gap:.4g} degrees from its place")


def check_box(service: Service, entry: dict, href: str, crs: str) -> None:
    """The middle of the extent as a box of both systems gives the same features, but for those at the box's edge."""
    boxes = entry.get("extent", {}).get("spatial", {}).get("bbox")
    if not boxes:
        raise Skipped("no spatial extent")
    west, south, east, north = boxes[0]
    dx, dy = (east - west) / 8, (north - south) / 8
    inner = (west + 3 * dx, south + 3 * dy, east - 3 * dx, north - 3 * dy)
    to_crs = pyproj.Transformer.from_crs(CRS84, crs)
    edges = to_crs.transform_bounds(*inner)
    asked = ",".join(f"{n:.7f}" for n in edges)
    there = ids(service, href, bbox=asked, bbox_crs=crs)
    wider = (inner[0] - dx, inner[1] - dy, inner[2] + dx, inner[3] + dy)
    here = ids(service, href, bbox=",".join(f"{n:.7f}" for n in wider))
    sure = ids(service, href, bbox=",".join(f"{n:.7f}" for n in inner))
    require(there <= here, f"{len(there - here)} features from elsewhere, as {sorted(map(str, there - here))[:3]}")
    require(len(sure - there) == 0, f"{len(sure - there)} features are missing, as {sorted(map(str, sure - there))[:3]}")


def ids(service: Service, href: str, **parameters) -> set:
    """The ids of all features that match, page by page."""
    found, page = set(), service.ok(href, GEOJSON, limit=1000, **parameters).json()
    for _ in range(PAGES):
        found |= {feature["id"] for feature in page["features"]}
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = service.ok(following[0], GEOJSON).json()
    return found
