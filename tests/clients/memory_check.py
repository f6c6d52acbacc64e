#!/usr/bin/env python3
"""More views than fit into memory, in a control group that kills whoever takes too much.

    memory_check.py --bin target/release/guichet [--layers 300] [--views 120] [--rows 20000] [--limit 2048] [--memory MIB] [--seed 1]

Publishes LAYERS layers of ROWS parcels each and VIEWS organisations, each with a view of its own on every layer: a territory, or the rows
below a value. The server starts in a control group of LIMIT MiB without swap, with a budget of MEMORY MiB (without it, the half of the
group that it finds by itself). Each organisation then asks every layer for items and a tile, in an order drawn from SEED, eight at a
time; what is refused with 503 and Retry-After is asked for again. Checked are

  - every answer: the count and the rows are those of that organisation's view, and of no other;
  - cold views: of a sample the answers after the walk are byte for byte those before it, though their views were evicted meanwhile;
  - memory: nothing was killed, and what the process wrote stays within its budget.

With --crowded the server derives one view at a time and lets one wait: the others must be refused, and answered when they come back.

Needs root for the control group: without, exit status 3. 0 passed, 1 failed, 2 usage.
"""

import argparse
import hashlib
import http.client
import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

NOT_RUN = 3
WORKERS = 8
SAMPLE = 300
START_SECONDS = 900
STEP = 0.0008
WEST, SOUTH = 5.0, 43.2
VALUES = 10_007


def parcel(i: int, side: int) -> dict:
    return {"idu": f"p{i:06}", "colonne": i % side, "valeur": i * 7919 % VALUES}


