#!/usr/bin/env python3
"""Runs nginx with the lines of the README in front of a server, and looks at what it passes on and what it writes down.

    nginx_check.py --bin target/release/guichet

Of the recipe, addresses and files are put in their places, and nothing else is changed. Links must have the prefix, also in portals, and must
not believe what strangers say of where they are; keys and signatures must open what they open without a proxy, and must stand in no log:
not as `?key=`, `?sig=`, `Authorization`, `X-API-Key`, password, `Referer`, a part of the path, and not where the server cannot be reached. To
show that this can fail, the same is done once with nginx's own log format and level, where they must be found.

Exit status: 0 passed, 1 failed, 3 nginx or openssl is missing (Debian packages nginx-light and openssl).
"""

import argparse
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from keyed_world import CLIPPED, LOCKED, World
from server import running

README = Path(__file__).resolve().parents[2] / "README.md"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
SERVER_NAME, PREFIX = "data.example.org", "/geo"
LONG_FILTER = "A" * 50_000


class Faults:
    def __init__(self) -> None:
        self.count = 0

    def check(self, good: bool, what: str) -> None:
        print(f"clients: nginx: {'ok' if good else 'FAILED'}: {what}", flush=True)
        self.count += not good


def recipe(language: str, word: str) -> str:
    """The one block of the README in that language with that word in it."""
    blocks = [b for b in re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.S) if word in b]
    if len(blocks) != 1:
        raise SystemExit(f"clients: nginx: README.md has {len(blocks)} blocks of {language} with {word!r}")
    return blocks[0]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def put(text: str, *places: tuple[str, str]) -> str:
    for old, new in places:
        if old not in text:
            raise SystemExit(f"clients: nginx: the recipe has no {old!r}")
        text = text.replace(old, new)
    return text


class Proxy:
    """nginx in a folder of its own."""

    def __init__(self, folder: Path, upstream: str, *, careless: bool = False):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={SERVER_NAME}",
             "-addext", f"subjectAltName=DNS:{SERVER_NAME}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        server = put(
            recipe("nginx", "proxy_pass"),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("127.0.0.1:8080", upstream),
            ("/etc/ssl/data.example.org.pem", str(folder / "cert.pem")),
            ("/etc/ssl/data.example.org.key", str(folder / "key.pem")),
            ("/var/log/nginx", str(folder)),
        )
        if careless:
            server = put(server, ("guichet.log guichet;", "guichet.log combined;"), ("guichet-error.log emerg;", "guichet-error.log;"))
        # What every nginx has around the files of its sites.
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # As root it would give its workers away to a user that may not write here.
        user = "user root;\n" if os.getuid() == 0 else ""
        text = f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/main-error.log;\nevents {{}}\nhttp {{\n{temporary}{server}}}\n"
        (folder / "nginx.conf").write_text(text)

    @contextmanager
    def running(self):
        command = [NGINX, "-p", str(self.folder), "-e", str(self.folder / "main-error.log"), "-c", str(self.folder / "nginx.conf")]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
        if tested.returncode:
            raise SystemExit(f"clients: nginx refuses the recipe:\n{tested.stderr}")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", self.port)) == 0:
                        break
                time.sleep(0.05)
            yield self
        finally:
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def get(self, path: str, **headers: str) -> tuple[int, dict, bytes]:
        context = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        connection = http.client.HTTPSConnection(SERVER_NAME, self.port, timeout=30, context=context)
        connection._create_connection = lambda _, *rest: socket.create_connection(("127.0.0.1", self.port), 30)  # noqa: SLF001
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": SERVER_NAME} | names)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, body

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


def links_of(document) -> list[str]:
    if isinstance(document, dict):
        own = [v for k, v in document.items() if k in ("href", "uri", "uriTemplate") and isinstance(v, str)]
        own += [t for t in document.get("tiles", []) if isinstance(t, str)]
        return own + [link for value in document.values() for link in links_of(value)]
    if isinstance(document, list):
        return [link for value in document for link in links_of(value)]
    return []


