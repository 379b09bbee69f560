"""Writing a file so that it is there whole or not at all.

A temporary file in the same folder, flushed to the disk, then renamed over the target. Only
regular files are replaced: a pipe or a device is written straight, a symbolic link is followed.
"""

import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from charlm.errors import OutputError


def write_atomically(path: str | Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write the pieces one after the other.

    Raises:
        OutputError: the file cannot be written; what stood there before is untouched.
    """
    target = Path(path)
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            _write_straight(target, pieces)
        else:
            _write_and_rename(target.resolve(), pieces)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{path}: cannot be written: {reason}") from None


def _write_straight(target: Path, pieces: Iterable[bytes | memoryview]) -> None:
    if target.is_dir():
        raise IsADirectoryError(21, "is a directory")
    with target.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _write_and_rename(target: Path, pieces: Iterable[bytes | memoryview]) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.stem[:30]}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced, else those a new file gets."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; a file system that cannot do that is left as it is."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
