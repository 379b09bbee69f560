"""Training the recurrent network, beside the time that its matrix products alone take."""

from collections.abc import Iterator
from functools import partial
from math import prod

import numpy as np

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import get
from charlm.rnn.training import Texts, fit
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.benchmarks.measure import row, seconds
from tests.models import CORPORA

STEPS, BATCH, WINDOW = 50, 32, 32
TEXT = (CORPORA / "shakespeare.txt").read_text()[:200_000]


def products(vocab_size: int, hidden: int) -> None:
    """The same number of floating-point operations in large products, the machine's best."""
    shapes = get(vocab_size, RnnConfig(hidden=hidden)).shapes()
    weights = sum(prod(shape) for name, shape in shapes.items() if name != "U")
    matrix = np.ones((1024, 1024), np.float32)
    for _ in range(round(6 * weights * STEPS * BATCH * WINDOW / (2 * 1024**3))):
        matrix @ matrix


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Measure each size."""
    tokenizer = Tokenizer.fit([TEXT], TextPolicy())
    texts = Texts((tokenizer.encode(TEXT),), (), tokenizer.vocab_size)
    training = TrainingConfig(steps=STEPS, batch=BATCH, window=WINDOW)
    for hidden in (128, 256, 512):
        config = RnnConfig(hidden=hidden)
        ours, peak = seconds(
            partial(fit, texts, config, training),
            partial(products, tokenizer.vocab_size, hidden),
            rounds=3,
        )
        name = f"train elman {hidden}, against its products alone"
        yield row(name, ours, peak, STEPS * BATCH * WINDOW)
