"""Whole distributions of an n-gram model, after one history or before each symbol of a text.

The recursion of `log_probs` for all t at once: one order after the other, the row of each t is
multiplied by the back-off weight of its context, and what was seen after that context is put in.
"""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import ModelFileError
from charlm.ngram.inference import scoring
from charlm.ngram.tables import IMPOSSIBLE, OUT_OF_RANGE, State, Tables

LEAST_SHARE = 1e-6  # maximum likelihood leaves shorter contexts nothing

# Of a length k: which of some histories have a context of k symbols, (P,), and its row, (P,).
Contexts: TypeAlias = tuple[int, Integers, Integers]


@scoring.DAMAGED
def after(tables: Tables, state: State) -> Float64s:
    """Return the natural log-probability of each next symbol, (V,)."""
    return scoring.logs(tables.probs(state))


def before(tables: Tables, ids: Ids, state: State) -> Float64s:
    """Return `log_probs` before each symbol, (T, V)."""
    levels = scoring.levels(tables, ids, state)
    return of_contexts(tables, len(ids), ((k, places, rows) for k, places, rows, _ in levels))


@scoring.DAMAGED
def of_contexts(tables: Tables, number: int, contexts: Iterable[Contexts]) -> Float64s:
    """Return `log_probs` after each of some histories, (number, V), from the contexts they have."""
    probs = np.empty((number, tables.vocab_size))
    probs[:] = tables.probability[0]
    for k, places, context in contexts:
        probs[places] *= tables.backoff[k - 1][context][:, None]
        distinct, which = np.unique(context, return_inverse=True)
        lows, lengths = _successors(tables, k, distinct)
        low, length = lows[which], lengths[which]
        found = np.repeat(low - (np.cumsum(length) - length), length) + np.arange(length.sum())
        symbols = tables.keys[k][found].astype(np.int64)
        symbols -= np.repeat(context * tables.vocab_size, length)
        if len(symbols) and not 0 <= symbols.min() <= symbols.max() < tables.vocab_size:
            raise ModelFileError(OUT_OF_RANGE)
        probs[np.repeat(places, length), symbols] = tables.probability[k][found]
    return scoring.logs(probs)


def _successors(tables: Tables, k: int, context: Integers) -> tuple[Integers, Integers]:
    """Say where the (k+1)-grams of each context begin, and how many there are."""
    first = context * tables.vocab_size
    low = search.places(tables.keys[k], first)
    lengths = search.places(tables.keys[k], first + tables.vocab_size) - low
    if len(lengths) and lengths.min() < 0:
        raise ModelFileError(OUT_OF_RANGE)
    return low, lengths


@scoring.DAMAGED
def origins(tables: Tables, state: State) -> tuple[Integers, Float64s]:
    """Follow the same recursion for the order of each symbol, and what it is multiplied by.

    Both are (V,); see `BackoffModel` in `charlm/model.py`.
    """
    orders, weights = np.zeros(tables.vocab_size, np.int64), np.ones(tables.vocab_size)
    for k, row in enumerate(state):
        weights *= tables.backoff[k][row]
        symbols, _ = tables.successors(k + 1, row)
        orders[symbols], weights[symbols] = k + 1, 1.0
    return orders, weights


def weights(tables: Tables, state: State) -> list[float]:
    """Return the back-off weights of the contexts of 1, 2, ... symbols."""
    return [float(tables.backoff[k][row]) for k, row in enumerate(state)]


def features_before(tables: Tables, ids: Ids, state: State) -> Float64s:
    """Return `features` before each symbol, (T, F)."""
    levels = scoring.levels(tables, ids, state)
    return features_of(tables, len(ids), ((k, places, rows) for k, places, rows, _ in levels))


@scoring.DAMAGED
def features_of(tables: Tables, number: int, contexts: Iterable[Contexts]) -> Float64s:
    """Return `features` after each of some histories, (number, F), from their contexts."""
    lengths, shares = np.zeros(number, np.int64), np.ones(number)
    for k, places, context in contexts:
        lengths[places], shares[places] = k, tables.backoff[k - 1][context]
    return _features(tables.order, lengths, shares)


def features(tables: Tables, state: State) -> Float64s:
    """Say how long a context was seen, and what it leaves to shorter ones, (F,).

    For each length 0 .. n: 1 where it is that of the longest context seen, else 0; and there
    the logarithm of its back-off weight, which is the smaller the more often it was seen.
    """
    share = float(tables.backoff[len(state) - 1][state[-1]]) if state else 1.0
    return _features(tables.order, np.array([len(state)]), np.array([share])).ravel()


def _features(order: int, lengths: Integers, shares: Float64s) -> Float64s:
    if not (np.isfinite(shares) & (shares >= 0)).all():
        raise ModelFileError(IMPOSSIBLE)
    numbers = np.zeros((len(lengths), 2, order + 1))
    rows = np.arange(len(lengths))
    numbers[rows, 0, lengths] = 1.0
    numbers[rows, 1, lengths] = np.log(np.maximum(shares, LEAST_SHARE))
    return numbers.reshape(len(lengths), -1)
