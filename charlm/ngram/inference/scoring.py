"""Scoring a long text by an n-gram model: all positions at once, one order after the other.

The context of length k before t is the k-gram that ended at t - 1, so its row is known from the
order below. What is left is to find rows by key: by binary search, or in a direct table where the
keys are few.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm import search
from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import ModelFileError
from charlm.parallel.threads import in_threads
from charlm.search import NOT_FOUND

if TYPE_CHECKING:
    from charlm.ngram.model import NgramModel

OUT_OF_RANGE = "is damaged: a table holds n-grams that cannot be"
IMPOSSIBLE = "is damaged: a table holds impossible probabilities"
ROUNDING = 1e-5  # of float32 tables

BLOCK_SYMBOLS = 1 << 17  # symbols scored at once
FEW = 32  # symbols that are scored sooner one by one
TABLE = 1 << 23  # keys that a direct table may have, 32 MB of it
TABLE_A_QUERY = 64  # and how many a query: a table must be worth its making

State: TypeAlias = tuple[int, ...]  # rows of the contexts of length 1, 2, ...

# Products of what a damaged table holds; `logs` refuses them.
DAMAGED = np.errstate(over="ignore", invalid="ignore")


def matched(model: "NgramModel", ids: Ids, state: State) -> Integers:
    """Give the length of the longest context seen before each symbol, (T,)."""
    lengths = np.zeros(len(ids), np.int64)
    for k, places, _, _ in levels(model, ids, state):
        lengths[places] = k
    return lengths


def score_each(model: "NgramModel", ids: Ids, lengths: Integers) -> Float64s:
    """Score blocks of whole sequences on all cores, each sequence after START alone, (T,)."""
    starts = (np.cumsum(lengths) - lengths)[lengths > 0]
    # The first of the sequences of each block.
    firsts = np.unique(starts // BLOCK_SYMBOLS, return_index=True)[1]
    edges = [*starts[firsts].tolist(), len(ids)]

    def score_between(ends: tuple[int, int]) -> Float64s:
        low, high = ends
        own = starts[slice(*np.searchsorted(starts, ends))] - low
        return score_block(model, ids[low:high], model.initial_state(), own)

    return np.concatenate([np.empty(0), *in_threads(score_between, list(pairwise(edges)))])


@DAMAGED
def score_few(model: "NgramModel", ids: Ids, state: State) -> tuple[Float64s, State]:
    """Follow the recursion for one t after the other, by the same products; the state after, too.

    Arrays of one number take NumPy longer than Python's own search.
    """
    probs, vocab_size = [], model.vocab_size
    for symbol in ids.tolist():
        prob, rows = float(model.probability[0][symbol]), [symbol]
        for k, row in enumerate(state, start=1):
            found = model.row(k, row * vocab_size + symbol)
            if found is None:
                prob *= float(model.backoff[k - 1][row])
            else:
                prob = float(model.probability[k][found])
                rows += [found] * (len(rows) == k)  # as `advance`: no context without its suffix
        probs.append(prob)
        state = model.initial_state() if symbol == model.end else tuple(rows[: model.order])
    return logs(np.array(probs)), state


@DAMAGED
def score_block(
    model: "NgramModel", ids: Ids, state: State, starts: Integers | None = None
) -> Float64s:
    """Follow the recursion of `log_probs` for all t at once, one order after the other.

    At `starts`, where there are any, a sequence begins anew.
    """
    probs = model.probability[0][ids].astype(np.float64)
    for k, places, context, row in levels(model, ids, state, starts):
        probs[places] *= model.backoff[k - 1][context]
        found = np.flatnonzero(row != NOT_FOUND)
        probs[found] = model.probability[k][row[found]]
    return logs(probs)


def levels(
    model: "NgramModel", ids: Ids, state: State, starts: Integers | None = None
) -> Iterator[tuple[int, Integers, Integers, Integers]]:
    """For contexts of each length k: where there is one, their rows, and those of k+1 symbols.

    The last is (T,), the row of the (k+1)-gram that ends at t, or NOT_FOUND.
    """
    row = ids.astype(np.int64)
    for k in range(1, model.order + 1):
        context = _contexts(model, row, ids, state, k)
        if starts is not None:
            context[starts] = _after_start(model, k)
        places = np.flatnonzero(context != NOT_FOUND)
        row = np.full(len(ids), NOT_FOUND)
        row[places] = _rows(model, k, context[places], ids[places])
        yield k, places, context[places], row


def _contexts(model: "NgramModel", row: Integers, ids: Ids, state: State, k: int) -> Integers:
    """Row of the context of length k before each t: the k-gram that ended one step earlier."""
    contexts = np.full(len(ids), NOT_FOUND)
    contexts[1:] = row[:-1]
    if model.end is not None:  # after END there is START, and nothing longer
        contexts[1:][ids[:-1] == model.end] = _after_start(model, k)
    contexts[:1] = state[k - 1] if k <= len(state) else NOT_FOUND
    return contexts


def _after_start(model: "NgramModel", k: int) -> int:
    """Row of the context of length k where START is all there is."""
    return model.vocab_size if k == 1 else NOT_FOUND


def _rows(model: "NgramModel", k: int, history: Integers, symbol: Ids) -> Integers:
    """Rows of (k+1)-grams, NOT_FOUND where there is none: by table where it is small."""
    keys = history * model.vocab_size + symbol
    size = len(model.backoff[k - 1]) * model.vocab_size
    if size > min(TABLE, TABLE_A_QUERY * len(keys)):
        return search.rows(model.keys[k], keys)
    if k not in model.direct_tables:
        model.direct_tables[k] = _table(model, k, size)
    found: Integers = model.direct_tables[k][keys].astype(np.int64)
    return found


def _table(model: "NgramModel", k: int, size: int) -> NDArray[np.int32]:
    """Give the row of each key there could be, NOT_FOUND where there is none."""
    if len(model.keys[k]) and model.keys[k].max() >= size:
        raise ModelFileError(OUT_OF_RANGE)
    table = np.full(size, NOT_FOUND, np.int32)
    table[model.keys[k]] = np.arange(len(model.keys[k]), dtype=np.int32)
    return table


def logs(probs: Float64s) -> Float64s:
    """Take logarithms; a `ModelFileError` where a table held what is not a probability."""
    if len(probs) and not (probs.min() >= 0 and probs.max() <= 1 + ROUNDING):
        raise ModelFileError(IMPOSSIBLE)
    with np.errstate(divide="ignore"):
        log_probs: Float64s = np.log(probs)
    return log_probs
