"""Where bytes come from: files, compressed or not, places elsewhere, and what is read only once.

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
from pathlib import Path
from typing import IO, Any, TypeAlias

from charlm.errors import TextError
from charlm.files.compressing import zstandard
from charlm.files.nearest import suggestion
from charlm.text.remote import RemoteFile, is_remote

STANDARD_INPUT = "-"
_DESCRIPTOR = re.compile(
    r"/dev/(?:stdin|fd/\d+)|/proc/(?:self|\d+)/fd/\d+"
)  # as in `train <(cat a)`
COPIED = 1 << 20  # bytes at once


def _zstandard_file(file: IO[bytes]) -> Any:
    module = zstandard()
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
COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}  # what their names end with

# Bytes as they are, a file, one elsewhere, a copy.
Source: TypeAlias = bytes | Path | RemoteFile | IO[bytes]


def find(name: str) -> Path | RemoteFile | IO[bytes]:
    """Return the source of that name, `-` for standard input; a copy is the caller's to close.

    Raises:
        OSError: it cannot be opened.
    """
    if name == STANDARD_INPUT:
        return _copy(sys.stdin.buffer)
    if is_remote(name) and not Path(name).exists():
        remote = RemoteFile(name)
        remote.open().close()
        return remote
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
def file_of(source: Source) -> Iterator[IO[bytes]]:
    """Return the bytes of a source, from their beginning, compressed as they may be."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    opened = source.open("rb") if isinstance(source, Path | RemoteFile) else nullcontext(source)
    with opened as raw:
        raw.seek(0)
        yield raw


@contextmanager
def opened(source: Source) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Return what is to be read, from its beginning, and the file below it."""
    with file_of(source) as raw:
        if isinstance(source, bytes):
            yield raw, raw
            return
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
            return beginning_of(Path(name), length)
    return b""


def beginning_of(source: Source, length: int) -> bytes:
    """Return the first bytes of a source, decompressed; none where it is unreadable."""
    with suppress(*_failures()), opened(source) as (file, _):
        return file.read(length)
    return b""


def size(source: Source) -> int:
    """Return the bytes of a source, compressed as it may be."""
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, Path):
        return source.stat().st_size
    with file_of(source) as file:
        return file.seek(0, io.SEEK_END)


def _failures() -> tuple[type[Exception], ...]:
    """Return what reading and decompressing raise."""
    module = zstandard()
    more = [] if module is None else [module.ZstdError]
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
