"""Run a command and print its seconds and its peak memory in MB; a process of its own.

A process inherits the peak of the one that started it, so that one must be small: this one.
"""

import resource
import subprocess
import sys
from time import perf_counter

UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10  # of ru_maxrss, in a megabyte

if __name__ == "__main__":
    began = perf_counter()
    subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
    seconds = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / UNIT
    sys.stdout.write(f"{seconds} {peak}\n")
