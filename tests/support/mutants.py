"""Mutants of model files, drawn at random: damaged as disks do it, or changed as an enemy would.

What an enemy changes has right checksums again, so that it gets past them to what stands behind.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from charlm.files import container
from tests.support.files import JSON, leaves, put, sealed, split_file, to_bytes

Draw = np.random.Generator
PARTS = ("settings", "tokenizer", "training", "crc32")  # JSON in the strings of the metadata
FLOATS = [np.nan, np.inf, -np.inf, -1.0, 0.0, -0.0, 1.5, 3e38, -3e38, 1e-45]
SPAN = 40  # bytes or elements changed at once


def edited(data: bytes, draw: Draw) -> bytes:
    """A few bits, bytes or spans changed, taken out, put in, doubled, cut off."""
    changed = bytearray(data)
    for _ in range(int(draw.integers(1, 4))):
        if not changed:
            break
        low = int(draw.integers(len(changed)))
        high = low + int(draw.integers(1, SPAN))
        match int(draw.integers(6)):
            case 0:
                changed[low] ^= 1 << int(draw.integers(8))
            case 1:
                changed[low] = int(draw.integers(256))
            case 2:
                del changed[low:high]
            case 3:
                changed[low:low] = draw.bytes(high - low)
            case 4:
                changed[low:low] = changed[low:high]
            case 5:
                del changed[-int(draw.integers(1, len(changed) + 1)) :]
    return bytes(changed)


def retold(whole: bytes, draw: Draw) -> bytes:
    """Another value in one place of the header, or of the JSON in its strings."""
    header, data = split_file(whole)
    part = str(draw.choice((*PARTS, "")))
    metadata: dict[str, Any] = header["__metadata__"]
    if part not in metadata:
        return sealed(to_bytes(_changed(header, draw)), data)
    metadata[part] = to_bytes(_changed(json.loads(metadata[part]), draw)).decode()
    return sealed(to_bytes(header), data)


def _changed(value: object, draw: Draw) -> object:
    places = list(leaves(value))
    return put(value, places[int(draw.integers(len(places)))], _any_value(draw))


def _any_value(draw: Draw) -> object:
    if draw.random() < 0.5:
        return JSON[int(draw.integers(len(JSON)))]
    return int(draw.integers(-2, 70)) if draw.random() < 0.8 else int(draw.integers(1 << 62))


def respelt(whole: bytes, draw: Draw) -> bytes:
    """Characters of the header's text changed."""
    header, data = split_file(whole)
    text = to_bytes(header)
    seal = text.index(b'"header_crc32"')
    if draw.random() < 0.5:
        return sealed(edited(text[:seal], draw) + text[seal:], data)
    return sealed(text[: seal + 30] + edited(text[seal + 30 :], draw), data)


def revalued(whole: bytes, draw: Draw) -> bytes:
    """Other values in an array, with a right checksum."""
    header, data = split_file(whole)
    names = [name for name in header if name != "__metadata__"]
    name = names[int(draw.integers(len(names)))]
    low, high = header[name]["data_offsets"]
    dtype = {"F32": "<f4", "F64": "<f8", "U32": "<u4", "U64": "<u8", "I32": "<i4", "U8": "u1"}
    array = np.frombuffer(data[low:high], dtype[header[name]["dtype"]]).copy()
    if len(array):
        at = int(draw.integers(len(array)))
        span = slice(at, at + int(draw.choice((1, SPAN, len(array)))))
        array[span] = _any_element(array, draw)
    sums = json.loads(header["__metadata__"]["crc32"])
    sums[name] = container.crc(array)
    header["__metadata__"]["crc32"] = json.dumps(sums)
    return sealed(to_bytes(header), data[:low] + array.tobytes() + data[high:])


def _any_element(array: np.ndarray, draw: Draw) -> Any:
    if array.dtype.kind == "f":
        return FLOATS[int(draw.integers(len(FLOATS)))]
    highest = np.iinfo(array.dtype).max
    return draw.choice(np.array([0, 1, highest, array[0], array[-1]], array.dtype))


def rearranged(whole: bytes, draw: Draw) -> bytes:
    """What two arrays are called, where they stand, or what shape they have, exchanged."""
    header, data = split_file(whole)
    names = [name for name in header if name != "__metadata__"]
    one, two = (names[int(draw.integers(len(names)))] for _ in range(2))
    key = str(draw.choice(("shape", "data_offsets", "dtype", "")))
    if key:
        header[one][key], header[two][key] = header[two][key], header[one][key]
    elif draw.random() < 0.5:
        header[one], header[two] = header[two], header[one]
    else:
        header[one] = {**header[one], "shape": [*header[one]["shape"], 1]}
    sums = json.loads(header["__metadata__"]["crc32"])
    sums[one], sums[two] = sums[two], sums[one]
    header["__metadata__"]["crc32"] = json.dumps(sums)
    return sealed(to_bytes(header), data)


MUTATIONS: tuple[Callable[[bytes, Draw], bytes], ...] = (
    edited, retold, respelt, revalued, rearranged
)  # fmt: skip


def mutant(whole: bytes, draw: Draw) -> tuple[str, bytes]:
    """How a file was changed, and the file."""
    mutation = MUTATIONS[int(draw.integers(len(MUTATIONS)))]
    return mutation.__name__, mutation(whole, draw)
