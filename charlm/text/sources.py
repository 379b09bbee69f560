"""Where bytes come from: files, compressed or not, and what can be read only once.

A source is opened anew for each reading and decompressed on the way, by its first bytes. Standard
input and pipes are first copied to a temporary file that nobody else sees.
"""

import bz2
import errno
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, TypeAlias

from charlm.errors import TextError
from charlm.files.nearest import suggestion

STANDARD_INPUT = "-"
_DESCRIPTOR = re.compile(
    r"/dev/(?:stdin|fd/\d+)|/proc/(?:self|\d+)/fd/\d+"
)  # as in `train <(cat a)`
COPIED = 1 << 20  # bytes at once


def _zstandard() -> Any:
    """Return the module that knows zstd, if there is one."""
    for name in ("compression.zstd", "backports.zstd"):  # from Python 3.14 on, and before
        with suppress(ImportError):
            return import_module(name)
    return None


def _zstandard_file(file: IO[bytes]) -> Any:
    module = _zstandard()
    if module is None:
        reason = "zstd takes Python 3.14 or the package backports.zstd; or unpack it first"
        raise OSError(errno.ENOTSUP, reason)
    return module.ZstdFile(file)


_DECOMPRESS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _zstandard_file,
}
LONGEST_MAGIC = max(map(len, _DECOMPRESS))
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")

Source: TypeAlias = bytes | Path | IO[bytes]  # bytes as they are, a file, a copy


def find(name: str) -> Path | IO[bytes]:
    """Return the source of that name, `-` for standard input; a copy is the caller's to close.

    Raises:
        OSError: it cannot be opened.
    """
    if name == STANDARD_INPUT:
        return _copy(sys.stdin.buffer)
    path = Path(name)
    with path.open("rb") as file:
        return path if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else _copy(file)


def is_open_already(name: str) -> bool:
    """Tell whether a name stands for what the caller has opened, and means nothing to others."""
    return name == STANDARD_INPUT or _DESCRIPTOR.fullmatch(name) is not None


def raw(name: str, magic: bytes = b"") -> bytes:
    """Return the bytes of a file as they are, of standard input for `-`.

    Where they do not begin with `magic`, no more is read than its length: it may have no end.

    Raises:
        TextError: they cannot be read.
    """
    with (
        naming(name),
        nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as file,
    ):
        start = file.read(len(magic))
        return start + file.read() if start == magic else start


def _copy(file: IO[bytes]) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115
    shutil.copyfileobj(file, copy, COPIED)
    return copy


@contextmanager
def opened(source: Source) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Return what is to be read, from its beginning, and the file below it."""
    if isinstance(source, bytes):
        file: IO[bytes] = io.BytesIO(source)
        yield file, file
        return
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as raw:
        raw.seek(0)
        start = raw.read(LONGEST_MAGIC)
        raw.seek(0)
        for magic, decompress in _DECOMPRESS.items():
            if start.startswith(magic):
                with decompress(raw) as file:
                    yield file, raw
                return
        yield raw, raw


def is_compressed(start: bytes) -> bool:
    """Tell whether a file that begins so is compressed in a way that is known here."""
    return start.startswith(tuple(_DECOMPRESS))


def beginning(name: str | Path, length: int) -> bytes:
    """Return the first bytes of a file, decompressed; none where it is no file or unreadable."""
    with suppress(*_failures()):
        if Path(name).is_file():
            with opened(Path(name)) as (file, _):
                return file.read(length)
    return b""


def size(source: Source) -> int:
    """Return the bytes of a source, compressed as it may be."""
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, Path):
        return source.stat().st_size
    return source.seek(0, io.SEEK_END)


def _failures() -> tuple[type[Exception], ...]:
    """Return what reading and decompressing raise."""
    zstandard = _zstandard()
    more = [] if zstandard is None else [zstandard.ZstdError]
    return (EOFError, ValueError, lzma.LZMAError, zlib.error, OSError, *more)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Raise errors of reading as a `TextError` with the file's name."""
    try:
        yield
    except FileNotFoundError:
        raise TextError(f"{name}: no such file{suggestion(name)}") from None
    except IsADirectoryError:
        raise TextError(f"{name}: is a directory; name the text files in it") from None
    except _failures() as error:
        reason = getattr(error, "strerror", None) or f"damaged compressed file ({error})"
        raise TextError(f"{name}: cannot be read: {reason}") from None
