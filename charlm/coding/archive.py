"""The file that `compress` writes: what is needed to check it and to decode it, and the code.

    magic        5 bytes and the version, 1 byte
    seal         CRC-32 of all that follows, 4
    model        the first bytes of the model's fingerprint, 8
    flags        adaptive, last line open, 1
    symbols      number of symbols of the text, 8
    text         CRC-32 of the text's bytes, 4
    made on      length, 1, and ASCII: the machine, where the model's numbers depend on it
    code         what the arithmetic coder wrote

All numbers are little-endian. No time, host or path is stored: the same text gives the same bytes.
"""

import hashlib
import platform
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from charlm.errors import CompressedFileError
from charlm.files import container
from charlm.files.replacing import Kind, beginning
from charlm.trained import TrainedModel

MAGIC, VERSION = b"\x8bclm\n", 1  # no text begins so; a transfer that alters line ends shows
LONGEST_MACHINE = 30  # characters; so header and last byte take less than 64
ARCHIVE = Kind("a text that charlm compressed", lambda path: beginning(path).startswith(MAGIC))
_SEALED = struct.Struct("<5sBI")
_FIELDS = struct.Struct("<8sBQIB")
_ADAPTIVE, _OPEN = 1, 2


@dataclass(frozen=True)
class Archive:
    """A compressed text. `made_on` is empty where the model's numbers are the same everywhere."""

    model: bytes
    adaptive: bool
    open: bool
    symbols: int
    crc: int
    made_on: str
    code: bytes

    def pack(self) -> bytes:
        """Return the bytes of the file."""
        machine = self.made_on.encode("ascii", "replace")
        flags = _ADAPTIVE * self.adaptive | _OPEN * self.open
        fields = _FIELDS.pack(self.model, flags, self.symbols, self.crc, len(machine))
        sealed = fields + machine + self.code
        return _SEALED.pack(MAGIC, VERSION, zlib.crc32(sealed)) + sealed


def unpack(data: bytes) -> Archive:
    """Read a compressed file.

    Raises:
        CompressedFileError: it is foreign, newer, cut short or damaged.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise CompressedFileError("is not a file that charlm compress wrote")
    if len(data) < _SEALED.size + _FIELDS.size:
        raise CompressedFileError("is cut short")
    _, version, seal = _SEALED.unpack_from(data)
    if version != VERSION:
        raise CompressedFileError(f"has format version {version}; this charlm reads {VERSION}")
    if seal != zlib.crc32(data[_SEALED.size :]):
        raise CompressedFileError("is damaged or cut short: it does not match its checksum")
    model, flags, symbols, crc, length = _FIELDS.unpack_from(data, _SEALED.size)
    place = _SEALED.size + _FIELDS.size
    machine, code = data[place : place + length], data[place + length :]
    if flags > _ADAPTIVE | _OPEN or not machine.isascii():
        raise CompressedFileError("is damaged: its header holds what cannot be")
    adaptive, open_ = bool(flags & _ADAPTIVE), bool(flags & _OPEN)
    return Archive(model, adaptive, open_, symbols, crc, machine.decode(), code)


def fingerprint(trained: TrainedModel) -> bytes:
    """Name what decides a model's numbers, 8 bytes: its arrays and settings, and the tokenizer."""
    model = trained.model
    parts = {
        "kind": model.kind,
        "settings": model.settings(),
        "tokenizer": trained.tokenizer.to_json(),
        "arrays": {
            name: [array.dtype.str, list(array.shape), container.crc(array)]
            for name, array in model.arrays().items()
        },
    }
    return hashlib.sha256(container.to_json(parts).encode()).digest()[:8]


def machine() -> str:
    """Name what floating-point sums depend on: processor family, NumPy, and its BLAS."""
    configuration: Any = np.show_config(mode="dicts")
    blas = configuration["Build Dependencies"]["blas"]
    name = f"{blas.get('name', '')} {blas.get('version', '')}".removeprefix("scipy-").strip()
    return f"{platform.machine()}/{np.__version__}/{name}"[:LONGEST_MACHINE]
