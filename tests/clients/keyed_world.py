#!/usr/bin/env python3
"""A small town with layers of every kind of access, its configuration, and the commands of its policy. Needs nothing but Python.

    keyed_world.py FOLDER --bin target/release/guichet

writes the folder, makes its keys with `guichet key add` and prints them as JSON (for checks in other languages).

| layer           | access                | anonymous            | key of `eau`                                                    |
| ville.quartiers | open                  | everything           | everything                                                      |
| ville.arbres    | open                  | everything           | everything                                                      |
| ville.parcelles | restricted, listed    | locked               | clipped to its jurisdiction, no owner, area masked where cut    |
| ville.capteurs  | restricted, hidden    | absent               | rows that are not internal, `valeur` only of those for partners |
| ville.especes   | restricted            | cells of 1 km        | cells of 1 km                                                   |
| ville.dossiers  | restricted, listed    | locked               | locked                                                          |
| ville.secrets   | restricted, hidden    | absent               | absent                                                          |
"""

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path

# The town lies between these meridians and parallels.
WEST, SOUTH, EAST, NORTH = 5.30, 43.40, 5.50, 43.54
OPEN = ("ville.arbres", "ville.quartiers")
CELLS, CLIPPED, MASKED = "ville.especes", "ville.parcelles", "ville.capteurs"
LOCKED, HIDDEN = "ville.dossiers", "ville.secrets"
ANONYMOUS = (*OPEN, CELLS)
GRANTED = (*OPEN, CELLS, CLIPPED, MASKED)
GRID_M, MIN_COUNT = 1000, 11
# Texts that no answer to anybody here may have in it.
CANARIES = ("proprietaire", "canari")
# Nobody walks the whole of it: the districts' borders are crooked, so that clipping shows.
DISTRICTS = {
    "Ouest": [(5.29, 43.39), (5.37, 43.39), (5.362, 43.44), (5.381, 43.47), (5.36, 43.55), (5.29, 43.55)],
    "Est": [(5.37, 43.39), (5.51, 43.39), (5.51, 43.55), (5.43, 43.55), (5.447, 43.50), (5.36, 43.55), (5.381, 43.47), (5.362, 43.44)],
    "Nord": [(5.36, 43.55), (5.447, 43.50), (5.43, 43.55)],
}

CONFIG = """
[platform]
title = "Ville"
timezone = "Europe/Paris"
{platform}
[server]
{server}
[limits]
{limits}

[[organisation]]
id = "ville"
title = "Ville"
contact = "sig@ville.example"

[[organisation]]
id = "eau"
title = "Eau"
jurisdiction = {{ layer = "ville.quartiers", filter = "nom = 'Est'" }}

[[layer]]
id = "quartiers"
organisation = "ville"
source = "quartiers.geojson"
access = "open"
feature_id = "nom"

[[layer]]
id = "arbres"
organisation = "ville"
source = "arbres.geojson"
access = "open"
feature_id = "id"

[[layer]]
id = "parcelles"
organisation = "ville"
source = {{ path = "parcelles.geojson", crs = "EPSG:4326" }}
access = "restricted"
discovery = "listed"
title = "Parcelles"
feature_id = "id"
tiles = {{ min_zoom = 8, max_zoom = 16 }}
[layer.fields]
id = {{ type = "string" }}
section = {{ type = "string" }}
surface_m2 = {{ type = "number" }}
proprietaire = {{ type = "string" }}

[[layer]]
id = "capteurs"
organisation = "ville"
source = {{ path = "capteurs.geojson", crs = "EPSG:4326" }}
access = "restricted"
feature_id = "id"
tiles = {{ min_zoom = 8, max_zoom = 16 }}
[layer.fields]
id = {{ type = "integer" }}
mesure = {{ type = "string" }}
valeur = {{ type = "number" }}
diffusion = {{ type = "string" }}

[[layer]]
id = "especes"
organisation = "ville"
source = {{ path = "especes.geojson", crs = "EPSG:4326" }}
access = "restricted"
title = "Espèces"
feature_id = "id"
tiles = {{ min_zoom = 8, max_zoom = 14 }}
[layer.fields]
id = {{ type = "integer" }}
effectif = {{ type = "integer" }}
nom = {{ type = "string" }}

[[layer]]
id = "dossiers"
organisation = "ville"
source = {{ path = "dossiers.geojson", crs = "EPSG:4326" }}
access = "restricted"
discovery = "listed"
title = "Dossiers"
feature_id = "id"
tiles = {{ min_zoom = 8, max_zoom = 14 }}
[layer.fields]
id = {{ type = "integer" }}
canari = {{ type = "string" }}

[[layer]]
id = "secrets"
organisation = "ville"
source = {{ path = "dossiers.geojson", crs = "EPSG:4326" }}
access = "restricted"
feature_id = "id"
tiles = {{ min_zoom = 8, max_zoom = 14 }}
[layer.fields]
id = {{ type = "integer" }}
canari = {{ type = "string" }}

[[profile]]
id = "perimetre"
rows = "TRUE"
attributes = ["id", "section", "surface_m2"]
area = {{ jurisdiction = true, mode = "clip" }}
derived = {{ surface_m2 = "mask" }}

[[profile]]
id = "publics"
rows = "diffusion = 'publique'"
attributes = ["id", "mesure"]

[[profile]]
id = "partenaires"
rows = "diffusion = 'partenaire'"
attributes = ["id", "mesure", "valeur"]

[[profile]]
id = "carres"
rows = "TRUE"
attributes = []
precision = {{ grid_m = 1000, min_count = 11, aggregates = {{ effectif = "sum" }} }}

[[profile]]
id = "tout"
rows = "TRUE"
attributes = "*"

[[grant]]
subject = "organisation:eau"
layers = ["ville.parcelles"]
profile = "perimetre"
actions = ["discover", "tiles", "items", "export"]

[[grant]]
subject = "organisation:eau"
layers = ["ville.capteurs"]
profile = "publics"
actions = ["discover", "tiles", "items"]

[[grant]]
subject = "organisation:eau"
layers = ["ville.capteurs"]
profile = "partenaires"
actions = ["discover", "tiles", "items"]

[[grant]]
subject = "public"
layers = ["ville.especes"]
profile = "carres"
actions = ["discover", "tiles", "items"]
"""


