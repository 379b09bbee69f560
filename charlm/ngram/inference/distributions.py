"""Whole distributions of an n-gram model before each symbol of a text, and what it knows there.

The recursion of `log_probs` for all t at once: one order after the other, the row of each t is
multiplied by the back-off weight of its context, and what was seen after that context is put in.
"""

from typing import TYPE_CHECKING

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import ModelFileError
from charlm.ngram.inference import scoring
from charlm.ngram.inference.scoring import IMPOSSIBLE, OUT_OF_RANGE, State

if TYPE_CHECKING:
    from charlm.ngram.model import NgramModel

LEAST_SHARE = 1e-6  # maximum likelihood leaves shorter contexts nothing


@scoring.DAMAGED
def before(model: "NgramModel", ids: Ids, state: State) -> Float64s:
    """Give `log_probs` before each symbol, (T, V)."""
    probs = np.empty((len(ids), model.vocab_size))
    probs[:] = model.probability[0]
    for k, places, context, _ in scoring.levels(model, ids, state):
        probs[places] *= model.backoff[k - 1][context][:, None]
        distinct, which = np.unique(context, return_inverse=True)
        lows, lengths = _successors(model, k, distinct)
        low, length = lows[which], lengths[which]
        found = np.repeat(low - (np.cumsum(length) - length), length) + np.arange(length.sum())
        symbols = model.keys[k][found].astype(np.int64)
        symbols -= np.repeat(context * model.vocab_size, length)
        if len(symbols) and not 0 <= symbols.min() <= symbols.max() < model.vocab_size:
            raise ModelFileError(OUT_OF_RANGE)
        probs[np.repeat(places, length), symbols] = model.probability[k][found]
    return scoring.logs(probs)


def _successors(model: "NgramModel", k: int, context: Integers) -> tuple[Integers, Integers]:
    """Say where the (k+1)-grams of each context begin, and how many there are."""
    first = context * model.vocab_size
    low = search.places(model.keys[k], first)
    lengths = search.places(model.keys[k], first + model.vocab_size) - low
    if len(lengths) and lengths.min() < 0:
        raise ModelFileError(OUT_OF_RANGE)
    return low, lengths


@scoring.DAMAGED
def features_before(model: "NgramModel", ids: Ids, state: State) -> Float64s:
    """Give `features` before each symbol, (T, F)."""
    lengths, shares = np.zeros(len(ids), np.int64), np.ones(len(ids))
    for k, places, context, _ in scoring.levels(model, ids, state):
        lengths[places], shares[places] = k, model.backoff[k - 1][context]
    return _features(model.order, lengths, shares)


def features(model: "NgramModel", state: State) -> Float64s:
    """Say how long a context was seen, and what it leaves to shorter ones, (F,).

    For each length 0 .. n: 1 where it is that of the longest context seen, else 0; and there
    the logarithm of its back-off weight, which is the smaller the more often it was seen.
    """
    share = float(model.backoff[len(state) - 1][state[-1]]) if state else 1.0
    return _features(model.order, np.array([len(state)]), np.array([share])).ravel()


def _features(order: int, lengths: Integers, shares: Float64s) -> Float64s:
    if not (np.isfinite(shares) & (shares >= 0)).all():
        raise ModelFileError(IMPOSSIBLE)
    numbers = np.zeros((len(lengths), 2, order + 1))
    rows = np.arange(len(lengths))
    numbers[rows, 0, lengths] = 1.0
    numbers[rows, 1, lengths] = np.log(np.maximum(shares, LEAST_SHARE))
    return numbers.reshape(len(lengths), -1)
