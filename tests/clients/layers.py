"""What a data folder is expected to publish: collection ids, their source files, keys and access.

With a `guichet.toml` in the folder (and the files that it includes) the layers are those that it declares; without one,
each geographic file is an open layer named after the file, or after its inner layers where it has several.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pyogrio

EXTENSIONS = (".fgb", ".geojson", ".geojsonl", ".gpkg")


@dataclass(frozen=True)
class Layer:
    """One expected collection."""

    collection: str
    path: Path
    inner: str | None  # layer inside of a container file
    key: str | None  # property that gives the item ids, where declared
    open: bool
    granted: bool = False  # restricted, and a grant shows some of it to everybody


def layers_of(folder: Path) -> list[Layer]:
    """The layers that `folder` should publish."""
    config = folder / "guichet.toml"
    return declared(config) if config.exists() else found(folder)


def declared(config: Path) -> list[Layer]:
    files, layers = [config], []
    for pattern in tomllib.loads(config.read_text("utf-8")).get("include", []):
        files += sorted(config.parent.glob(pattern))
    texts = {file: tomllib.loads(file.read_text("utf-8")) for file in files}
    grants = [grant for text in texts.values() for grant in text.get("grant", []) if grant["subject"] == "public"]
    granted = {layer for grant in grants for layer in grant["layers"]}
    for file, text in texts.items():
        for entry in text.get("layer", []):
            source = entry["source"]
            source = {"path": source} if isinstance(source, str) else source
            organisation = entry.get("organisation")
            collection = f"{organisation}.{entry['id']}" if organisation else entry["id"]
            layers.append(
                Layer(
                    collection=collection,
                    path=file.parent / source["path"],
                    inner=source.get("layer"),
                    key=entry.get("feature_id"),
                    open=entry["access"] == "open",
                    granted=entry["access"] != "open" and collection in granted,
                )
            )
    return layers


def found(folder: Path) -> list[Layer]:
    layers = []
    for path in sorted(p for p in folder.iterdir() if p.suffix in EXTENSIONS):
        inner = [str(name) for name, _ in pyogrio.list_layers(path)]
        names = [(slug(path.stem), None)] if len(inner) == 1 else [(slug(name), name) for name in inner]
        layers += [Layer(name, path, layer, None, True) for name, layer in names]
    return layers


def slug(name: str) -> str:
    """A collection id made of a file's or layer's name."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")
