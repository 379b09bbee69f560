"""A cluster here that loses a worker, and the same model all the same: `make cluster-demo`."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.support.cluster import PROGRAM, Held, cluster, wait_for
from tests.support.models import CORPORA

TRAIN = (*PROGRAM, "train", "ngram", str(CORPORA / "shakespeare.txt"), "--order", "8")


def tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")


def workers_of(nannies: list[int]) -> list[int]:
    """The processes that work, each the child of one that watches it."""
    found = []
    for nanny in nannies:
        children = psutil.Process(nanny).children()
        found += [c.pid for c in children if "spawn_main" in " ".join(c.cmdline())]
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, there = folder / "here.charlm", folder / "there.charlm"
        tell("This machine alone trains a model of order 8 on Shakespeare.")
        subprocess.run([*TRAIN, "-q", "-o", str(here)], check=True)
        tell("A cluster of two workers starts, and trains the same.")
        with cluster(Held(folder), folder) as found:
            spool = folder / "spool"
            command = (*TRAIN, "--scheduler", found.address, "--spool", str(spool))
            process = subprocess.Popen([*command, "-o", str(there)])
            wait_for(lambda: [*spool.glob("gathered-*")] or process.poll() is not None, "a stage")
            victim = workers_of([each.pid for each in found.processes[1:]])[0]
            os.kill(victim, signal.SIGKILL)
            tell(f"Worker {victim} was killed with -9 while n-grams were gathered.")
            began = time.monotonic()
            if process.wait():
                sys.exit("The cluster did not finish.")
            tell(f"The command ended {time.monotonic() - began:.1f} s later.")
        sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (here, there)]
        for label, found_sum in zip(("alone", "cluster"), sums, strict=True):
            tell(f"{label:>8}  {found_sum}")
        if sums[0] != sums[1]:
            sys.exit("The models differ.")
        tell("The models are the same, byte for byte.")


if __name__ == "__main__":
    main()
