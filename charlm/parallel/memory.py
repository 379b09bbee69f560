"""How much memory this process may use, which may be less than the machine has.

On Linux a control group, from which containers are made, may limit it: `memory.max` in version 2 of
control groups, `memory/memory.limit_in_bytes` in version 1. The limit of a group also holds for all
groups inside it.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from charlm.errors import UsageError
from charlm.parallel.cores import folders

POWERS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
UNKNOWN = 4 << 30  # bytes, where the system does not tell
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's settings
LARGEST_THRESHOLD = 1 << 25  # that glibc takes


def bytes_of(size: int | str) -> int:
    """Return an amount such as 500M or 2G in bytes, 1000 of which are 1K.

    Raises:
        UsageError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", str(size).strip(), re.IGNORECASE)
    if found is None:
        raise UsageError(f"{size!r} is no amount of memory, as 500M or 2G")
    return int(float(found[1]) * POWERS[found[2].upper()])


def usable() -> int:
    """Return the bytes that this process may use, those of the machine or of its group."""
    return min([_physical(), *_limits()])


def _physical() -> int:
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def _limits() -> Iterator[int]:
    """Return the bytes that each group with a limit grants; an unreadable file sets no limit."""
    for folder in folders("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                yield int((folder / name).read_text())  # "max" is no number


def keep() -> None:
    """Have the C library keep the memory that arrays let go, for the next.

    Else each large array is mapped anew, and every page of it is a fault that all threads wait for.
    Only glibc knows of this; Dask's workers even tell it to give back all at once.
    """
    with suppress(AttributeError, OSError):
        library = _library()
        library.mallopt(TRIM_THRESHOLD, 1 << 30)
        library.mallopt(MMAP_THRESHOLD, LARGEST_THRESHOLD)


def give_back() -> None:
    """Give the system what was kept, by all threads: the next that takes much is another one."""
    with suppress(AttributeError, OSError):
        _library().malloc_trim(0)


def _library() -> Any:
    """Return the C library.

    Raises:
        OSError: it is not that of Linux.
    """
    import ctypes  # slow to import

    if sys.platform != "linux":
        raise OSError
    return ctypes.CDLL(None)
