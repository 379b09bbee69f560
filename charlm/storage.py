"""The model file: one file for every kind of model, in the safetensors layout.

    8 bytes      length of the header, little-endian
    header       JSON, padded with spaces so that the data starts at a multiple of 64
    data         raw little-endian arrays without gaps, larger items first, then by name

Any safetensors tool opens it. `__metadata__` (strings only) holds the format's name and version,
the kind, the model's settings, the tokenizer and the training record as JSON, the CRC-32 of each
array, and the CRC-32 of the header taken with that field as zeros. No time, host or path is
stored: the same training gives the same bytes.

Arrays are memory-mapped and opening does not read them; small ones are checked against their
CRC at once, all of them by `verify`. Nothing here can run code from a file.
"""

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays
from charlm.errors import CharlmError, ModelFileError
from charlm.families import FAMILIES
from charlm.model import StorableModel
from charlm.text.tokenizer import Tokenizer
from charlm.writing import write_atomically

FORMAT, VERSION = "charlm", 1
ALIGNMENT = 64
MAX_HEADER = 1 << 28  # bytes; a vocabulary of all of Unicode needs about 2^24
MAX_ARRAYS, MAX_DIMENSIONS = 4096, 8
LARGEST = 1 << 48  # elements, empty dimensions counted as 1: what NumPy can hold in a shape
CHECKED_AT_LOAD = 1 << 20  # bytes; larger arrays are checked by `verify`
NO_CRC = "00000000"

