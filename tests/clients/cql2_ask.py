"""Sends filters to a server over one connection that is kept open."""

import http.client
import json
import re
from urllib.parse import quote, urlsplit

ITEMS = 10_000  # the largest limit of a page
# Members that come first in each feature; texts inside of a feature have their quotes escaped, so nothing else looks like it.
FEATURE_ID = re.compile(rb'"type":"Feature","id":("(?:[^"\\]|\\.)*"|[^,}]*)')
MATCHED = re.compile(rb'"numberMatched":(\d+)')


class Refused(Exception):
    """The server's answer was no page of items."""

    def __init__(self, status: int, body: bytes):
        self.status = status
        try:
            problem = json.loads(body)
            words = [problem.get("detail")] + [error.get("detail") for error in problem.get("errors", [])]
            self.words = "; ".join(word for word in words if word)
        except (ValueError, AttributeError):
            self.words = body[:300].decode(errors="replace")
        super().__init__(f"{status} {self.words}")


class Client:
    """Asks the collections of one server."""

    def __init__(self, base: str):
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)

    def get(self, path: str) -> bytes:
        """The body of a path, which must be there."""
        try:
            response = self.send(path)
        except ConnectionError:
            # Closed by the server while nothing was asked: the next request opens it again.
            self.connection.close()
            response = self.send(path)
        body = response.read()
        if response.status != 200:
            raise Refused(response.status, body)
        return body

    def send(self, path: str) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers={"Accept": "application/geo+json, application/json"})
        return self.connection.getresponse()

    def items(self, collection: str, text: str, lang: str | None = None, crs: str | None = None, limit: int = 1) -> bytes:
        """The first page of the items that pass the filter."""
        query = f"limit={limit}&filter={quote(text, safe='')}"
        query += f"&filter-lang={lang}" if lang else ""
        query += f"&filter-crs={quote(crs, safe=':/')}" if crs else ""
        return self.get(f"/collections/{collection}/items?{query}")

    def matched(self, collection: str, text: str, lang: str | None = None, crs: str | None = None) -> int:
        """`numberMatched` of the filter."""
        found = MATCHED.search(self.items(collection, text, lang, crs))
        if not found:
            raise Refused(200, b"no numberMatched")
        return int(found[1])

    def ids(self, collection: str, text: str, lang: str | None = None, crs: str | None = None) -> list[int]:
        """The ids of all items that pass, which are whole numbers; they are as many as `numberMatched` says."""
        body = self.items(collection, text, lang, crs, ITEMS)
        ids = [int(i) for i in FEATURE_ID.findall(body)]
        found = MATCHED.search(body)
        if not found or int(found[1]) != len(ids):
            raise Refused(200, f"numberMatched {found and int(found[1])} of {len(ids)} items".encode())
        return ids
