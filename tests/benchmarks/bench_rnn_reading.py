"""Networks that score a long text, and that draw one symbol by symbol, beside PyTorch."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

import numpy as np

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.inference.scoring import SEGMENTS
from charlm.rnn.model import RnnModel
from tests.benchmarks.bench_rnn import TEXTS, TORCH, WINDOW
from tests.benchmarks.measure import row, seconds
from tests.support.training import fit

READ = [("elman", 256), ("gru", 256), ("lstm", 256)]
DRAW = [*READ, ("lstm", 512)]
LENGTH = 2_000  # symbols drawn at a time
TRAINING = TrainingConfig(steps=30, validations=0)


def trained(cell: str, hidden: int) -> RnnModel:
    """A network that is no longer random."""
    return fit(TEXTS, RnnConfig(cell=cell, hidden=hidden), TRAINING).model


def draw(model: RnnModel, length: int) -> list[int]:
    """Plain sampling."""
    return list(islice(model.draws(model.initial_state(), np.random.default_rng(0)), length))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Measure each cell; nothing without PyTorch."""
    if not TORCH:
        return
    from tests.benchmarks.torch_peer import Peer

    windows = len(TEXTS.train[0]) // (SEGMENTS * WINDOW)
    text = TEXTS.train[0][: windows * SEGMENTS * WINDOW]
    for cell, hidden in READ:
        peer = Peer(cell, hidden, 1, SEGMENTS, TEXTS.vocab_size, one_hot=False)
        score = partial(trained(cell, hidden).score, text)
        ours, theirs = seconds(score, peer.reader(windows), rounds=3)
        yield row(f"score, {cell} {hidden}", ours, theirs, len(text))
    for cell, hidden in DRAW:
        peer = Peer(cell, hidden, 1, 1, TEXTS.vocab_size, one_hot=False)
        ours, theirs = seconds(partial(draw, trained(cell, hidden), LENGTH), peer.sampler(LENGTH))
        yield row(f"draw, {cell} {hidden}", ours, theirs, LENGTH)