_TYPES = {
    "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
    "I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "F32": "<f4", "F64": "<f8", "BOOL": "|b1",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}


@dataclass(frozen=True)
class ModelFile:
    """A model with what belongs to it: its tokenizer and the record of its training."""

    model: StorableModel
    tokenizer: Tokenizer
    training: Mapping[str, Any] = field(default_factory=dict)


def save(path: str | Path, contents: ModelFile) -> None:
    """Write a model file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    model = contents.model
    arrays = {name: _plain(array) for name, array in model.arrays().items()}
    names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "kind": model.kind,
        "settings": _to_json(model.settings()),
        "tokenizer": _to_json(contents.tokenizer.to_json()),
        "training": _to_json(contents.training),
        "crc32": _to_json({name: _crc(arrays[name]) for name in names}),
        "header_crc32": NO_CRC,
    }
    header = _pack_header(metadata, arrays, names)
    seal = f'"header_crc32": "{_crc(header)}"'.encode()
    header = header.replace(f'"header_crc32": "{NO_CRC}"'.encode(), seal)
    write_atomically(path, [header, *(_bytes(arrays[name]) for name in names)])


def load(path: str | Path) -> ModelFile:
    """Open a model file.

    Raises:
        ModelFileError: there is none, or it is damaged, foreign, or of a newer version.
    """
    try:
        header, arrays = _open(Path(path))
        metadata = _metadata(header)
        _check_arrays(metadata, arrays, CHECKED_AT_LOAD)
        return _rebuild(metadata, arrays)
    except CharlmError as error:
        raise ModelFileError(f"{path}: {error}") from None
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror or error}") from None


def verify(path: str | Path) -> int:
    """Check every byte of a model file against its checksums; give the number of arrays.

    Raises:
        ModelFileError: as `load`, or an array differs.
    """
    contents = load(path)
    try:
        header, arrays = _open(Path(path))
        _check_arrays(_metadata(header), arrays, None)
        contents.model.check()
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from None
    return len(arrays)


def is_model_file(path: str | Path) -> bool:
    """Tell whether a file says of itself that it is one; it may still be damaged."""
    try:
        header, _ = _read_header(Path(path))
    except (CharlmError, OSError):
        return False
    return bool(header["__metadata__"].get("format") == FORMAT)


# --- writing ------------------------------------------------------------------------------


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Contiguous and little-endian, as the file holds it."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _crc(data: bytes | NDArray[Any]) -> str:
    return f"{zlib.crc32(data if isinstance(data, bytes) else _bytes(data)):08x}"


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _pack_header(metadata: dict[str, str], arrays: Arrays, names: list[str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": metadata}
    offset = 0
    for name in names:
        array = arrays[name]
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 8) % ALIGNMENT)
    return struct.pack("<Q", len(text)) + text


# --- reading ------------------------------------------------------------------------------


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Give the header, structurally sound, and where the data starts."""
    if not path.exists():
        raise ModelFileError("no such file")
    if not path.is_file():
        raise ModelFileError("is not a regular file, so not a model")
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(MAX_HEADER, path.stat().st_size - 8):
            raise ModelFileError("is not a model file (no header of a believable length)")
        text = file.read(length)
    try:
        header = _from_json(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"is not a model file (its header is no JSON: {error})") from None
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise ModelFileError("is not a charlm model file")
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ModelFileError("is damaged: its metadata holds what is no string")
    _check_version(metadata)
    _check_header_crc(start + text, metadata)
    return header, 8 + length


def _check_version(metadata: dict[str, Any]) -> None:
    version = metadata.get("version", "")
    if not re.fullmatch("[1-9][0-9]{0,8}", version):
        raise ModelFileError(f"has no valid format version ({version!r})")
    if int(version) > VERSION:
        raise ModelFileError(
            f"has format version {version}, and this charlm reads up to {VERSION}: upgrade charlm"
        )


def _check_header_crc(header: bytes, metadata: dict[str, Any]) -> None:
    seal = f'"header_crc32": "{metadata.get("header_crc32")}"'.encode(errors="replace")
    unsealed = header.replace(seal, f'"header_crc32": "{NO_CRC}"'.encode(), 1)
    if header.count(seal) != 1 or _crc(unsealed) != metadata["header_crc32"]:
        raise ModelFileError("is damaged: the header does not match its checksum")


def _from_json(text: str) -> Any:
    return json.loads(
        text, object_pairs_hook=_distinct, parse_constant=_no_constant, parse_float=_finite
    )


def _finite(digits: str) -> float:
    return float(digits) if isfinite(float(digits)) else _no_constant(digits)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError("a key occurs twice")
    return keys


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _open(path: Path) -> tuple[dict[str, Any], Arrays]:
    """Give the header and the memory-mapped arrays, which fill the file to its end."""
    header, start = _read_header(path)
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if len(entries) > MAX_ARRAYS:
        raise ModelFileError(f"holds more than {MAX_ARRAYS} arrays")
    size = path.stat().st_size - start
    # A view as a plain array: it stays mapped, and slicing it is twice as fast.
    data = np.asarray(np.memmap(path, np.uint8, "r", start, (size,))) if size else np.empty(0, "u1")
    arrays, filled = {}, 0
    for name, dtype, shape, begin, end in sorted(_layout(entries), key=lambda entry: entry[3:]):
        if begin != filled or end > size:
            raise ModelFileError(f"is damaged: array {name} does not lie where it should")
        arrays[name] = data[begin:end].view(dtype).reshape(shape)
        filled = end
    if filled != size:
        raise ModelFileError("is damaged: its data does not end where the last array does")
    return header, arrays


def _layout(
    entries: dict[str, Any],
) -> Iterator[tuple[str, np.dtype[Any], list[int], int, int]]:
    """Check each entry by itself; give name, type, shape, begin and end."""
    for name, entry in entries.items():
        try:
            dtype = np.dtype(_TYPES[entry["dtype"]])
            shape, (begin, end) = entry["shape"], entry["data_offsets"]
            sizes = [*shape, begin, end]
        except (KeyError, TypeError, ValueError):
            raise ModelFileError(f"is damaged: array {name} is not described rightly") from None
        whole = type(shape) is list and all(type(size) is int and size >= 0 for size in sizes)
        if not whole or prod(max(1, size) for size in shape) >= LARGEST:
            raise ModelFileError(f"is damaged: array {name} has impossible sizes")
        if len(shape) > MAX_DIMENSIONS or prod(shape) * dtype.itemsize != end - begin:
            raise ModelFileError(f"is damaged: array {name} has a shape that does not fit its data")
        yield name, dtype, shape, begin, end


def _metadata(header: dict[str, Any]) -> dict[str, Any]:
    """Give the metadata with its JSON parts decoded."""
    metadata = dict(header["__metadata__"])
    for part in ("settings", "tokenizer", "training", "crc32"):
        try:
            metadata[part] = _from_json(metadata[part])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise ModelFileError(f"is damaged: its {part} cannot be read") from None
        if not isinstance(metadata[part], dict):
            raise ModelFileError(f"is damaged: its {part} cannot be read")
    if not _is_record(metadata["training"]):
        raise ModelFileError("is damaged: its training record cannot be read")
    if metadata.get("kind") not in FAMILIES:
        raise ModelFileError(f"holds a model of an unknown kind ({metadata.get('kind')!r})")
    return metadata


def _is_record(training: dict[str, Any]) -> bool:
    """Tell whether fingerprints of texts, where there are any, are what they must be."""
    texts = training.get("texts", [])
    return isinstance(texts, list) and all(
        isinstance(text, dict) and isinstance(text.get("sha256"), str) for text in texts
    )


def _check_arrays(metadata: dict[str, Any], arrays: Arrays, limit: int | None) -> None:
    for name, array in arrays.items():
        due = limit is None or array.nbytes <= limit
        if due and _crc(array) != metadata["crc32"].get(name):
            raise ModelFileError(f"is damaged: array {name} does not match its checksum")


def _rebuild(metadata: dict[str, Any], arrays: Arrays) -> ModelFile:
    try:
        tokenizer = Tokenizer.from_json(metadata["tokenizer"])
        model = FAMILIES[metadata["kind"]].from_arrays(metadata["settings"], arrays)
    except ModelFileError:
        raise
    except (CharlmError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"is damaged: its parts cannot be read ({error})") from None
    if (model.vocab_size, model.end) != (tokenizer.vocab_size, tokenizer.end):
        raise ModelFileError("is damaged: model and tokenizer do not fit together")
    return ModelFile(model, tokenizer, metadata["training"])
