"""Part 1: core, geojson, oas30."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import shapely
from service import GEOJSON, JSON, OPENAPI_30, Answer, Failed, Ledger, Service, Skipped, check_links, link, require

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
BOXES = {  # as the suite has them
    "Greenwich": (-1.5, 50.0, 1.5, 53.0),
    "equator": (-80.0, -5.0, -70.0, 5.0),
    "antimeridian": (177.0, 65.0, -177.0, 70.0),
    "north pole": (-180.0, 85.0, 180.0, 90.0),
    "south pole": (-180.0, -90.0, 180.0, -85.0),
}
COUNTED = 10_000  # numberMatched beyond this is not verified
FURTHER_PAGES = 4  # the suite reads no more to verify numberMatched, each with the largest limit that the definition allows


def check(service: Service, ledger: Ledger) -> list[dict]:
    """Runs all assertions; gives the collections of features for those of Part 2."""
    ledger.check("/conf/core/root-op, root-success", "/", lambda: landing(service))
    if ledger.check("/conf/core/api-definition-op", "/", lambda: definition(service)) is None:
        return []
    ledger.check("/conf/oas30/oas-definition-1", "/api", lambda: self_contained(service.definition))
    ledger.check("/conf/core/conformance-op, conformance-success", "/conformance", lambda: conformance(service))
    metadata = ledger.check("/conf/core/fc-md-op", "/collections", lambda: collections(service))
    if metadata is None:
        return []
    ledger.check("/conf/core/fc-md-links", "/collections", lambda: check_links(service, metadata["links"], False))
    for entry in metadata["collections"]:
        name = str(entry.get("id"))
        ledger.check("/conf/core/fc-md-items", name, lambda e=entry: check_entry(e))
        ledger.check("/conf/core/fc-md-items-links", name, lambda e=entry: check_entry_links(service, e))
        ledger.check("/conf/core/sfc-md-op, sfc-md-success", name, lambda e=entry: check_collection(service, e))
        check_parameters(service, ledger, name)
        check_items(service, ledger, entry)
    return metadata["collections"]


def landing(service: Service) -> None:
    rels = {candidate["rel"] for candidate in service.ok(service.base + "/", JSON).json()["links"]}
    require(rels & {"service-desc", "service-doc"}, "neither service-desc nor service-doc")
    require({"conformance", "data"} <= rels, "no link rel=conformance or rel=data")


def definition(service: Service) -> dict:
    links = service.ok(service.base + "/", JSON).json()["links"]
    wanted = [c for c in links if c["rel"] == "service-desc" and c.get("type", "").replace(" ", "") == OPENAPI_30]
    require(wanted, f"no link rel=service-desc of type {OPENAPI_30}")
    service.definition = service.ok(wanted[0]["href"], OPENAPI_30).json()
    require(service.definition["openapi"].startswith("3.0"), f"openapi is {service.definition['openapi']}")
    for server in service.definition.get("servers", []):
        require(server["url"].rstrip("/") in (service.base, ""), f"the server {server['url']} is not the one under test")
    return service.definition


def self_contained(node) -> None:
    """No reference leads to another host: what cannot be read offline cannot be tested either."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        require(not isinstance(reference, str) or reference.startswith("#/"), f"a foreign reference: {reference}")
        node = list(node.values())
    for child in node if isinstance(node, list) else []:
        self_contained(child)


def conformance(service: Service) -> None:
    service.path_of("/conformance")
    service.classes = service.ok(service.base + "/conformance", JSON).json()["conformsTo"]
    require(all(isinstance(name, str) for name in service.classes), "a class that is not a text")
    require(CORE in service.classes, f"{CORE} is not declared")


def collections(service: Service) -> dict:
    service.path_of("/collections")
    found = service.ok(service.base + "/collections", JSON).json()
    require(found.get("links"), "no links")
    require(found.get("collections"), "no collections")
    return found


