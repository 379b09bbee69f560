"""Writing compressed files, as the ends of their names say, some at a time and always alike."""

import bz2
import errno
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

GZIP = 31  # of zlib: the largest window, and gzip's own header, without the time of day
ZSTANDARD = ("compression.zstd", "backports.zstd")  # from Python 3.14 on, and before


@cache  # imports may not begin in the midst of another, as where an iterator is thrown away
def zstandard() -> Any:
    """Return the module that knows zstd, if there is one."""
    for name in ZSTANDARD:
        with suppress(ImportError):
            return import_module(name)
    return None


def _zstandard_compressor() -> Any:
    module = zstandard()
    if module is None:
        reason = "zstd takes Python 3.14 or the package backports.zstd; or choose .gz"
        raise OSError(errno.ENOTSUP, reason)
    return module.ZstdCompressor()


_COMPRESSORS: dict[str, Callable[[], Any]] = {
    ".gz": lambda: zlib.compressobj(wbits=GZIP),
    ".bz2": bz2.BZ2Compressor,
    ".xz": lzma.LZMACompressor,
    ".zst": _zstandard_compressor,
}


def compressed(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return what is to be written to a file of that name: the pieces, compressed or as they are.

    Raises:
        OSError: the module that compresses so is not installed.
    """
    make = _COMPRESSORS.get(Path(name).suffix.lower())
    return iter(pieces) if make is None else _through(make(), pieces)


def _through(compressor: Any, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()
