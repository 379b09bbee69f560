"""Texts that lie elsewhere: names with `://`, which fsspec reads from buckets, hosts and archives.

It is the extra `remote`, imported where the first such name is read; each kind of place takes a
package of its own besides, as s3fs for `s3://`.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import has_magic
from importlib import import_module
from pathlib import PurePosixPath
from typing import IO, Any

SEPARATOR = "://"


@dataclass(frozen=True)
class RemoteFile:
    """A file elsewhere, opened anew for each reading."""

    url: str

    def open(self, mode: str = "rb") -> IO[bytes]:
        """Open it.

        Raises:
            OSError: it cannot be opened, or a package is missing.
        """
        with _as_os_error():
            files, path = _files(self.url)
            opened: IO[bytes] = files.open(path, mode)
            return opened


def is_remote(name: str) -> bool:
    """Tell whether a name is that of a place elsewhere."""
    return SEPARATOR in name


def expand(url: str) -> list[str]:
    """Return the files that a name stands for: those of a folder, or those that match, sorted.

    Raises:
        OSError: the place cannot be looked at, or a package is missing.
    """
    with _as_os_error():
        files, path = _files(url)
        if has_magic(path):
            found = [one for one in files.glob(path) if files.isfile(one)]
        elif files.isdir(path):
            found = [one for one in files.find(path) if not _is_hidden(one, path)]
        else:
            return [url]
        named: Callable[[str], str] = files.unstrip_protocol
        return sorted(map(named, found))


def _is_hidden(path: str, folder: str) -> bool:
    inside = path.removeprefix(folder)
    return any(part.startswith(".") for part in PurePosixPath(inside).parts)


def _files(url: str) -> tuple[Any, str]:
    """Return the file system of a name, and the path there."""
    try:
        core = import_module("fsspec.core")
    except ImportError:
        reason = "names with :// take the package fsspec: pip install 'charlm-cli[remote]'"
        raise OSError(errno.ENOTSUP, reason) from None
    found: tuple[Any, str] = core.url_to_fs(url)
    return found


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Raise whatever goes wrong elsewhere, which each place names in its own way, as an OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise OSError(errno.EIO, reason) from None
