"""Writing a file so that it is there whole or not at all.

A hidden file is written in the same folder, flushed to the disk, and then renamed to the target.
Its name is always the same, so that the next run overwrites what a killed run left. It is locked,
so that two runs never write it at once. Only regular files are replaced like this: a pipe or a
device is written directly, and a symbolic link is followed.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from charlm.errors import OutputError
from charlm.files.locking import beside, is_special, lock

PART = ".part"  # ends the name of a file that is not yet whole


def write_atomically(path: str | Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write the pieces one after the other.

    Raises:
        OutputError: the file cannot be written, or another run is writing it; what stood there
            before is untouched.
    """
    target = Path(path)
    try:
        if is_special(target):
            _write_straight(target, pieces)
        else:
            _write_and_rename(target.resolve(), pieces)
    except BlockingIOError:
        raise OutputError(f"{path}: another run is writing it") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{path}: cannot be written: {reason}") from None


def remove(path: Path) -> None:
    """Take a file away if it is there, and what a killed run left of a new one."""
    path.unlink(missing_ok=True)
    beside(path.resolve(), PART).unlink(missing_ok=True)


def _write_straight(target: Path, pieces: Iterable[bytes | memoryview]) -> None:
    if target.is_dir():
        raise IsADirectoryError(21, "is a directory")
    with target.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _write_and_rename(target: Path, pieces: Iterable[bytes | memoryview]) -> None:
    part = beside(target, PART)
    with os.fdopen(lock(part), "wb") as file:
        try:
            file.truncate()  # what a killed run left
            for piece in pieces:
                file.write(piece)
            file.flush()
            if target.exists():
                part.chmod(stat.S_IMODE(target.stat().st_mode))
            os.fsync(file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)  # while it is ours
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; a file system that cannot do that is left as it is."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