def feature(kind: str, coordinates, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def rows(parcels_a_side: int = 30, filling: int = 0) -> dict[str, list[dict]]:
    """The features of each file; `filling` characters in each parcel make its items long."""
    rng = random.Random(20260101)

    def place() -> list[float]:
        return [round(rng.uniform(WEST, EAST), 7), round(rng.uniform(SOUTH, NORTH), 7)]

    quartiers = [feature("Polygon", [[*map(list, ring), list(ring[0])]], nom=name) for name, ring in DISTRICTS.items()]
    arbres = [feature("Point", place(), id=i, essence=rng.choice(["chêne", "platane", "tilleul"]), hauteur_m=i / 8) for i in range(1, 501)]
    parcelles = []
    wide, high = (EAST - WEST) / parcels_a_side, (NORTH - SOUTH) / parcels_a_side
    for i in range(parcels_a_side):
        for j in range(parcels_a_side):
            x, y = WEST + i * wide, SOUTH + j * high
            # A little crooked, and with a gap: no edge is shared.
            ring = [[x, y], [x + 0.9 * wide, y + 0.05 * high], [x + 0.85 * wide, y + 0.9 * high], [x + 0.02 * wide, y + 0.8 * high]]
            ring = [[round(v, 7) for v in vertex] for vertex in ring]
            name = f"{chr(65 + i % 26)}{i:03}{j:03}"
            properties = {"id": name, "section": chr(65 + i % 26), "surface_m2": i * 100 + j / 2, "proprietaire": f"canari-{name}"}
            if filling:
                properties["section"] += "x" * filling
            parcelles.append(feature("Polygon", [[*ring, ring[0]]], **properties))
    rights = ["publique"] * 5 + ["partenaire"] * 3 + ["interne"] * 2
    capteurs = [
        feature("Point", place(), id=i, mesure=rng.choice(["air", "bruit", "eau"]), valeur=i / 4, diffusion=rng.choice(rights))
        for i in range(1, 301)
    ]
    # Crowded in the middle, thin at the edges: cells of one, of five and of ten kilometres, and rows that are in none.
    especes = []
    for i in range(1, 1501):
        spread = rng.choice([0.004, 0.02, 0.05])
        x, y = rng.gauss(5.40, spread * 1.4), rng.gauss(43.47, spread)
        especes.append(feature("Point", [round(x, 7), round(y, 7)], id=i, effectif=rng.randint(1, 9), nom=f"canari-{i}"))
    for i, x in enumerate((4.9, 5.0, 5.1), 1501):
        especes.append(feature("Point", [x, 43.2], id=i, effectif=1, nom=f"canari-{i}"))
    dossiers = [feature("Point", place(), id=i, canari=f"canari-{i}") for i in range(1, 51)]
    return {"quartiers": quartiers, "arbres": arbres, "parcelles": parcelles, "capteurs": capteurs, "especes": especes, "dossiers": dossiers}


class World:
    """The town in a folder."""

    def __init__(self, folder: Path, binary: Path, *, platform="", server="", limits="", parcels_a_side=30, filling=0):
        self.folder, self.binary = folder, binary.resolve()
        self.config = folder / "guichet.toml"
        self.config.write_text(CONFIG.format(platform=platform, server=server, limits=limits), "utf-8")
        self.rows = rows(parcels_a_side, filling)
        for name, features in self.rows.items():
            text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
            (folder / f"{name}.geojson").write_text(text, "utf-8")

    def guichet(self, *words: str) -> str:
        """What a command of the policy prints."""
        done = self.try_guichet(*words)
        if done.returncode:
            raise SystemExit(f"clients: guichet {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def try_guichet(self, *words: str) -> subprocess.CompletedProcess:
        command = [str(self.binary), *words, "--config", str(self.config)]
        environment = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")}
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)

    def key(self, organisation: str, *words: str, label: str = "essai") -> tuple[str, str]:
        """A new key: its id and its text."""
        printed = json.loads(self.guichet("key", "add", "--organisation", organisation, "--label", label, *words, "--json"))
        return printed["id"], printed["key"]

    def grant(self, to: str, layer: str, profile: str, actions: str) -> str:
        """A new grant: its id."""
        before = self.grants()
        self.guichet("grant", "add", "--to", to, "--layers", layer, "--profile", profile, "--actions", actions)
        (new,) = self.grants() - before
        return new

    def grants(self) -> set[str]:
        return {g["id"] for g in json.loads(self.guichet("grant", "list", "--json"))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--limits", default="", help="lines of [limits]")
    o = parser.parse_args()
    o.folder.mkdir(parents=True, exist_ok=True)
    world = World(o.folder, o.bin, limits=o.limits)
    keys = {"eau": world.key("eau")[1], "browser": world.key("eau", "--browser")[1], "ville": world.key("ville")[1]}
    print(json.dumps({"config": str(world.config), "keys": keys}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
