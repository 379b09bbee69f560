"""Scoring a long text by an n-gram model: all positions at once, one order after the other.

The context of length k before t is the k-gram that ended at t - 1, so its row is known from the
order below. What is left is to find rows by key: by binary search, or in a direct table where the
keys are few.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import ModelFileError
from charlm.ngram.tables import IMPOSSIBLE, State, Tables
from charlm.parallel.threads import in_threads
from charlm.search import NOT_FOUND

ROUNDING = 1e-5  # of float32 tables

BLOCK_SYMBOLS = 1 << 17  # symbols scored at once
FEW = 32  # symbols that are scored sooner one by one
TABLE = 1 << 23  # keys that a table of all keys may have, 32 MB of it
TABLE_A_QUERY = 64  # and how many a query: a table must be worth its making

# Products of what a damaged table holds; `logs` refuses them.
DAMAGED = np.errstate(over="ignore", invalid="ignore")


def score(tables: Tables, ids: Ids, state: State) -> tuple[Float64s, State]:
    """Return log P of each symbol, (T,), and the state after the last.

    Blocks of the text are scored on all cores; what a block must know is the state before it.
    """
    if len(ids) <= FEW:
        return score_few(tables, ids, state)

    def score_from(low: int) -> Float64s:
        before = tables.state_after(ids[:low], state)
        return score_block(tables, ids[low : low + BLOCK_SYMBOLS], before)

    scored = [np.empty(0), *in_threads(score_from, range(0, len(ids), BLOCK_SYMBOLS))]
    return np.concatenate(scored), tables.state_after(ids, state)


def matched(tables: Tables, ids: Ids, state: State) -> Integers:
    """Return the length of the longest context seen before each symbol, (T,)."""
    lengths = np.zeros(len(ids), np.int64)
    for k, places, _, _ in levels(tables, ids, state):
        lengths[places] = k
    return lengths


def score_each(tables: Tables, ids: Ids, lengths: Integers) -> Float64s:
    """Score blocks of whole sequences on all cores, each sequence after START alone, (T,)."""
    starts = (np.cumsum(lengths) - lengths)[lengths > 0]
    # The first of the sequences of each block.
    firsts = np.unique(starts // BLOCK_SYMBOLS, return_index=True)[1]
    edges = [*starts[firsts].tolist(), len(ids)]

    def score_between(ends: tuple[int, int]) -> Float64s:
        low, high = ends
        own = starts[slice(*np.searchsorted(starts, ends))] - low
        return score_block(tables, ids[low:high], tables.initial_state(), own)

    return np.concatenate([np.empty(0), *in_threads(score_between, list(pairwise(edges)))])


@DAMAGED
def score_few(tables: Tables, ids: Ids, state: State) -> tuple[Float64s, State]:
    """Follow the recursion for one t after the other, by the same products; the state after, too.

    Arrays of one number take NumPy longer than Python's own search.
    """
    probs, vocab_size = [], tables.vocab_size
    for symbol in ids.tolist():
        prob, rows = float(tables.probability[0][symbol]), [symbol]
        for k, row in enumerate(state, start=1):
            found = tables.row(k, row * vocab_size + symbol)
            if found is None:
                prob *= float(tables.backoff[k - 1][row])
            else:
                prob = float(tables.probability[k][found])
                rows += [found] * (len(rows) == k)  # as `advance`: no context without its suffix
        probs.append(prob)
        state = tables.initial_state() if symbol == tables.end else tuple(rows[: tables.order])
    return logs(np.array(probs)), state


@DAMAGED
def score_block(tables: Tables, ids: Ids, state: State, starts: Integers | None = None) -> Float64s:
    """Follow the recursion of `log_probs` for all t at once, one order after the other.

    At `starts`, where there are any, a sequence begins anew.
    """
    probs = tables.probability[0][ids].astype(np.float64)
    for k, places, context, row in levels(tables, ids, state, starts):
        probs[places] *= tables.backoff[k - 1][context]
        found = np.flatnonzero(row != NOT_FOUND)
        probs[found] = tables.probability[k][row[found]]
    return logs(probs)


def levels(
    tables: Tables, ids: Ids, state: State, starts: Integers | None = None
) -> Iterator[tuple[int, Integers, Integers, Integers]]:
    """For contexts of each length k: where there is one, their rows, and those of k+1 symbols.

    The last is (T,), the row of the (k+1)-gram that ends at t, or NOT_FOUND.
    """
    row = ids.astype(np.int64)
    for k in range(1, tables.order + 1):
        context = _contexts(tables, row, ids, state, k)
        if starts is not None:
            context[starts] = _after_start(tables, k)
        places = np.flatnonzero(context != NOT_FOUND)
        row = np.full(len(ids), NOT_FOUND)
        row[places] = rows_of(tables, k, context[places], ids[places])
        yield k, places, context[places], row


def _contexts(tables: Tables, row: Integers, ids: Ids, state: State, k: int) -> Integers:
    """Row of the context of length k before each t: the k-gram that ended one step earlier."""
    contexts = np.full(len(ids), NOT_FOUND)
    contexts[1:] = row[:-1]
    if tables.end is not None:  # after END there is START, and nothing longer
        contexts[1:][ids[:-1] == tables.end] = _after_start(tables, k)
    contexts[:1] = state[k - 1] if k <= len(state) else NOT_FOUND
    return contexts


def _after_start(tables: Tables, k: int) -> int:
    """Row of the context of length k where START is all there is."""
    return tables.vocab_size if k == 1 else NOT_FOUND


def rows_of(tables: Tables, k: int, history: Integers, symbol: Ids) -> Integers:
    """Rows of (k+1)-grams, NOT_FOUND where there is none: by table where it is small."""
    keys = history * tables.vocab_size + symbol
    if tables.possible(k) > min(TABLE, TABLE_A_QUERY * len(keys)):
        return search.rows(tables.keys[k], keys)
    found: Integers = tables.row_of_each_key(k)[keys].astype(np.int64)
    return found


def logs(probs: Float64s) -> Float64s:
    """Take logarithms; a `ModelFileError` where a table held what is not a probability."""
    if len(probs) and not (probs.min() >= 0 and probs.max() <= 1 + ROUNDING):
        raise ModelFileError(IMPOSSIBLE)
    with np.errstate(divide="ignore"):
        log_probs: Float64s = np.log(probs)
    return log_probs