def check_entry(entry: dict) -> None:
    require(isinstance(entry["id"], str) and entry["id"], "no id")
    extent = entry.get("extent", {})
    if "spatial" in extent:
        for box in extent["spatial"]["bbox"]:
            # The suite cannot read boxes of six numbers, though the standard has them.
            require(len(box) == 4, f"an extent of {len(box)} numbers")
    if "temporal" in extent:
        for bound in extent["temporal"]["interval"][0]:
            require(bound is None or re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", bound), f"the bound {bound}")
    if "crs" in entry:
        require("CRS84" in entry["crs"][0], f"the first CRS is {entry['crs'][0]}")


def items_link(entry: dict) -> str:
    for candidate in entry["links"]:
        if candidate.get("rel") == "items" and candidate.get("type") == GEOJSON:
            return candidate["href"]
    raise Failed(f"no link rel=items of type {GEOJSON}")


def check_entry_links(service: Service, entry: dict) -> None:
    for candidate in entry["links"]:
        require(candidate.get("rel") and candidate.get("type") and candidate.get("href"), f"an incomplete link: {candidate}")
    offered = {candidate["type"] for candidate in entry["links"] if candidate["rel"] == "items"}
    missing = service.other_types(None, True) - offered
    require(not missing, f"no link rel=items of {', '.join(sorted(missing))}")


def check_collection(service: Service, entry: dict) -> None:
    path = f"/collections/{entry['id']}"
    service.path_of(path)
    alone = service.ok(service.base + path, JSON).json()
    for member in ("id", "title", "description", "extent", "itemType", "crs", "storageCrs"):
        require(alone.get(member) == entry.get(member), f"{member} is {alone.get(member)} alone and {entry.get(member)} in the list")
    check_links(service, alone["links"], False)


def check_parameters(service: Service, ledger: Ledger, name: str) -> None:
    """The definitions of `limit`, `bbox` and `datetime`, with the members that the suite's reader cannot do without."""

    def parameter(wanted: str, kind: str) -> dict:
        found = service.parameters(f"/collections/{name}/items").get(wanted)
        require(found, f"{wanted} is not declared")
        require(not found.get("required"), f"{wanted} is required")
        require(found.get("style") == "form", f"{wanted} does not say style: form")
        require(found.get("explode") is False, f"{wanted} does not say explode: false")
        schema = service.resolve(found["schema"])
        require(schema["type"] == kind, f"{wanted} is of type {schema['type']}")
        return schema

    def limit() -> None:
        schema = parameter("limit", "integer")
        require(schema["minimum"] >= 0 and schema["default"] >= schema["minimum"], "limit has a wrong minimum or default")
        require(schema["maximum"] >= schema["default"], "limit has a maximum below its default")

    def bbox() -> None:
        schema = parameter("bbox", "array")
        sizes = {(s["minItems"], s["maxItems"]) for s in schema.get("oneOf", [schema])}
        require(sizes in ({(4, 6)}, {(4, 4), (6, 6)}), f"bbox has {sizes} items")
        require(service.resolve(schema["items"])["type"] == "number", "bbox is not of numbers")

    ledger.check("/conf/core/fc-limit-definition", name, limit)
    ledger.check("/conf/core/fc-bbox-definition", name, bbox)
    ledger.check("/conf/core/fc-time-definition", name, lambda: parameter("datetime", "string"))


def requests_of(service: Service, entry: dict) -> Iterator[tuple[str, dict, tuple | None]]:
    """What the suite asks of `items`: the test, the parameters, and the box that results must touch."""
    yield "/conf/core/fc-op", {}, None
    least, most = service.limits(entry["id"])
    for limit in {least, min(100, (least + most) // 2)}:
        yield "/conf/core/fc-limit-response", {"limit": limit}, None
    extent = entry.get("extent", {})
    if extent.get("spatial", {}).get("bbox"):
        for box in ({"its extent": extent["spatial"]["bbox"][0]} | BOXES).values():
            yield "/conf/core/fc-bbox-response", {"bbox": ",".join(f"{n:.7f}" for n in box)}, tuple(box)
    interval = extent.get("temporal", {}).get("interval", [[None, None]])[0]
    if all(interval):
        begin, end = (datetime.fromisoformat(bound) for bound in interval)
        quarter: timedelta = (end - begin) / 4
        yield "/conf/core/fc-time-response", {"datetime": instant(begin)}, None
        yield "/conf/core/fc-time-response", {"datetime": f"{instant(begin + quarter)}/{instant(begin + 2 * quarter)}"}, None


def instant(moment: datetime) -> str:
    return moment.astimezone().isoformat().replace("+00:00", "Z")


def check_items(service: Service, ledger: Ledger, entry: dict) -> None:
    name = entry["id"]
    href = ledger.check("/conf/core/fc-op", f"{name}: its link", lambda: items_link(entry))
    if href is None:
        return
    for test, parameters, box in requests_of(service, entry):
        about = f"{name} {parameters or ''}"
        answer = ledger.check(test, about, lambda p=parameters: service.ok(href, GEOJSON, **p))
        if answer is None:
            continue
        ledger.check("/conf/core/fc-response", about, lambda a=answer, p=parameters: check_page(a, p))
        ledger.check("/conf/core/fc-links", about, lambda a=answer: check_links(service, a.json()["links"], True))
        ledger.check("/conf/core/fc-numberMatched", about, lambda a=answer: check_number(service, name, a))
        ledger.check("/conf/core/crs84", about, lambda a=answer: check_geometries(a, (-180, -90, 180, 90)))
        if box:
            ledger.check(test, f"{about}: geometries", lambda a=answer, b=box: check_geometries(a, b))
    for parameter, value in (("limit", "unlimited"), ("unknownQueryParameter12345", "1")):
        test = "/conf/core/query-param-invalid" if parameter == "limit" else "/conf/core/query-param-unknown"
        ledger.check(test, f"{name} {parameter}={value}", lambda p=parameter, v=value: refused(service, href, p, v))
    ledger.check("/conf/core/f-op, f-success, f-links", name, lambda: check_feature(service, href))


def refused(service: Service, href: str, parameter: str, value: str) -> None:
    answer = service.get(href, GEOJSON, **{parameter: value})
    require(answer.status == 400, f"{answer.url} gives {answer.status}")


def check_page(answer: Answer, parameters: dict) -> None:
    page = answer.json()
    media = answer.headers.get("content-type", "")
    require(media.split(";")[0] == GEOJSON, f"the media type is {media}")
    require(page["type"] == "FeatureCollection", f"type is {page['type']}")
    require(isinstance(page["features"], list), "no features")
    require(page.get("numberReturned", len(page["features"])) == len(page["features"]), "numberReturned is wrong")
    require(len(page["features"]) <= int(parameters.get("limit", len(page["features"]))), "more features than the limit")
    if "timeStamp" in page:
        datetime.fromisoformat(page["timeStamp"])


def check_number(service: Service, name: str, answer: Answer) -> None:
    """numberMatched against what the pages hold, read as the suite does: on, but with the largest limit there is."""
    page = answer.json()
    matched = page.get("numberMatched")
    if matched is None or matched > COUNTED:
        raise Skipped(f"numberMatched is {matched}")
    _, most = service.limits(name)
    seen = len(page["features"])
    for _ in range(FURTHER_PAGES):
        following = [c["href"] for c in page["links"] if c["rel"] == "next"]
        if not following:
            break
        page = service.ok(following[0], GEOJSON, limit=most).json()
        seen += len(page["features"])
    require(seen == matched, f"numberMatched is {matched}, {seen} came in the first page and {FURTHER_PAGES} more of {most}")


def check_geometries(answer: Answer, box: tuple) -> None:
    west, south, east, north = box
    boxes = [(west, south, east, north)] if west <= east else [(west, south, 180, north), (-180, south, east, north)]
    area = shapely.union_all([shapely.box(*b) for b in boxes])
    for feature in answer.json()["features"]:
        if feature.get("geometry"):
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            require(shape.intersects(area), f"feature {feature.get('id')} lies outside of {box}")


def check_feature(service: Service, href: str) -> None:
    features = service.ok(href, GEOJSON).json()["features"]
    require(features, "no feature to ask for")
    wanted = features[0]["id"]
    answer = service.ok(f"{href.split('?')[0]}/{wanted}", GEOJSON)
    feature = answer.json()
    require(feature["type"] == "Feature" and feature["id"] == wanted, f"feature {feature.get('id')} instead of {wanted}")
    check_links(service, feature["links"], True, "collection")
    link(feature["links"], "collection")
