"""From texts to a model: count once, smooth each order upon the one below, lay out the rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s, Integers
from charlm.ngram import smoothing
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import OrderCounts, Sequences, count
from charlm.ngram.model import NgramModel
from charlm.ngram.smoothing import Smoothed
from charlm.progress import Progress, Report, silent


def fit(sequences: Sequences, config: NgramConfig, report: Report = silent) -> NgramModel:
    """Estimate an n-gram model.

    Raises:
        TextError: there is nothing to count.
        UsageError: no smoother has that name.
    """
    smooth = smoothing.get(config.smoothing)
    orders = count(sequences, config.order, report=report)
    smoothed: list[Smoothed] = []
    lower = np.array([1.0 / sequences.vocab_size])  # the order below unigrams is uniform
    for i, counts in enumerate(orders):
        report(Progress("smoothing", i, len(orders)))
        top = i == config.order
        smoothed.append(smooth(counts, lower[counts.suffix], top=top, config=config))
        lower = smoothed[-1].probability
    report(Progress("smoothing", len(orders), len(orders)))
    return _lay_out(sequences, config, orders, smoothed)


def _lay_out(
    sequences: Sequences,
    config: NgramConfig,
    orders: list[OrderCounts],
    smoothed: list[Smoothed],
) -> NgramModel:
    """Put the rows from suffix order, in which they were counted, in order of their histories."""
    keys: list[NDArray[np.unsignedinteger[Any]]] = []
    probability: list[Float64s] = []
    backoff: list[Float64s] = []
    new_row = np.arange(sequences.vocab_size + 1)
    for counts, order in zip(orders, smoothed, strict=True):
        if counts.length > 1:
            backoff.append(_permute(order.backoff, new_row))
        key = new_row[counts.history] * sequences.vocab_size + counts.newest
        by_key = np.argsort(key)
        keys.append(key[by_key].astype(_key_type(counts.histories * sequences.vocab_size)))
        probability.append(order.probability[by_key])
        if counts.length > 1:
            new_row = np.empty(len(key), np.int64)
            new_row[by_key] = np.arange(len(key))
    return NgramModel(
        order=config.order,
        smoothing=config.smoothing,
        vocab_size=sequences.vocab_size,
        end=sequences.end,
        keys=(np.empty(0, np.uint32), *keys[1:]),
        probability=_floats(probability),
        backoff=_floats(backoff),
        notes=tuple(order.notes for order in smoothed),
    )


def _permute(values: Float64s, new_row: Integers) -> Float64s:
    permuted = np.empty_like(values)
    permuted[new_row] = values
    return permuted


def _key_type(limit: int) -> type[np.unsignedinteger[Any]]:
    """Give the smaller type that holds every key, and the limit itself."""
    return np.uint32 if limit < 1 << 32 else np.uint64


def _floats(arrays: Iterable[Float64s]) -> tuple[NDArray[np.float32], ...]:
    return tuple(array.astype(np.float32) for array in arrays)
