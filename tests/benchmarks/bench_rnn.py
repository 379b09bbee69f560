"""Training networks beside PyTorch where it is installed, and beside their products alone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from math import prod
from time import perf_counter

import numpy as np

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import get
from charlm.rnn.training.batches import Batches, as_events
from charlm.rnn.training.loop import start, take_step
from charlm.rnn.training.reduction import here
from charlm.rnn.training.run import Texts
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.benchmarks.measure import seconds, times
from tests.support.models import CORPORA

COLUMNS = ("train, chars/s", "charlm", "torch", "times", "one-hot", "times", "GFLOP/s", "peak")
THREADS, WINDOW = 2, 64
SHORTEST = 0.3  # seconds of a measurement
TEXT = (CORPORA / "shakespeare.txt").read_text()[:300_000]
TOKENIZER = Tokenizer.fit([TEXT], TextPolicy())
TEXTS = Texts((TOKENIZER.encode(TEXT),), (), TOKENIZER.vocab_size)
TORCH = find_spec("torch") is not None

# Each network with its batch.
NETWORKS = [
    (RnnConfig(cell="elman", hidden=256), 64),
    (RnnConfig(cell="elman", hidden=512), 64),
    (RnnConfig(cell="gru", hidden=256), 64),
    (RnnConfig(cell="gru", hidden=512), 64),
    (RnnConfig(cell="lstm", hidden=128), 32),
    (RnnConfig(cell="lstm", hidden=256), 64),
    (RnnConfig(cell="lstm", hidden=512), 64),
    (RnnConfig(cell="lstm", hidden=256, layers=2), 64),
    (RnnConfig(cell="lstm", hidden=1024), 64),
    (RnnConfig("output", hidden=256), 64),
    (RnnConfig("output", hidden=256, trace_decay=0.5), 64),
]


def title() -> str:
    """Say what the figures depend on."""
    about = "torch is not installed"
    if TORCH:
        import torch

        about = f"torch {torch.__version__}"
    with suppress(ImportError):
        from threadpoolctl import threadpool_info

        kernels = {
            info.get("architecture") for info in threadpool_info() if "openblas" in str(info)
        }
        about += f"; NumPy's OpenBLAS kernel: {', '.join(map(str, kernels))}"
    return f"Recurrent networks, {THREADS} threads ({about})"


def operations(config: RnnConfig) -> int:
    """Floating-point operations in products a symbol: 2 a weight forward, 4 back."""
    shapes = get(TEXTS.vocab_size, config).shapes()
    return 6 * sum(
        prod(shape) for name, shape in shapes.items() if len(shape) == 2 and name not in ("U", "R")
    )


def multiply() -> int:
    """The machine's best: a large product on each thread; give the operations."""
    size, repeats = 1024, 8
    matrix = np.ones((size, size), np.float32)

    def work(_: int) -> None:
        out = np.empty_like(matrix)
        for _ in range(repeats):
            np.matmul(matrix, matrix, out=out)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return 2 * size**3 * repeats * THREADS


def trainer(config: RnnConfig, batch: int, threads: int = THREADS) -> Callable[[], object]:
    """Return a step of training as `fit` takes it."""
    training = TrainingConfig(steps=10**6, batch=batch, window=WINDOW, parts=threads, validations=0)
    run = start(TEXTS, config, training)
    batches = Batches(*as_events(TEXTS.train, TEXTS.vocab_size, None), batch, WINDOW)
    reduction = here(threads)(run)
    return lambda: take_step(run, reduction, batches)


def repeated(step: Callable[[], object], number: int) -> Callable[[], object]:
    """Return so many steps as one."""
    return lambda: [step() for _ in range(number)]


def enough(step: Callable[[], object]) -> int:
    """Return how many steps make a measurement."""
    step()
    began = perf_counter()
    step()
    return max(1, round(SHORTEST / (perf_counter() - began)))


def name_of(config: RnnConfig, batch: int) -> str:
    """Name a network, and what is not the rule of it."""
    name = f"{config.cell} {config.hidden}"
    if config.pattern == "output":
        name = f"output {config.hidden}, trace {config.trace_decay:g}"
    return name + ", 2 layers" * (config.layers == 2) + f", batch {batch}"


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each network."""
    for config, batch in NETWORKS:
        step = trainer(config, batch)
        number = enough(step)
        functions = [repeated(step, number), multiply]
        if TORCH and config.pattern == "hidden":
            peers = [torch_step(config, batch, one_hot=one_hot) for one_hot in (False, True)]
            functions += [repeated(peer, number) for peer in peers]
        ours, products, *torch = seconds(*functions)
        symbols = number * batch * WINDOW
        theirs = [(f"{symbols / taken:,.0f}", times(taken / ours)) for taken in torch]
        rate, peak = symbols / ours * operations(config), multiply() / products
        figures = sum(theirs, ()) if theirs else ("",) * 4
        ending = f"{rate / 1e9:.0f}", f"{rate / peak:.0%}"
        yield name_of(config, batch), f"{symbols / ours:,.0f}", *figures, *ending


def torch_step(config: RnnConfig, batch: int, *, one_hot: bool) -> Callable[[], object]:
    """Return the same of PyTorch."""
    from tests.benchmarks.torch_peer import Peer

    sizes = config.hidden, config.layers, batch, TEXTS.vocab_size
    return Peer(config.cell, *sizes, one_hot=one_hot).trainer()
