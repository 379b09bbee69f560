"""One run on one output: a lock beside the file, which ends with the process that holds it.

The lock is the system's (`flock`), on a small hidden file that is removed afterwards. A run that
was killed leaves the file but no lock, so that the next one is not refused. Where the system has
no such locks, nothing is locked.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from charlm.errors import OutputError

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # pragma: no cover
    flock = None  # type: ignore[assignment]


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Hold the lock of an output file.

    Raises:
        OutputError: another run holds it, or the folder cannot be written to.
    """
    target = output.resolve()
    path = target.with_name(f".{target.name}.lock")
    if flock is None:  # pragma: no cover
        yield
        return
    try:
        descriptor = _lock(path)
    except BlockingIOError:
        raise OutputError(f"{output}: another run is writing it; give -o another name") from None
    except OSError as error:
        raise OutputError(f"{output}: cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path) -> int:
    """Open and lock the file; again if it was removed between the two."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BaseException:
            os.close(descriptor)
            raise
        with suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        os.close(descriptor)