def own_links(document) -> list[str]:
    return [link for link in links_of(document) if "opengis.net" not in link and "mailto:" not in link]


def check_links(faults: Faults, proxy: Proxy, key: str) -> None:
    base = f"https://{SERVER_NAME}{PREFIX}"
    for path in ("/", "/collections", "/collections/ville.arbres", "/collections/ville.arbres/items?limit=3", "/xyz/ville.arbres.json", "/api",
                 f"/collections/{CLIPPED}/items?limit=3", "/o/ville/", "/o/ville/collections", "/o/ville/collections/arbres/items?limit=3"):  # fmt: skip
        status, headers, body = proxy.get(PREFIX + path, Accept="application/json, application/geo+json, application/vnd.oai.openapi+json", X_API_Key=key)
        document = json.loads(body)
        if path == "/api":
            links = [server["url"] + "/" for server in document["servers"]]
        else:
            links = own_links(document)
        start = base + ("/o/ville/" if path.startswith("/o/") else "/")
        # The platform that a portal belongs to is linked to from it.
        wrong = [link for link in links if not link.startswith(start) and not link.startswith(base)]
        faults.check(status == 200 and bool(links) and not wrong, f"{path}: {status}, {len(links)} links under {base} {wrong[:2] or ''}")
    for path in ("/", "/o/ville/", f"/collections/{LOCKED}", "/session"):
        status, headers, body = proxy.get(PREFIX + path, Accept="text/html")
        text = body.decode()
        found = re.findall(r'(?:href|src|action)="([^"]+)"', text)
        wrong = [link for link in found if link.startswith("/") and not link.startswith(PREFIX + "/")]
        assets = [link for link in found if "/assets/" in link]
        gone = [link for link in assets if proxy.get(link if link.startswith("/") else link.removeprefix(f"https://{SERVER_NAME}"))[0] != 200]
        good = status in (200, 401) and bool(assets) and not wrong and not gone
        faults.check(good, f"the page {path}: {status}, {len(found)} links, {len(assets)} files {(wrong + gone)[:2] or ''}")
    lie = {"Forwarded": "for=192.0.2.1;host=evil.example;proto=http", "X_Forwarded_Host": "evil.example", "X_Forwarded_Prefix": "/evil"}
    body = proxy.get(f"{PREFIX}/", Accept="application/json", **lie)[2]
    faults.check(b"evil" not in body, "what strangers say of where they are is not believed")


def check_paths(faults: Faults, proxy: Proxy, key: str) -> None:
    items = f"{PREFIX}/collections/ville.parcelles/items"
    first = json.loads(proxy.get(f"{items}?limit=1", X_API_Key=key)[2])["features"][0]["id"]
    faults.check(proxy.get(f"{items}/{first}", X_API_Key=key)[0] == 200, "an item")
    status, _, body = proxy.get(f"{PREFIX}/collections/ville.quartiers/items/a%2Fb", Accept="application/json")
    faults.check(status == 404 and "a/b" in json.loads(body)["detail"], "%2F in an item's id is passed on as it is")
    status, _, _ = proxy.get(f"{items}?filter=section%3D'{LONG_FILTER}'", X_API_Key=key)
    faults.check(status == 200, f"a filter of 50 kB: {status}")
    status, headers, _ = proxy.get(f"{PREFIX}/collections/ville.arbres/items?limit=100", Accept_Encoding="gzip")
    faults.check(status == 200 and headers.get("content-encoding") == "gzip", "answers are compressed")


