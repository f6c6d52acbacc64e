"""A service under test, its API definition, and the ledger of what was asserted about it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message

JSON = "application/json, application/javascript, text/javascript, text/json"  # what the suite's client asks for
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI_30 = "application/vnd.oai.openapi+json;version=3.0"
SECONDS = 60


class Failed(Exception):
    """An assertion does not hold."""


class Skipped(Exception):
    """An assertion cannot be tried here, for the reason given."""


def require(condition, sentence: str) -> None:
    if not condition:
        raise Failed(sentence)


@dataclass
class Answer:
    """A response."""

    url: str
    status: int
    headers: dict  # by names in small letters
    body: bytes

    def json(self) -> dict:
        try:
            return json.loads(self.body)
        except ValueError as problem:
            raise Failed(f"{self.url} is no JSON: {problem}") from None


@dataclass
class Ledger:
    """Results by test."""

    passed: Counter = field(default_factory=Counter)
    failed: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def check(self, test: str, about: str, assertion: Callable[[], object]) -> object:
        """Runs an assertion and notes what came of it; gives its result, or None where it did not hold."""
        try:
            result = assertion()
        except Skipped as why:
            self.skipped.setdefault(test, []).append(f"{about}: {why}")
        except (Failed, KeyError, TypeError, ValueError, IndexError, AttributeError, OSError) as why:
            sentence = str(why) if isinstance(why, Failed) else f"{type(why).__name__}: {why}"
            self.failed.setdefault(test, []).append(f"{about}: {sentence}")
        else:
            self.passed[test] += 1
            return result
        return None


class Service:
    """Requests as the suite's client makes them, and the API definition that tells it what there is."""

    def __init__(self, base: str):
        self.base = base.rstrip("/")
        self.definition: dict = {}
        self.classes: list[str] = []

    def get(self, url: str, accept: str, **parameters) -> Answer:
        """GET; a parameter takes the place of one of the same name in the address."""
        parts = urllib.parse.urlsplit(url)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        query |= {name.replace("_", "-"): str(value) for name, value in parameters.items()}
        url = urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))
        request = urllib.request.Request(url, headers={"Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                return Answer(url, response.status, by_name(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return Answer(url, error.code, by_name(error.headers), error.read())

    def ok(self, url: str, accept: str, **parameters) -> Answer:
        answer = self.get(url, accept, **parameters)
        require(answer.status == 200, f"{answer.url} gives {answer.status}")
        return answer

    def resolve(self, node: dict) -> dict:
        """Follows a local reference of the API definition."""
        while "$ref" in node:
            require(node["$ref"].startswith("#/"), f"a foreign reference: {node['$ref']}")
            target = self.definition
            for step in node["$ref"][2:].split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def path_of(self, path: str) -> str:
        """The path of the API definition that `path` is an instance of; a literal one before a templated one."""
        paths = self.definition["paths"]
        if path in paths:
            return path
        for template in paths:
            here, there = template.split("/"), path.split("/")
            if len(here) == len(there) and all(a == b or a.startswith("{") for a, b in zip(here, there, strict=True)):
                return template
        raise Failed(f"the API definition has no path for {path}")

    def parameters(self, path: str) -> dict[str, dict]:
        """The query parameters that the API definition declares for a path, by name."""
        item = self.definition["paths"][self.path_of(path)]
        declared = item.get("parameters", []) + item["get"].get("parameters", [])
        # What another host has to say cannot be known here; `part1` objects to it by itself.
        here = [p for p in declared if p.get("$ref", "#/").startswith("#/")]
        return {p["name"]: p for p in map(self.resolve, here) if p["in"] == "query"}

    def limits(self, collection: str) -> tuple[int, int]:
        """The least and the largest `limit` that the API definition allows; what most servers have where it says nothing."""
        schema = self.parameters(f"/collections/{collection}/items").get("limit", {}).get("schema", {})
        return schema.get("minimum", 1), schema.get("maximum", 1000)

    def other_types(self, own: str | None, for_features: bool) -> set[str]:
        """The media types that the declared classes promise, apart from `own`."""
        types = set()
        for name in self.classes:
            if name.endswith("ogcapi-features-1/1.0/conf/html"):
                types.add(HTML)
            elif name.endswith("ogcapi-features-1/1.0/conf/geojson"):
                types.add(GEOJSON if for_features else "application/json")
        return types - {own}


def by_name(headers: Message) -> dict:
    return {name.lower(): value for name, value in headers.items()}


def link(links: list[dict], rel: str) -> dict:
    """The first link of a relation, which must say its type."""
    for candidate in links:
        if candidate.get("rel") == rel:
            require(candidate.get("type"), f"the link rel={rel} has no type")
            return candidate
    raise Failed(f"no link rel={rel}")


def check_links(service: Service, links: list[dict], for_features: bool, *more: str) -> None:
    """`self`, an `alternate` for every other promised media type, those of `more`; all with their types."""
    own = link(links, "self")
    alternates = {candidate.get("type") for candidate in links if candidate.get("rel") == "alternate"}
    missing = service.other_types(own["type"], for_features) - alternates
    require(not missing, f"no link rel=alternate of {', '.join(sorted(missing))}")
    for rel in more:
        link(links, rel)
    for candidate in links:
        if candidate.get("rel") in ("self", "alternate", *more):
            require(candidate.get("type"), f"a link rel={candidate['rel']} has no type")
