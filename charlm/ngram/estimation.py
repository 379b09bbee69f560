"""From texts to a model: count once, smooth each order upon the one below, lay out the rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.ngram import smoothing
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import OrderCounts, Sequences, count
from charlm.ngram.model import NgramModel, key_type
from charlm.ngram.search import argsort
from charlm.ngram.smoothing import Smoothed
from charlm.progress import Progress, Report, silent


def fit(sequences: Sequences, config: NgramConfig, report: Report = silent) -> NgramModel:
    """Estimate an n-gram model.

    Raises:
        TextError: there is nothing to count.
        UsageError: no smoother has that name.
    """
    smooth = smoothing.get(config.smoothing)
    tables = _Tables(sequences.vocab_size)
    lower = np.array([1.0 / sequences.vocab_size])  # the order below unigrams is uniform
    for i, counts in enumerate(count(sequences, config.order, report=report)):
        smoothed = smooth(counts, lower[counts.suffix], top=i == config.order, config=config)
        tables.add(counts, smoothed)
        lower = smoothed.probability
        report(Progress("smoothing", i + 1, config.order + 1))
    return NgramModel(
        order=config.order,
        smoothing=config.smoothing,
        vocab_size=sequences.vocab_size,
        end=sequences.end,
        keys=tuple(tables.keys),
        probability=tuple(tables.probability),
        backoff=tuple(tables.backoff),
        notes=tuple(tables.notes),
    )


class _Tables:
    """The model's tables as they grow, one order after the other.

    N-grams are counted in suffix order; here they are laid out in order of their histories.
    """

    def __init__(self, vocab_size: int):
        self.vocab_size = vocab_size
        self.keys: list[NDArray[np.unsignedinteger[Any]]] = []
        self.probability: list[NDArray[np.float32]] = []
        self.backoff: list[NDArray[np.float32]] = []
        self.notes: list[dict[str, Any]] = []
        self._row = np.arange(vocab_size + 1)  # from suffix order to here, of the order below

    def add(self, counts: OrderCounts, smoothed: Smoothed) -> None:
        """Lay out the next order, and the back-off weights of the one below."""
        key = self._row[counts.history] * self.vocab_size + counts.newest
        by_key = argsort(key)
        self.probability.append(smoothed.probability[by_key].astype(np.float32))
        self.notes.append(smoothed.notes)
        if counts.length == 1:
            self.keys.append(np.empty(0, np.uint32))  # 0, 1, 2 ... and so left out
            return
        self.keys.append(key[by_key].astype(key_type(counts.histories, self.vocab_size)))
        self.backoff.append(np.empty(counts.histories, np.float32))
        self.backoff[-1][self._row] = smoothed.backoff
        self._row = np.empty(len(key), np.int64)
        self._row[by_key] = np.arange(len(key))