def ask_with_secrets(proxy: Proxy, key: str, browser: str) -> dict[str, int]:
    """Requests that carry a key or a signature in each way that there is; the status of each."""
    items = f"{PREFIX}/collections/{CLIPPED}/items?limit=1"
    template = json.loads(proxy.get(f"{PREFIX}/xyz/{CLIPPED}.json", X_API_Key=browser)[2]).get("tiles", [""])[0]
    signed = template.removeprefix(f"https://{SERVER_NAME}").format(z=12, x=2109, y=1497)
    basic = base64.b64encode(f"qgis:{key}".encode()).decode()
    asked = {
        "Authorization": proxy.get(items, Authorization=f"Bearer {key}"),
        "Basic": proxy.get(items, Authorization=f"Basic {basic}"),
        "X-API-Key": proxy.get(items, X_API_Key=key),
        "?key=": proxy.get(f"{items}&key={key}"),
        "?key= first": proxy.get(f"{PREFIX}/collections/{CLIPPED}/items?key={key}&limit=1"),
        "?sig=": proxy.get(signed),
        "Referer": proxy.get(items, X_API_Key=key, Referer=f"https://{SERVER_NAME}{PREFIX}/?key={key}"),
        "the path": proxy.get(f"{PREFIX}/collections/{key}/items"),
        "the path, encoded": proxy.get(f"{PREFIX}/collections/%67{key[1:]}/items"),
        "the path, encoded twice": proxy.get(f"{PREFIX}/collections/{key[:3]}%255F{key[4:]}/items"),
        "another name": proxy.get(f"{PREFIX}/?token={key}"),
        "too long": proxy.get(f"{PREFIX}/?key={key}&a={'a' * 70_000}"),
    }
    return {way: answer[0] for way, answer in asked.items()} | {"signature": signed.partition("sig=")[2]}


def secrets_in(logs: str, key: str, browser: str, signature: str) -> list[str]:
    texts = {"the key": key[9:], "the browser key": browser[9:], "the signature": signature or "no signature",
             "the password": base64.b64encode(f"qgis:{key}".encode()).decode()}  # fmt: skip
    return [what for what, text in texts.items() if text in logs]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    if not NGINX or not shutil.which("openssl"):
        print("clients: nginx: NOT RUN: nginx or openssl is missing (Debian packages nginx-light and openssl)")
        return 3
    faults = Faults()
    with tempfile.TemporaryDirectory(prefix="guichet-nginx-") as name:
        folder = Path(name)
        server = put(recipe("toml", "trusted_proxies"), ("[server]\n", ""))
        world = World(folder, options.bin, server=server)
        key, browser = world.key("eau")[1], world.key("eau", "--browser")[1]
        with running(options.bin, "--config", str(world.config), log=folder / "server.log") as base:
            upstream = base.removeprefix("http://")
            with Proxy(folder / "proxy", upstream).running() as proxy:
                check_links(faults, proxy, key)
                check_paths(faults, proxy, key)
                statuses = ask_with_secrets(proxy, key, browser)
                signature = str(statuses.pop("signature"))
                refused = ("the path", "the path, encoded", "the path, encoded twice", "another name")
                want = dict.fromkeys(statuses, 200) | dict.fromkeys(refused, 401) | {"too long": 414}
                faults.check(statuses == want, f"keys and signatures open what they open: {statuses}")
        log = (folder / "server.log").read_text()
        faults.check(not secrets_in(log, key, browser, signature), f"the server's log has {secrets_in(log, key, browser, signature) or 'none of them'}")
        # The server has ended: every request is an error of nginx's own.
        for careless in (False, True):
            with Proxy(folder / f"down-{careless}", upstream, careless=careless).running() as down:
                for path in (f"/?key={key}", f"/xyz/a/1/1/1.mvt?sig={signature}"):
                    status = down.get(PREFIX + path, Referer=f"https://{SERVER_NAME}/?key={browser}")[0]
                    faults.check(status == 502, f"without a server nginx answers {status}")
            if careless:
                found = secrets_in(down.logs(), key, browser, signature)
                faults.check(len(found) == 3, f"with nginx's own log format and level, its logs have {', '.join(found) or 'nothing'}")
            else:
                found = secrets_in(proxy.logs() + down.logs(), key, browser, signature)
                lines = (proxy.folder / "guichet.log").read_text().count("\n")
                faults.check(not found and lines > 20, f"nginx's logs ({lines} lines) have {', '.join(found) or 'none of them'}")
    print(f"clients: nginx: {faults.count} faults", flush=True)
    return 1 if faults.count else 0


if __name__ == "__main__":
    sys.exit(main())
