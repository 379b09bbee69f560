"""The container of a model file: named arrays and strings, in the safetensors layout.

    8 bytes      length of the header, little-endian
    header       JSON, padded with spaces so that the data starts at a multiple of 64
    data         raw little-endian arrays without gaps, larger items first, then by name

Any safetensors tool opens it. `__metadata__` holds strings only, among them the format's name and
version, the CRC-32 of each array, and the CRC-32 of the header taken with that field as zeros. A
file is read whole when it is opened, at some GB a second. So nothing happens if it is replaced or
cut short afterwards; if it were mapped into memory, the system would then end the program (SIGBUS).
Only a very large file is mapped all the same. Nothing here can run code from a file, and nothing
here knows what the arrays mean (`storage.py` does).
"""

import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from math import isfinite, prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import ArrayInParts, Arrays, StoredArrays
from charlm.errors import ModelFileError, OutputError, Remedy
from charlm.files.nearest import suggestion

FORMAT, VERSION = "charlm", 1
ENDING = ".charlm"  # of the names of model files, usually
ALIGNMENT = 64
MAX_HEADER = 100_000_000  # bytes, as safetensors has it; all of Unicode needs some 2^24
MAX_ARRAYS, MAX_DIMENSIONS = 4096, 8
DEEPEST = 64  # lists and objects in each other
MOST_ELEMENTS = 1 << 48  # elements, empty dimensions counted as 1: what NumPy can hold in a shape
LARGEST_READ = 1 << 28  # bytes of data, a tenth of a second; what is larger is mapped
NO_CRC = "00000000"

_TYPES = {
    "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
    "I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "F32": "<f4", "F64": "<f8", "BOOL": "|b1",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}


def pack(strings: Mapping[str, str], arrays: StoredArrays) -> Iterator[bytes | memoryview]:
    """Return the pieces of a file, one after the other; what is in parts is gone through twice.

    Raises:
        OutputError: the header would be longer than any reader takes.
    """
    names = _in_order(arrays)
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        **strings,
        "crc32": to_json({name: crc(*_parts(arrays[name])) for name in names}),
        "header_crc32": NO_CRC,
    }
    header = _pack_header(metadata, arrays, names)
    seal = f'"header_crc32": "{crc(header)}"'.encode()
    header = header.replace(f'"header_crc32": "{NO_CRC}"'.encode(), seal)
    return chain([header], _data_of(arrays, names))


def pack_for_others(
    strings: Mapping[str, str], arrays: StoredArrays
) -> Iterator[bytes | memoryview]:
    """Return the pieces of a safetensors file that is none of charlm's own; errors as `pack`."""
    names = _in_order(arrays)
    return chain([_pack_header(strings, arrays, names)], _data_of(arrays, names))


def open_file(path: Path, *, mapped: bool = False) -> tuple[dict[str, str], Arrays]:
    """Return the strings and the arrays, which fill the file to its end.

    Small files are read, unless they are to be `mapped`: read by the system where they are used.

    Raises:
        ModelFileError: the file is damaged, foreign, of a newer version, or changes meanwhile.
        OSError: it cannot be read.
    """
    with _opened(path) as file:
        header = _header(file)
        data = _data(file, mapped=mapped)
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if len(entries) > MAX_ARRAYS:
        raise ModelFileError(f"holds more than {MAX_ARRAYS} arrays")
    arrays, filled = {}, 0
    for name, dtype, shape, begin, end in sorted(_layout(entries), key=lambda entry: entry[3:]):
        if begin != filled or end > len(data):
            raise ModelFileError(f"is damaged: array {name} does not lie where it should")
        arrays[name] = data[begin:end].view(dtype).reshape(shape)
        filled = end
    if filled != len(data):
        raise ModelFileError("is damaged: its data does not end where the last array does")
    return header["__metadata__"], arrays


def check(strings: Mapping[str, str], arrays: Arrays, limit: int | None = None) -> None:
    """Compare arrays of up to `limit` bytes with their checksums; a `ModelFileError` names one."""
    sums = json_of(strings, "crc32")
    for name, array in arrays.items():
        due = limit is None or array.nbytes <= limit
        if due and crc(array) != sums.get(name):
            raise ModelFileError(f"is damaged: array {name} does not match its checksum")


