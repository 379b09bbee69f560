"""Three ways to use two cores: parts of a batch in processes or on threads, or OpenBLAS's threads.

As a program, `python -m tests.benchmarks.bench_rnn_threads KIND WORKERS CELL HIDDEN LAYERS BATCH`,
it trains and writes characters a second; how many threads OpenBLAS has is fixed when it is loaded.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from charlm.parallel import processes
from charlm.rnn.config import RnnConfig
from tests.benchmarks.bench_rnn import NETWORKS, WINDOW, enough, name_of, repeated, trainer
from tests.benchmarks.measure import seconds, times

COLUMNS = ("train, chars/s", "one", "processes", "times", "threads", "times", "of BLAS", "times")
# Processes or threads, how many, and threads of OpenBLAS.
WAYS = (("processes", 1, 1), ("processes", 2, 1), ("threads", 2, 1), ("processes", 1, 2))
ROUNDS = 3


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each network of the hidden pattern, in turn."""
    for config, batch in NETWORKS:
        if config.pattern != "hidden":
            continue
        runs = [[speed(config, batch, *way) for way in WAYS] for _ in range(ROUNDS)]
        one, *others = map(median, zip(*runs, strict=True))
        figures = [(f"{other:,.0f}", times(other / one)) for other in others]
        yield name_of(config, batch), f"{one:,.0f}", *sum(figures, ())


def speed(config: RnnConfig, batch: int, kind: str, number: int, of_blas: int) -> float:
    """Train in a process of its own."""
    sizes = map(str, (number, config.cell, config.hidden, config.layers, batch))
    command = [sys.executable, "-m", "tests.benchmarks.bench_rnn_threads", kind, *sizes]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(of_blas)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)


def train(kind: str, number: int, config: RnnConfig, batch: int) -> float:
    """Return characters a second."""
    processes.AVAILABLE = kind == "processes"
    step = trainer(config, batch, number)
    steps = enough(step)
    (taken,) = seconds(repeated(step, steps), rounds=3)
    return steps * batch * WINDOW / taken


if __name__ == "__main__":
    kind, number, cell, *sizes = sys.argv[1:]
    hidden, layers, batch = map(int, sizes)
    config = RnnConfig(cell=cell, hidden=hidden, layers=layers)
    sys.stdout.write(str(train(kind, int(number), config, batch)))
