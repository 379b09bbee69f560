"""Two ways to use two cores: parts of a batch on threads of ours, or OpenBLAS's own threads.

As a program, `python -m tests.benchmarks.bench_rnn_threads CELL HIDDEN LAYERS BATCH THREADS`, it
trains and writes characters a second; how many threads OpenBLAS has is fixed when it is loaded.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from charlm.rnn.config import RnnConfig
from tests.benchmarks.bench_rnn import NETWORKS, WINDOW, enough, name_of, repeated, trainer
from tests.benchmarks.measure import seconds, times

COLUMNS = ("train, chars/s", "one thread", "two of ours", "times", "two of BLAS", "times")
WAYS = ((1, 1), (2, 1), (1, 2))  # threads of ours, of OpenBLAS
ROUNDS = 3


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each network of the hidden pattern, in turn."""
    for config, batch in NETWORKS:
        if config.pattern != "hidden":
            continue
        runs = [[speed(config, batch, *way) for way in WAYS] for _ in range(ROUNDS)]
        one, ours, theirs = map(median, zip(*runs, strict=True))
        yield (
            name_of(config, batch), f"{one:,.0f}",
            f"{ours:,.0f}", times(ours / one), f"{theirs:,.0f}", times(theirs / one),
        )  # fmt: skip


def speed(config: RnnConfig, batch: int, ours: int, of_blas: int) -> float:
    """Train in a process of its own."""
    sizes = map(str, (config.hidden, config.layers, batch, ours))
    command = [sys.executable, "-m", "tests.benchmarks.bench_rnn_threads", config.cell, *sizes]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(of_blas)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)


def train(cell: str, hidden: int, layers: int, batch: int, threads: int) -> float:
    """Give characters a second."""
    step = trainer(RnnConfig(cell=cell, hidden=hidden, layers=layers), batch, threads)
    number = enough(step)
    (taken,) = seconds(repeated(step, number), rounds=3)
    return number * batch * WINDOW / taken


if __name__ == "__main__":
    cell, *sizes = sys.argv[1:]
    hidden, layers, batch, threads = map(int, sizes)
    sys.stdout.write(str(train(cell, hidden, layers, batch, threads)))
