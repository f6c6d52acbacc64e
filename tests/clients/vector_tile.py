"""A strict reader of Mapbox Vector Tiles 2.1, written from the specification: it keeps geometries as they are encoded (rings in
their order, each with its direction) and reports everything that the specification forbids."""

from dataclasses import dataclass, field
from struct import unpack

import numpy as np

POINT, LINE, POLYGON = 1, 2, 3
MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7


class Malformed(Exception):
    """The bytes are no vector tile."""


@dataclass
class Feature:
    """A feature of a layer: its parts are arrays of vertices in tile units, rings without their closing vertex."""

    id: int | None
    kind: int
    parts: list[np.ndarray]
    properties: dict


@dataclass
class TileLayer:
    """A layer of a tile."""

    name: str
    extent: int
    features: list[Feature] = field(default_factory=list)


def read(data: bytes) -> list[TileLayer]:
    """The layers of a tile (§4.1)."""
    layers = []
    for number, wire, value in fields(data):
        expect(number == 3 and wire == 2, f"field {number} in a tile")
        layers.append(read_layer(value))
    names = [layer.name for layer in layers]
    expect(len(set(names)) == len(names), f"two layers have one name: {names}")
    return layers


def read_layer(data: bytes) -> TileLayer:
    name, version, extent, keys, values, encoded = None, None, 4096, [], [], []
    for number, _, value in fields(data):
        match number:
            case 15:
                version = value
            case 1:
                name = value.decode()
            case 2:
                encoded.append(value)
            case 3:
                keys.append(value.decode())
            case 4:
                values.append(read_value(value))
            case 5:
                extent = value
            case _:
                raise Malformed(f"field {number} in a layer")
    expect(version == 2, f"version {version}")
    expect(name, "a layer without a name")
    expect(extent > 0, "extent 0")
    expect(encoded, f"layer {name} has no feature")
    expect(len(set(keys)) == len(keys), f"layer {name} repeats a key")
    return TileLayer(name, extent, [read_feature(f, keys, values) for f in encoded])


def read_value(data: bytes):
    found = list(fields(data))
    expect(len(found) == 1, f"a value with {len(found)} types (§4.1)")
    number, _, value = found[0]
    match number:
        case 1:
            return value.decode()
        case 2:
            return float(unpack("<f", value)[0])
        case 3:
            return unpack("<d", value)[0]
        case 4:
            return value - (1 << 64) if value >= 1 << 63 else value
        case 5:
            return value
        case 6:
            return (value >> 1) ^ -(value & 1)
        case 7:
            return bool(value)
    raise Malformed(f"field {number} in a value")


def read_feature(data: bytes, keys: list[str], values: list) -> Feature:
    feature_id, kind, tags, geometry = None, 0, np.empty(0, np.int64), None
    for number, _, value in fields(data):
        match number:
            case 1:
                feature_id = value
            case 2:
                tags = packed(value)
            case 3:
                kind = value
            case 4:
                geometry = packed(value)
            case _:
                raise Malformed(f"field {number} in a feature")
    expect(kind in (POINT, LINE, POLYGON), f"geometry type {kind}")
    expect(geometry is not None, "a feature without geometry (§4.2)")
    expect(len(tags) % 2 == 0, "an odd number of tags (§4.4)")
    names, indices = tags[::2].tolist(), tags[1::2].tolist()
    expect(max(names, default=-1) < len(keys) and max(indices, default=-1) < len(values), "a tag beyond the tables (§4.4)")
    expect(len(set(names)) == len(names), "a feature with one key twice (§4.4)")
    properties = {keys[n]: values[i] for n, i in zip(names, indices, strict=True)}
    return Feature(feature_id, kind, read_geometry(geometry, kind), properties)


def read_geometry(numbers: np.ndarray, kind: int) -> list[np.ndarray]:
    """The parts that a command sequence draws (§4.3)."""
    parts: list[np.ndarray] = []
    open_part: list[np.ndarray] = []
    cursor = np.zeros(2, np.int64)
    i, last = 0, None

    def close() -> None:
        nonlocal open_part
        if open_part:
            parts.append(np.concatenate(open_part))
        open_part = []

    while i < len(numbers):
        command, count = int(numbers[i]) & 7, int(numbers[i]) >> 3
        i += 1
        if command == CLOSE_PATH:
            expect(kind == POLYGON and count == 1 and last == LINE_TO, "ClosePath out of place (§4.3.3.3)")
            close()
        else:
            expect(command in (MOVE_TO, LINE_TO), f"command {command}")
            expect(count > 0 and i + 2 * count <= len(numbers), f"command {command} with {count} pairs, beyond the end")
            steps = numbers[i : i + 2 * count].reshape(count, 2)
            steps = (steps >> 1) ^ -(steps & 1)
            points = cursor + np.cumsum(steps, axis=0)
            cursor = points[-1]
            i += 2 * count
            if command == MOVE_TO:
                expect(kind == POINT or count == 1, "MoveTo of several points in a line or ring (§4.3.4)")
                expect(last is None or last == (CLOSE_PATH if kind == POLYGON else LINE_TO), "MoveTo out of place (§4.3.4)")
                close()
                open_part = [points]
            else:
                expect(kind != POINT and last == MOVE_TO, "LineTo out of place (§4.3.4)")
                expect(kind == LINE or count >= 2, "a ring of fewer than three vertices (§4.3.4.4)")
                open_part.append(points)
        last = command
    expect(last == {POINT: MOVE_TO, LINE: LINE_TO, POLYGON: CLOSE_PATH}[kind], "a geometry that does not end")
    close()
    return parts


def fields(data: bytes):
    """The fields of a protobuf message: number, wire type, value."""
    i, end = 0, len(data)
    while i < end:
        tag, i = varint(data, i)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, i = varint(data, i)
        elif wire == 2:
            size, i = varint(data, i)
            value, i = data[i : i + size], i + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, i = data[i : i + size], i + size
        else:
            raise Malformed(f"wire type {wire}")
        expect(i <= end, "a field beyond the end")
        yield number, wire, value


def varint(data: bytes, i: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        expect(i < len(data) and shift < 70, "a varint without an end")
        byte = data[i]
        value |= (byte & 127) << shift
        i += 1
        if byte < 128:
            return value, i
        shift += 7


def packed(data: bytes) -> np.ndarray:
    """The numbers of a packed field of 32-bit varints."""
    raw = np.frombuffer(data, np.uint8).astype(np.int64)
    if not len(raw):
        return raw
    ends = np.flatnonzero(raw < 128)
    expect(len(ends) and ends[-1] == len(raw) - 1, "a packed field that breaks off")
    starts = np.concatenate(([0], ends[:-1] + 1))
    expect(int((ends - starts).max()) < 5, "a number of more than 32 bits")
    place = np.arange(len(raw)) - np.repeat(starts, ends - starts + 1)
    return np.add.reduceat((raw & 127) << (7 * place), starts)


def expect(condition, sentence: str) -> None:
    if not condition:
        raise Malformed(sentence)
