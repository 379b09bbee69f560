"""How many cores this process may use, which may be fewer than the machine has.

A process may be bound to some of them (its affinity), and its control groups, which containers are
made of, may grant it a share of their time: in version 2 `cpu.max` holds "quota period" or "max
period" in microseconds, in version 1 two files of the group of `cpu` hold them. A group can use no
more than those it lies in. Elsewhere than on Linux there is neither.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path, PurePosixPath

CONTROL_GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")  # a line each: number:controllers:path


def usable() -> int:
    """Give the number of cores that this process may keep busy, at least 1."""
    return max(1, min([_cores(), *map(ceil, _shares())]))


def _cores() -> int:
    if hasattr(os, "process_cpu_count"):  # Python 3.13; it heeds -X cpu_count too
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _shares() -> Iterator[float]:
    """Give the cores that each group with a limit grants; what cannot be read limits nothing."""
    for folder in _folders():
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


def _folders() -> Iterator[Path]:
    """Give the folders of the own groups, and of those around them.

    Within a container a path may lead to nowhere, as seen from outside; its upper end is here.
    """
    with suppress(OSError, ValueError):
        for line in OWN_GROUPS.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = CONTROL_GROUPS / controllers
            inner = PurePosixPath(path.lstrip("/"))
            yield from (root / group for group in (inner, *inner.parents))
