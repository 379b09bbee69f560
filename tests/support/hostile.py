"""A folder of files that a stranger might hand over as models, made anew each time."""

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.numpy

from charlm.files import container
from tests.support.files import put, sealed, split_file, to_bytes

HOLE = 1 << 40  # bytes of a file that takes no room
DEEP = 5000  # brackets

Make = Callable[[bytes], bytes]


def _header(text: bytes, length: int | None = None) -> bytes:
    return (len(text) if length is None else length).to_bytes(8, "little") + text


def _changed(*place: str, to: object) -> Make:
    """Another value in one place of the header, all checksums right."""

    def make(whole: bytes) -> bytes:
        header, data = split_file(whole)
        metadata = header["__metadata__"]
        if place[0] in metadata and len(place) > 1:
            inside = put(json.loads(metadata[place[0]]), place[1:], to)
            metadata[place[0]] = to_bytes(inside).decode()
        else:
            metadata[place[0]] = to
        return sealed(to_bytes(header), data)

    return make


def _deep(whole: bytes) -> bytes:
    """A training record of lists in lists in lists."""
    header, data = split_file(whole)
    header["__metadata__"]["training"] = '{"a": ' + "[" * 500 + "]" * 500 + "}"
    return sealed(to_bytes(header), data)


def _foreign(whole: bytes) -> bytes:
    return safetensors.numpy.save({"weight": np.zeros((2, 2), np.float32)})


def _half_precision(whole: bytes) -> bytes:
    """A type that we do not write, over the same bytes."""
    header, data = split_file(whole)
    entry = header["1.probability"]
    header["1.probability"] = {**entry, "dtype": "F16", "shape": [2 * entry["shape"][0]]}
    return sealed(to_bytes(header), data)


# What they are called, and how they are made of a good n-gram model.
FILES: dict[str, Make] = {
    "empty": lambda whole: b"",
    "seven-bytes": lambda whole: whole[:7],
    "header-of-no-length": lambda whole: bytes(8),
    "header-longer-than-the-file": lambda whole: _header(b"{}", 3),
    "header-longer-than-memory": lambda whole: _header(b"{}", (1 << 64) - 1),
    "header-cut-short": lambda whole: whole[:100],
    "header-of-spaces": lambda whole: _header(b" " * 4096),
    "header-no-unicode": lambda whole: _header(b'{"\xff": 1}'),
    "header-no-object": lambda whole: _header(b"[]"),
    "header-deep": lambda whole: _header(b"[" * DEEP + b"]" * DEEP),
    "header-of-a-long-number": lambda whole: _header(b'{"a": ' + b"9" * DEEP + b"}"),
    "key-twice": lambda whole: _header(b'{"__metadata__": {}, "__metadata__": {}}'),
    "metadata-missing": lambda whole: _header(b'{"a": 1}'),
    "safetensors-of-another-tool": _foreign,
    "pickle": lambda whole: pickle.dumps({"weights": [1.0]}),
    "elf": lambda whole: b"\x7fELF" + bytes(500),
    "text": lambda whole: b"It was the best of times, it was the worst of times,\n" * 9,
    "doubled": lambda whole: whole + whole,
    "data-missing": lambda whole: whole[: 8 + int.from_bytes(whole[:8], "little")],
    "one-byte-less": lambda whole: whole[:-1],
    "half-precision": _half_precision,
    "training-deep": _deep,
    "version-of-tomorrow": _changed("version", to="99"),
    "version-that-is-no-string": _changed("version", to=1),
    "kind-that-commands-terminals": _changed("kind", to="\x1b]0;mine\x07\nError: fine"),
    "kind-of-a-million-letters": _changed("kind", to="a" * 10**6),
    "kind-checkpoint": _changed("kind", to="checkpoint"),
    "kind-rnn": _changed("kind", to="rnn"),
    "vocabulary-of-billions": _changed("settings", "vocab_size", to=1 << 40),
    "vocabulary-of-less-than-nothing": _changed("settings", "vocab_size", to=-5),
    "order-of-a-million": _changed("settings", "order", to=10**6),
    "smoothing-of-two-lines": _changed("settings", "smoothing", to="a\nb"),
    "notes-too-many": _changed("settings", "notes", to=[{}] * 1000),
    "symbols-twice": _changed("tokenizer", "symbols", to=["a", "a"]),
    "symbols-that-are-numbers": _changed("tokenizer", "symbols", to=[1, 2]),
    "symbols-of-half-a-character": _changed("tokenizer", "symbols", to=["\ud800"]),
    "texts-that-are-none": _changed("training", "texts", to=[None]),
    "number-beyond-floats": _changed("settings", "k", to=1e999),
}  # fmt: skip


def make_folder(folder: Path, whole: bytes) -> list[Path]:
    """Fill a folder; give what stands there, some of it no file at all."""
    for name, make in FILES.items():
        (folder / name).write_bytes(make(whole))
    np.save(folder / "object-array.npy", np.array([{}], dtype=object))
    with zipfile.ZipFile(folder / "archive.pt", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps([1]))
    (folder / "directory").mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("gone")
    (folder / "zeros").symlink_to("/dev/zero")
    (folder / "randomness").symlink_to("/dev/urandom")
    (folder / "memory").symlink_to("/proc/self/mem")
    _write_hole(folder / "hole")
    _write_hole(folder / "hole-with-a-header", whole)
    return sorted(folder.iterdir())


def _write_hole(path: Path, whole: bytes = b"") -> None:
    """A file of a terabyte of zeros; of a model's header, whose array is that long, and they."""
    if whole:
        header, _ = split_file(whole)
        metadata = {**header["__metadata__"], "crc32": "{}"}
        entry = {"dtype": "F32", "shape": [HOLE // 4], "data_offsets": [0, HOLE]}
        whole = sealed(container.to_json({"__metadata__": metadata, "a": entry}).encode(), b"")
    path.write_bytes(whole)
    os.truncate(path, len(whole) + HOLE)
