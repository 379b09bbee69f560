"""One run on one output: a lock beside the file, which ends with the process that holds it.

The lock is the system's own (`flock`), on a small hidden file that is removed afterwards. A run
that was killed leaves this file behind, but not the lock, so the next run is not refused. Pipes and
devices are not locked, and nothing is where the system or its file system has no such locks.
"""

import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOLCK, ENOSYS, EOPNOTSUPP
from pathlib import Path

from charlm.errors import Advice, OutputError

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # pragma: no cover
    flock = None  # type: ignore[assignment]

LONGEST_NAME = 200  # bytes; with an ending it must stay below 255
NO_LOCKS = (ENOLCK, ENOSYS, EOPNOTSUPP)  # of network file systems


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Hold the lock of an output file.

    Raises:
        OutputError: another run holds it, or the folder cannot be written to.
    """
    try:
        path = None if is_special(output) else beside(output.resolve(), ".lock")
        descriptor = None if path is None else lock(path)
    except BlockingIOError:
        raise OutputError(f"{output}: another run is writing it", Advice.ANOTHER_FILE) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{output}: cannot be written: {reason}") from None
    try:
        yield
    finally:
        if path is not None and descriptor is not None:
            path.unlink(missing_ok=True)
            os.close(descriptor)


def is_special(path: Path) -> bool:
    """Tell whether something stands there that is not a regular file."""
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def beside(target: Path, ending: str) -> Path:
    """Name a hidden file in the folder of another; long names are told apart by a checksum."""
    name = os.fsencode(target.name)
    if len(name) > LONGEST_NAME:
        return target.with_name(f".{zlib.crc32(name):08x}{ending}")
    return target.with_name(f".{target.name}{ending}")


def lock(path: Path) -> int:
    """Open a file for writing, made if need be, and lock it; again if it went between the two.

    Raises:
        BlockingIOError: it is locked.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            _flock(descriptor)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _flock(descriptor: int) -> None:
    if flock is None:  # pragma: no cover
        return
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
