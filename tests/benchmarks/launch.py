"""Run a command and print its seconds and its peak memory in MB; a process of its own.

The memory is that of the command and all processes that it starts, each page counted once: the
sum of their proportional shares, looked at fifty times a second. Where the system does not
tell that, it is the peak of the largest process.

A process inherits the peak of the one that started it, so that one must be small: this one.
"""

import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep

UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10  # of ru_maxrss, in a megabyte
PAUSE = 0.02  # seconds


def share(process: int) -> int:
    """Return the memory of a process and of those it started, in KB; 0 where nothing is told."""
    folder = Path("/proc", str(process))
    with suppress(OSError):
        lines = (folder / "smaps_rollup").read_text().splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        started = (folder / "task" / str(process) / "children").read_text().split()
        return own + sum(share(int(child)) for child in started)
    return 0


if __name__ == "__main__":
    began = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, share(process.pid))
        sleep(PAUSE)
    seconds = perf_counter() - began
    if process.returncode:
        sys.exit(process.returncode)
    megabytes = peak / 1024 or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / UNIT
    sys.stdout.write(f"{seconds} {megabytes}\n")
