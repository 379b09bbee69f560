"""Model files taken apart and put together again, as somebody who means harm would do it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charlm.files import container

JSON: list[object] = [
    None,
    True,
    -1,
    3,
    1e999,
    0.5,
    "",
    "x",
    "\ud800",
    "9" * 5000,
    [],
    [1],
    {},
    {"a": []},
]


def leaves(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The place of every value in nested JSON, the inner ones of long lists left out."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for i in range(min(2, len(value))):
            yield from leaves(value[i], (*path, i))


def put(value: object, path: tuple[object, ...], new: object) -> object:
    """The same JSON with one place changed."""
    if not path:
        return new
    copy = value.copy()  # type: ignore[attr-defined]
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def split_file(whole: bytes) -> tuple[dict[str, Any], bytes]:
    """The header, its checksum taken out, and the data."""
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    header["__metadata__"]["header_crc32"] = container.NO_CRC
    return header, whole[8 + length :]


def sealed(text: bytes, data: bytes) -> bytes:
    """A file of a header and data, the header's checksum made right."""
    text += b" " * (-(len(text) + 8) % 64)
    front = len(text).to_bytes(8, "little") + text
    seal = f'"header_crc32": "{container.crc(front)}"'.encode()
    return front.replace(b'"header_crc32": "00000000"', seal) + data


def write_sealed(path: Path, header: object, data: bytes) -> None:
    """Write a file with a header of any JSON."""
    path.write_bytes(sealed(to_bytes(header), data))


def to_bytes(header: object) -> bytes:
    """JSON, infinity as a number that leads to it."""
    return json.dumps(header).replace("Infinity", "1e999").encode()


def resealed(path: Path, change: dict[str, object], part: str | None = None) -> Path:
    """Change metadata, a part of it, or the arrays."""
    header, data = split_file(path.read_bytes())
    metadata = header["__metadata__"]
    if part is None:
        metadata |= change
    elif part == "arrays":
        header |= change
    else:
        metadata[part] = json.dumps({**json.loads(metadata[part]), **change})
    write_sealed(path, header, data)
    return path
