"""From texts to a model: count, smooth each order upon the one below, prune, lay out rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Float64s
from charlm.ngram import pruning, smoothing
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts, Sequences, count
from charlm.ngram.model import NgramModel
from charlm.ngram.smoothing import Smoothed, Smoother
from charlm.ngram.tables import Tables, key_type
from charlm.progress import Progress, Report, silent
from charlm.search import NOT_FOUND, argsort


def fit(sequences: Sequences, config: NgramConfig, report: Report = silent) -> NgramModel:
    """Estimate an n-gram model.

    Raises:
        TextError: there is nothing to count.
        UsageError: no smoother has that name.
    """
    orders = count(sequences, config.order, report=report)
    return estimate(orders, sequences.vocab_size, sequences.end, config, report)


def estimate(
    counted: Iterator[OrderCounts],
    vocab_size: int,
    end: int | None,
    config: NgramConfig,
    report: Report = silent,
) -> NgramModel:
    """Estimate an n-gram model from its counts, which come one length after the other.

    Raises:
        UsageError: no smoother has that name.
    """
    orders, smooth = smoothing.prepare(counted, config)
    layout = Layout(vocab_size, config.order)
    lower = np.array([1.0 / vocab_size])  # the order below unigrams is uniform
    for counts in orders:
        stays = pruning.kept(counts, config)
        lower = lower[counts.suffix]
        smoothed = smooth_order(smooth, counts, lower, stays, config)
        lower = smoothed.probability(counts.history, lower)
        layout.add(counts, smoothed, lower, stays)
        del counts, smoothed, stays  # before the next, which are larger
        report(Progress("smoothing", len(layout.notes), config.order + 1))
    return NgramModel(config, layout.tables(end), tuple(layout.notes))


def smooth_order(
    smooth: Smoother, counts: OrderCounts, lower: Float64s, stays: Booleans, config: NgramConfig
) -> Smoothed:
    """Smooth one order, and prune it."""
    smoothed = smooth(counts, lower, top=counts.length > config.order, config=config)
    return pruning.prune(smoothed, counts, lower, stays)


class Layout:
    """The model's tables as they grow, one order after the other.

    N-grams are counted in suffix order; here they are laid out in order of their histories.
    """

    def __init__(self, vocab_size: int, order: int):
        self.vocab_size = vocab_size
        self.order = order
        self.keys: list[NDArray[np.unsignedinteger[Any]]] = []
        self.probability: list[NDArray[np.float32]] = []
        self.backoff: list[NDArray[np.float32]] = []
        self.notes: list[dict[str, Any]] = []
        # From suffix order to here, of the order below; NOT_FOUND where a row was pruned.
        self._row = np.arange(vocab_size + 1)

    def add(
        self, counts: OrderCounts, smoothed: Smoothed, probability: Float64s, stays: Booleans
    ) -> None:
        """Lay out the next order, and the back-off weights of the one below."""
        rows = np.flatnonzero(stays)
        key = self._row[counts.history[rows]]
        key *= self.vocab_size
        key += counts.newest[rows]
        by_key = argsort(key)
        rows = rows[by_key]  # now in the order of the table
        self.probability.append(probability.astype(np.float32)[rows])
        self.notes.append(smoothed.notes)
        if counts.length == 1:
            self.keys.append(np.empty(0, np.uint32))  # 0, 1, 2 ... and so left out
            return
        histories = np.flatnonzero(self._row != NOT_FOUND)
        self.keys.append(key.astype(key_type(len(histories), self.vocab_size))[by_key])
        self.backoff.append(np.empty(len(histories), np.float32))
        self.backoff[-1][self._row[histories]] = smoothed.backoff[histories]
        if counts.length <= self.order:
            self._row = np.full(len(stays), NOT_FOUND)
            self._row[rows] = np.arange(len(rows))

    def tables(self, end: int | None) -> Tables:
        """Return what was laid out."""
        return Tables(
            vocab_size=self.vocab_size,
            end=end,
            keys=tuple(self.keys),
            probability=tuple(self.probability),
            backoff=tuple(self.backoff),
        )
