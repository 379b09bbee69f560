"""Timing two ways of doing the same thing in one run, in turn, so that the machine is the same."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

LAUNCH = Path(__file__).with_name("launch.py")


class Cost(NamedTuple):
    """What a whole process took."""

    seconds: float
    megabytes: float  # at its peak


def seconds(*functions: Callable[[], object], rounds: int = 5) -> list[float]:
    """Return the median time of each function over interleaved rounds, after one warm-up."""
    times: list[list[float]] = [[] for _ in functions]
    for round_ in range(rounds + 1):
        for function, taken in zip(functions, times, strict=True):
            began = perf_counter()
            function()
            if round_:
                taken.append(perf_counter() - began)
    return [median(taken) for taken in times]


def row(name: str, ours: float, peer: float, characters: int) -> tuple[str, str, str, str]:
    """Return a line of the table: speeds in characters a second, and the ratio."""
    return name, f"{characters / ours:,.0f}", f"{characters / peer:,.0f}", times(peer / ours)


def times(ratio: float) -> str:
    """Return a ratio to about two digits."""
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def costs(*commands: Sequence[str], rounds: int = 1) -> list[Cost]:
    """Return the median time and memory of each command, run by Python in a process of its own."""
    runs = [[_cost(command) for command in commands] for _ in range(rounds)]
    return [Cost(*map(median, zip(*taken, strict=True))) for taken in zip(*runs, strict=True)]


def _cost(command: Sequence[str]) -> Cost:
    launch = [sys.executable, str(LAUNCH), sys.executable, *command]
    done = subprocess.run(launch, check=True, capture_output=True, text=True)
    return Cost(*map(float, done.stdout.split()))


def train_command(text: Path, order: int, model: Path) -> list[str]:
    """Return the command line that trains our n-gram model."""
    options = ["--order", str(order), "--output", str(model), "--force"]
    return ["-m", "charlm", "train", "ngram", str(text), *options]
