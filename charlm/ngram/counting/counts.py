"""Counting n-grams of every length from one sort of windows.

The distinct windows of `order + 1` symbols are sorted by their *newest* symbol first
(`windows.py`). So all k-grams that end in the same k symbols stand together, for every k at once:
a k-gram is a run of equal k-prefixes. One sort gives the distinct n-grams of every length, their
counts, and the continuation counts of Kneser and Ney (1995): the distinct left neighbours of a
k-gram are the (k+1)-runs within its run.

A k-gram may contain START only as its oldest symbol (one start symbol of context, as in KenLM).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Holder, Integers, Rows
from charlm.errors import TextError
from charlm.ngram.counting.merging import Counts
from charlm.ngram.counting.packing import Packing, Words
from charlm.ngram.counting.windows import CHUNK, Sequences, distinct_windows
from charlm.progress import Report, silent
from charlm.search import differs, places

__all__ = ["OrderCounts", "Sequences", "count"]


@dataclass(frozen=True, eq=False, repr=False)
class OrderCounts(Holder):
    """All n-grams of one length k, one a row, in suffix order (by newest symbol first).

    `histories` is the number of rows of length k - 1, START's included: what `history` indexes.
    A history that begins with START has no left neighbours.
    Unigrams are dense: row = symbol, and rows that never occurred have count 0.
    """

    length: int  # k
    vocab_size: int
    histories: int
    newest: NDArray[Any]  # (N,) the symbol predicted, in as few bytes as hold it
    history: Rows  # (N,) row of the older k - 1 symbols among the (k-1)-grams
    suffix: Rows  # (N,) row of the newer k - 1 symbols among the (k-1)-grams
    count: Rows  # (N,) occurrences
    adjusted: Rows  # (N,) distinct left neighbours; occurrences where none can be
    from_start: Booleans  # (N,) the history begins with START


def count(
    sequences: Sequences, order: int, *, chunk: int = CHUNK, report: Report = silent
) -> Iterator[OrderCounts]:
    """Count the n-grams of lengths 1 to `order + 1`, and give them one length after the other.

    The result does not depend on `chunk`, the number of events sorted at once.

    Raises:
        TextError: there is nothing to count.
    """
    if not len(sequences):
        raise TextError("the training text is empty: there is nothing to count")
    windows = distinct_windows(sequences, order + 1, chunk, report)
    return tabulate(*windows, sequences.vocab_size, order)


def tabulate(
    words: Words, occurrences: Counts, vocab_size: int, order: int
) -> Iterator[OrderCounts]:
    """Return the n-grams of lengths 1 to `order + 1` of distinct windows, one length at a time."""
    columns = Packing(vocab_size + 1, order + 1).unpack(words)
    del words
    tabulation, longest = _Tabulation(columns, occurrences, vocab_size), order + 1
    del columns, occurrences  # the longest come when nothing but they need memory
    yield tabulation.unigrams()
    for _ in range(2, longest):
        yield tabulation.longer()
    if longest > 1:
        counts = tabulation.longer()
        del tabulation
        yield counts


class _Tabulation:
    """The rows of one order after the other, from the sorted distinct windows.

    The history of a k-gram needs no key of its own: it is the history of the k-gram's suffix,
    extended to the left by the k-gram's oldest symbol. In suffix order the pair (row of the
    suffix, oldest symbol) is a sorted key, so that one binary search an order finds it.
    """

    def __init__(self, windows: list[NDArray[Any]], occurrences: Counts, vocab_size: int):
        self.windows = windows  # columns of symbols, newest first
        self.vocab_size = vocab_size
        self.start = vocab_size  # its id; it is a history, so it has a row among the unigrams
        self.symbols = vocab_size + 1
        self.cumulative = cumulative(occurrences)
        self.row_type = _signed(len(occurrences))
        # Where runs of equal k symbols begin, and those of k + 1, for k = 1, 2, ...
        runs = accumulate(map(differs, windows), np.logical_or)
        self.runs = enumerate(pairwise(chain(runs, [None])), start=1)
        # Of the order before: its row in each window, its keys, and the history of each row.
        self.row = windows[0]
        self.below = np.arange(self.symbols)
        self.history: Rows = np.zeros(vocab_size, self.row_type)

    def unigrams(self) -> OrderCounts:
        """Return a row for every symbol that can be predicted, seen or not."""
        _, (is_run, is_longer_run) = next(self.runs)
        grams, found, neighbours = sums(is_run, is_run, is_longer_run, self.cumulative)
        newest = self.windows[0][grams]
        count, adjusted = np.zeros((2, self.vocab_size), np.int64)
        count[newest], adjusted[newest] = found, found if neighbours is None else neighbours
        zeros = np.zeros(self.vocab_size, np.int64)
        return OrderCounts(
            length=1,
            vocab_size=self.vocab_size,
            histories=1,
            newest=np.arange(self.vocab_size),
            history=zeros,
            suffix=zeros,
            count=count,
            adjusted=adjusted,
            from_start=zeros.astype(bool),
        )

    def longer(self) -> OrderCounts:
        """Return the rows of the next order."""
        k, (is_run, is_longer_run) = next(self.runs)
        is_gram = is_run & (self.windows[k - 2] != self.start)
        grams, count, neighbours = sums(is_run, is_gram, is_longer_run, self.cumulative)
        oldest, suffix = self.windows[k - 1][grams], self.row[grams]
        histories = len(self.below)
        extended = _pairs(self.history[suffix], oldest, self.symbols)
        self.history = places(self.below, extended).astype(self.row_type)
        self.row = np.cumsum(is_gram, dtype=self.row_type)
        self.row -= 1
        self.below = _pairs(suffix, oldest, self.symbols)
        from_start = oldest == self.start
        return OrderCounts(
            length=k,
            vocab_size=self.vocab_size,
            histories=histories,
            newest=self.windows[0][grams],
            history=self.history,
            suffix=suffix,
            count=count,
            adjusted=count if neighbours is None else np.where(from_start, count, neighbours),
            from_start=from_start,
        )


def _pairs(row: Rows, oldest: NDArray[Any], symbols: int) -> Integers:
    """Return one key for a row and the symbol to its left."""
    keys = row.astype(np.int64)
    keys *= symbols
    keys += oldest
    return keys


def sums(
    is_run: Booleans, is_gram: Booleans, is_longer_run: Booleans | None, total: Rows
) -> tuple[Integers, Rows, Rows | None]:
    """Return where each k-gram's windows begin, its occurrences and its distinct left neighbours.

    `total` are the occurrences before each window. To the left of the longest k-grams nothing was
    counted.
    """
    runs = np.flatnonzero(is_run)
    ends = np.append(runs[1:], len(is_run))
    chosen = is_gram[runs]
    grams, ends = runs[chosen], ends[chosen]
    count = total[ends] - total[grams]
    if is_longer_run is None:
        return grams, count, None
    before = cumulative(is_longer_run)  # (k+1)-runs
    return grams, count, before[ends] - before[grams]


def cumulative(values: NDArray[Any]) -> Rows:
    """Return the sum of all values before each place, and of all, (N + 1,)."""
    sums = np.zeros(len(values) + 1, _signed(int(values.sum(dtype=np.int64))))
    np.cumsum(values, dtype=sums.dtype, out=sums[1:])
    return sums


def _signed(largest: int) -> type[np.signedinteger[Any]]:
    """Return the smaller type of rows and counts that holds the largest."""
    return np.int32 if largest < 1 << 31 else np.int64