def json_of(strings: Mapping[str, str], name: str) -> dict[str, Any]:
    """Decode the JSON object that a string holds; a `ModelFileError` where there is none."""
    try:
        value = _from_json(strings[name])
    except (KeyError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or _depth(value) > DEEPEST:
        raise ModelFileError(f"is damaged: its {name} cannot be read")
    return value


def _depth(value: Any) -> int:
    """Count lists and objects in each other, level by level, no further than is allowed."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        inner = chain.from_iterable(x.values() if isinstance(x, dict) else x for x in level)
        level = [x for x in inner if isinstance(x, dict | list)]
        depth += 1
    return depth


def to_json(value: Any) -> str:
    """Encode as JSON, in the same way every time."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def crc(*parts: bytes | NDArray[Any]) -> str:
    """Return the CRC-32 of bytes, or of an array as the file holds it, in one part or several."""
    value = 0
    for part in parts:
        value = zlib.crc32(part if isinstance(part, bytes) else _bytes(part), value)
    return f"{value:08x}"


def _in_order(arrays: StoredArrays) -> list[str]:
    return sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))


def _data_of(arrays: StoredArrays, names: list[str]) -> Iterator[memoryview]:
    return map(_bytes, chain.from_iterable(_parts(arrays[name]) for name in names))


def _parts(array: NDArray[Any] | ArrayInParts) -> Iterator[NDArray[Any]]:
    """Yield an array as the file holds it."""
    yield from map(_plain, array.parts() if isinstance(array, ArrayInParts) else (array,))


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Contiguous and little-endian, as the file holds it."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _pack_header(metadata: Mapping[str, str], arrays: StoredArrays, names: list[str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    offset = 0
    for name in names:
        array = arrays[name]
        header[name] = {
            "dtype": _NAMES[array.dtype.newbyteorder("<")],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 8) % ALIGNMENT)
    if len(text) > MAX_HEADER:
        raise OutputError(
            f"vocabulary and settings take {len(text):,} bytes, and a model file has room for "
            f"{MAX_HEADER:,}",
            Remedy("min_count", 2),
            "a smaller unit",
        )
    return struct.pack("<Q", len(text)) + text


def read_header(path: Path) -> dict[str, Any]:
    """Return the header, structurally sound."""
    with _opened(path) as file:
        return _header(file)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open what may be a model file, once: its name may lead to another file a moment later."""
    if not path.exists():
        raise ModelFileError(f"no such file{suggestion(path, ENDING)}")
    if not path.is_file():
        raise ModelFileError("is not a regular file, so not a model")
    with path.open("rb") as file:
        yield file


def _data(file: BinaryIO, *, mapped: bool) -> NDArray[np.uint8]:
    """Return all bytes from here on."""
    before, start = os.fstat(file.fileno()), file.tell()
    size = before.st_size - start
    if size > LARGEST_READ or (mapped and size > 0):
        # A view as a plain array: it stays mapped, and slicing it is twice as fast.
        return np.asarray(np.memmap(file, np.uint8, "r", start, (size,)))
    data = np.empty(max(0, size), np.uint8)  # below 0: cut short since its header was read
    whole = file.readinto(data) == size  # type: ignore[attr-defined]
    after = os.fstat(file.fileno())
    if not whole or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise ModelFileError("has changed while it was read; start again")
    data.flags.writeable = False
    return data


def _header(file: BinaryIO) -> dict[str, Any]:
    """Read the header; what follows it is the data."""
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > min(MAX_HEADER, os.fstat(file.fileno()).st_size - 8):
        raise ModelFileError("is not a model file; `charlm train` makes one")
    text = file.read(length)
    try:
        header: dict[str, Any] = _from_json(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"is not a model file (its header is no JSON: {error})") from None
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise ModelFileError("is not a charlm model file")
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ModelFileError("is damaged: its metadata holds what is no string")
    _check_version(metadata)
    _check_header_crc(start + text, metadata)
    return header


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
    if header.count(seal) != 1 or crc(unsealed) != metadata["header_crc32"]:
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
        if not whole or prod(max(1, size) for size in shape) >= MOST_ELEMENTS:
            raise ModelFileError(f"is damaged: array {name} has impossible sizes")
        if len(shape) > MAX_DIMENSIONS or prod(shape) * dtype.itemsize != end - begin:
            raise ModelFileError(f"is damaged: array {name} has a shape that does not fit its data")
        yield name, dtype, shape, begin, end