class World:
    """A folder with a configuration, its sources and the keys of its organisations."""

    def __init__(self, folder: Path, options: argparse.Namespace):
        self.folder, self.options = folder, options
        self.side = int(options.rows**0.5)
        self.rows = self.side * self.side
        self.parcels = [parcel(i, self.side) for i in range(self.rows)]
        self.write_source()
        self.write_configuration()
        self.keys = [self.key(view) for view in range(options.views)]

    def layer(self, number: int) -> str:
        return f"region.parcelles-{number}"

    def write_source(self) -> None:
        with (self.folder / "parcelles.geojsonl").open("w") as out:
            for i, properties in enumerate(self.parcels):
                west, south = WEST + i % self.side * STEP, SOUTH + i // self.side * STEP
                east, north = west + STEP * 0.8, south + STEP * 0.8
                ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
                geometry = {"type": "Polygon", "coordinates": [[[round(x, 7), round(y, 7)] for x, y in ring]]}
                out.write(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}) + "\n")

    def strip(self, view: int) -> tuple[int, int]:
        """First column of a territory, and the one after its last."""
        views = self.options.views
        return view * self.side // views, max((view + 1) * self.side // views, view * self.side // views + 1)

    def below(self, view: int) -> int:
        return 3_000 + 41 * view

    def is_territory(self, view: int) -> bool:
        return view % 2 == 0

    def shows(self, view: int, properties: dict) -> bool:
        if self.is_territory(view):
            first, end = self.strip(view)
            return first <= properties["colonne"] < end
        return properties["valeur"] < self.below(view)

    def write_configuration(self) -> None:
        options = self.options
        memory = f'memory = "{options.memory}MiB"\n' if options.memory else ""
        crowded = "concurrent_renders = 1\nqueued_renders = 1\n" if options.crowded else ""
        parts = [
            f'[server]\nlisten = "127.0.0.1:0"\n{memory}'
            "[limits]\ncaller_requests_per_second = 100000\ncaller_requests_at_once = 1000000\n"
            "network_requests_per_second = 100000\nnetwork_requests_at_once = 1000000\n"
            f"{crowded}"
            '[[organisation]]\nid = "region"\ntitle = "Region"\n'
        ]
        for number in range(options.layers):
            parts.append(
                f'[[layer]]\nid = "parcelles-{number}"\norganisation = "region"\n'
                'source = { path = "parcelles.geojsonl", crs = "EPSG:4326" }\n'
                'access = "restricted"\nfeature_id = "idu"\ntiles = { min_zoom = 0, max_zoom = 15 }\n'
                '[layer.fields.idu]\ntype = "string"\n[layer.fields.colonne]\ntype = "integer"\n[layer.fields.valeur]\ntype = "integer"\n'
            )
        layers = json.dumps([self.layer(number) for number in range(options.layers)])
        for view in range(options.views):
            first, end = (WEST + STEP * (column - 0.1) for column in self.strip(view))
            ring = [(first, 40), (end, 40), (end, 50), (first, 50), (first, 40)]
            wkt = ",".join(f"{x:.7f} {y}" for x, y in ring)
            area = f'area = {{ wkt = "POLYGON(({wkt}))", mode = "clip" }}\nderived = {{ valeur = "mask" }}\n'
            rows = "TRUE" if self.is_territory(view) else f"valeur < {self.below(view)}"
            # Where the id is not shown, a view has ids of its own, which weigh most.
            attributes = '["idu", "colonne", "valeur"]' if self.is_territory(view) else '["colonne", "valeur"]'
            parts.append(
                f'[[organisation]]\nid = "org-{view}"\ntitle = "Organisation {view}"\n'
                f'[[profile]]\nid = "profile-{view}"\nrows = "{rows}"\nattributes = {attributes}\n'
                f"{area if self.is_territory(view) else ''}"
                f'[[grant]]\nsubject = "organisation:org-{view}"\nlayers = {layers}\nprofile = "profile-{view}"\n'
                'actions = ["discover", "tiles", "items"]\n'
            )
        (self.folder / "guichet.toml").write_text("".join(parts))

    def guichet(self, *words: str) -> dict:
        environment = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")}
        done = subprocess.run(
            [self.options.bin, *words, "--json"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"memory: guichet {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)

    def key(self, view: int) -> str:
        return self.guichet("key", "add", "--organisation", f"org-{view}", "--label", "memory")["key"]


class Group:
    """A control group with a ceiling, of version 1 or 2."""

    def __init__(self, limit: int):
        root = Path("/sys/fs/cgroup")
        self.old = (root / "memory").is_dir()
        self.path = (root / "memory" if self.old else root) / f"guichet-memory-{os.getpid()}"
        try:
            self.path.mkdir()
            (self.path / ("memory.limit_in_bytes" if self.old else "memory.max")).write_text(str(limit))
        except OSError as error:
            print(f"memory: NOT RUN: no control group can be made: {error}", file=sys.stderr)
            raise SystemExit(NOT_RUN) from error

    def enter(self) -> None:
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def kills(self) -> int:
        text = (self.path / ("memory.oom_control" if self.old else "memory.events")).read_text()
        found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
        return int(found[1]) if found else 0

    def peak(self) -> int:
        file = self.path / ("memory.max_usage_in_bytes" if self.old else "memory.peak")
        return int(file.read_text()) if file.exists() else 0

    def remove(self) -> None:
        for _ in range(50):
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.1)


class Server:
    """The server in its group."""

    def __init__(self, world: World, group: Group):
        self.log = world.folder / "server.log"
        environment = os.environ | {"XDG_CACHE_HOME": str(world.folder / "cache"), "RUST_LOG": "warn"}
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [world.options.bin, "serve"],
                cwd=world.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=group.enter,
            )
        self.address = self.wait()
        self.anonymous = self.file = 0
        threading.Thread(target=self.watch, daemon=True).start()

    def wait(self) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"listening on http://(\S+)", self.log.read_text())
            if found:
                return urlsplit(f"http://{found[1]}").netloc
            time.sleep(0.1)
        raise SystemExit(f"memory: the server did not start:\n{self.log.read_text()[-2000:]}")

    def watch(self) -> None:
        """The most that was resident, looked at ten times a second."""
        while True:
            try:
                text = Path(f"/proc/{self.process.pid}/status").read_text()
            except OSError:
                return
            sizes = dict(re.findall(r"^(RssAnon|RssFile):\s+(\d+) kB$", text, re.MULTILINE))
            self.anonymous = max(self.anonymous, int(sizes.get("RssAnon", 0)) << 10)
            self.file = max(self.file, int(sizes.get("RssFile", 0)) << 10)
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Asker:
    """One connection, and what is wrong with the answers."""

    def __init__(self, world: World, server: Server):
        self.world, self.server = world, server
        self.connection = http.client.HTTPConnection(server.address, timeout=120)
        self.refused = 0

    def get(self, target: str, view: int) -> tuple[int, bytes]:
        for _ in range(600):
            try:
                self.connection.request("GET", target, headers={"X-API-Key": self.world.keys[view]})
                response = self.connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException):
                if self.server.process.poll() is not None:
                    raise
                self.connection.close()
                continue
            if response.status == 503 and response.headers["Retry-After"]:
                self.refused += 1
                time.sleep(random.random() * int(response.headers["Retry-After"]))
                continue
            return response.status, body
        return 503, b""

    def ask(self, layer: int, view: int) -> tuple[str, list[str]]:
        """A hash of the answers, and their faults."""
        world, name = self.world, self.world.layer(layer)
        faults = []
        status, items = self.get(f"/collections/{name}/items?limit=100", view)
        if status != 200:
            return "", [f"{name} as org-{view}: {status} {items[:200]!r}"]
        document = json.loads(items)
        expected = self.expected[view]
        if document["numberMatched"] != expected:
            faults.append(f"{name} as org-{view}: {document['numberMatched']} rows, not {expected}")
        for feature in document["features"]:
            properties = feature["properties"]
            if world.is_territory(view):
                hidden = not world.shows(view, properties)
            else:
                hidden = "idu" in properties or properties["valeur"] >= world.below(view)
            if hidden:
                faults.append(f"{name} as org-{view}: shows {properties}")
        first, end = world.strip(view)
        middle = WEST + STEP * (first + end) / 2
        x = int((middle + 180) / 360 * 2**13)
        status, tile = self.get(f"/xyz/{name}/13/{x}/3004.mvt", view)
        if status not in (200, 204):
            faults.append(f"tile of {name} as org-{view}: {status}")
        return hashlib.sha256(items + tile).hexdigest(), faults


