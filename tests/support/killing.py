"""A program that runs others and has them killed at random moments, by what nobody can catch.

    python -m tests.support.killing KILLS SECONDS save MODEL MODEL TARGET
    python -m tests.support.killing KILLS SECONDS charlm train ... -o TARGET

SECONDS are those of the processor, which do not depend on what else the machine does. It forks, so
that a kill costs no start of Python; so it is a process of its own, which has no threads. After
each kill the target must be a model, old or new. A command with a checkpoint beside its target is
resumed. Prints how many were killed.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from charlm import storage
from charlm.api import checkpoints
from charlm.cli.main import run
from charlm.cli.train.checkpoints import CHECKPOINT


def kill(work: Callable[[], object], seconds: float) -> bool:
    """Let a child work for so long, then have it killed; tell whether it was still at work."""
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-6))  # it ends who does not mind it
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def saving(first: Path, second: Path, target: Path) -> Callable[[], object]:
    """Save two models in turn, without end."""
    models = storage.load(first), storage.load(second)

    def work() -> None:
        while True:
            for model in models:
                storage.save(target, model)

    return work


def training(command: list[str], target: Path) -> Callable[[], object]:
    """Run a command, on from its checkpoint if there is one, writing checkpoints all the time."""
    checkpoints.SHORTEST_PAUSE, checkpoints.PAUSE_PER_COST = 0.0, 0
    checkpoint = target.with_name(target.name + CHECKPOINT)

    def work() -> None:
        sys.argv = [*command, *(["--resume"] if checkpoint.exists() else [])]
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        run()

    return work


def main() -> None:
    kills, seconds, *command = sys.argv[1:]
    target, rng = Path(command[-1]), np.random.default_rng(0)
    if command[0] == "save":
        first, second, _ = map(Path, command[1:])
        work, allowed = saving(first, second, target), {first.read_bytes(), second.read_bytes()}
    else:
        work, allowed = training(command, target), None
    killed = 0
    for _ in range(int(kills)):
        killed += kill(work, rng.uniform(0, float(seconds)))
        if target.exists():
            storage.verify(target)
            assert allowed is None or target.read_bytes() in allowed
        elif (checkpoint := target.with_name(target.name + CHECKPOINT)).exists():
            checkpoints.load(checkpoint)
    print(killed)  # noqa: T201


if __name__ == "__main__":
    main()
