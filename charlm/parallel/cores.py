"""How many cores this process may use, which may be fewer than the machine has.

On Linux two things can limit a process. It may be bound to some of the cores (its affinity). And
its control groups, from which containers are made, may grant it only a share of their time. In
version 2 of control groups the file `cpu.max` holds "quota period" or "max period", in
microseconds; in version 1 two files of the `cpu` group hold these numbers. The limit of a group
also holds for all groups inside it.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path, PurePosixPath

CONTROL_GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")  # a line each: number:controllers:path


def usable() -> int:
    """Return the number of cores that this process may keep busy, at least 1."""
    return max(1, min([_cores(), *map(ceil, _shares())]))


def _cores() -> int:
    if hasattr(os, "process_cpu_count"):  # Python 3.13; it heeds -X cpu_count too
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _shares() -> Iterator[float]:
    """Return the cores that each group with a limit grants; an unreadable file sets no limit."""
    for folder in folders("cpu"):
        with suppress(OSError, ValueError):
            quota, period = _quota(folder)
            if quota > 0 and period > 0:
                yield quota / period


def _quota(folder: Path) -> tuple[int, int]:
    version_2 = folder / "cpu.max"
    if version_2.exists():
        quota, period = version_2.read_text().split()
    else:
        quota, period = (
            (folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
        )
    return int(quota), int(period)  # "max" is no number, and -1 no limit


def folders(controller: str) -> Iterator[Path]:
    """Return the folders of this process's groups, and of those around them, for a controller.

    In a container, a path may be as it is seen from outside, and not exist here. Then at least the
    folder at its upper end does.
    """
    with suppress(OSError, ValueError):
        for line in OWN_GROUPS.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            root = CONTROL_GROUPS / controllers
            inner = PurePosixPath(path.lstrip("/"))
            yield from (root / group for group in (inner, *inner.parents))