def walk(world: World, server: Server, pairs: list[tuple[int, int]]) -> tuple[dict, list[str], int]:
    """Asks for all pairs of layer and view; hashes of the answers, faults, and how often one was refused for a moment."""
    work: queue.SimpleQueue = queue.SimpleQueue()
    for pair in pairs:
        work.put(pair)
    hashes, faults, refused = {}, [], []

    def run() -> None:
        asker = Asker(world, server)
        try:
            while len(faults) < 20:
                layer, view = work.get_nowait()
                hashes[layer, view], found = asker.ask(layer, view)
                faults.extend(found)
        except queue.Empty:
            pass
        except (OSError, http.client.HTTPException) as error:
            faults.append(f"the server is gone: {error}")
        refused.append(asker.refused)

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return hashes, faults, sum(refused)


def mib(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"


def check(world: World, group: Group, server: Server) -> list[str]:
    options = world.options
    pairs = [(layer, view) for layer in range(options.layers) for view in range(options.views)]
    random.Random(options.seed).shuffle(pairs)
    sample = pairs[:SAMPLE]
    start = time.monotonic()
    hashes, faults, refused = walk(world, server, pairs)
    print(f"memory: {len(hashes)} views in {time.monotonic() - start:.0f} s, {refused} answers of 503 before", flush=True)
    if faults:
        return faults
    held = world.guichet("memory")
    kept = sum(len(layer["views"]) for layer in held["layers"])
    print(f"memory: {kept} of them are kept: {mib(held['views'])} of at most {mib(held['views_at_most'])}", flush=True)
    start = time.monotonic()
    again, faults, _ = walk(world, server, sample)
    took = (time.monotonic() - start) / len(sample) * 1000
    print(f"memory: {len(sample)} of the first once more: {took:.1f} ms each", flush=True)
    faults += [f"{pair}: the cold answer differs from the hot one" for pair in sample if again.get(pair) != hashes[pair]]
    if options.crowded and not refused:
        faults.append("nobody was refused, so nothing was tried")
    if options.must_evict and kept >= len(pairs):
        faults.append("all views fit: nothing was evicted, so nothing was tried")
    budget = held["budget"]
    print(
        f"memory: at most {mib(server.anonymous)} written and {mib(server.file)} mapped resident, with a budget of {mib(budget)};"
        f" the group's peak: {mib(group.peak())}",
        flush=True,
    )
    # The server looks once a second at what it holds, and 2,400 views are made in four: so far it may run ahead. The group is the wall.
    if server.anonymous > budget * 5 // 4:
        faults.append(f"{mib(server.anonymous)} were written: a quarter more than the budget")
    if group.kills():
        faults.append(f"{group.kills()} killed")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda p: str(Path(p).resolve()))
    for name, default in [("layers", 300), ("views", 120), ("rows", 20_000), ("limit", 2048), ("memory", 0), ("seed", 1)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--no-eviction", dest="must_evict", action="store_false", help="the views may all fit")
    parser.add_argument("--crowded", action="store_true", help="one derivation at a time, and one that waits")
    parser.add_argument("--folder", type=Path, help="where to work; else a temporary folder")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="guichet-memory-", dir=options.folder))
    group = Group(options.limit << 20)
    server = None
    try:
        start = time.monotonic()
        world = World(folder, options)
        Asker.expected = [sum(world.shows(view, p) for p in world.parcels) for view in range(options.views)]
        print(f"memory: {options.layers} layers of {world.rows} rows, {options.views} views, in {mib(options.limit << 20)}", flush=True)
        server = Server(world, group)
        print(f"memory: the server is ready after {time.monotonic() - start:.0f} s", flush=True)
        faults = check(world, group, server)
        for fault in faults[:20]:
            print(f"memory: FAULT: {fault}", file=sys.stderr)
        if faults:
            print(server.log.read_text()[-2000:], file=sys.stderr)
        else:
            print("memory: passed")
        return 1 if faults else 0
    finally:
        if server:
            server.stop()
        group.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
