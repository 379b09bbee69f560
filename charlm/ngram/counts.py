"""Counting n-grams of every length by one sort of packed keys.

Each event x_t gives a window of `order + 1` symbols, x_t, x_(t-1), ..., x_(t-order), packed into
one integer with the *newest* symbol in the highest bits. After sorting, all k-grams that end in
the same k symbols stand together, for every k at once: a k-gram is a run of equal k-prefixes.
So one sort gives the distinct n-grams of every length, their counts, and the continuation
counts of Kneser and Ney (1995): the distinct left neighbours of a k-gram are the (k+1)-runs
within its run.

Where a window needs more than 64 bits, its first symbols are replaced by their rank among the
distinct ones, and packing goes on (after Karp, Miller & Rosenberg 1972). So any order and any
vocabulary work; each further key costs another sort.

Before a sequence stands START. It absorbs: whatever is older than START is START too, and a
k-gram may contain START only as its oldest symbol (one start symbol of context, as in KenLM).

Time O(T (order + log chunk)) while a window fits one key; memory O(distinct windows + chunk).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Ids, Integers, Keys, Rows
from charlm.errors import TextError
from charlm.ngram.merging import Merger, Part
from charlm.ngram.search import places
from charlm.progress import Progress, Report, silent
from charlm.threads import in_threads

CHUNK = 1 << 22  # events sorted at once; 32 MB of keys stay near the cache
KEY_BITS = 64


@dataclass(frozen=True)
class OrderCounts:
    """All n-grams of one length k, one a row, in suffix order (by newest symbol first).

    `histories` is the number of rows of length k - 1, START's included: what `history` indexes.
    To the left of a history that begins with START nothing can stand.
    Unigrams are dense: row = symbol, and rows that never occurred have count 0.
    """

    length: int  # k
    vocab_size: int
    histories: int
    newest: NDArray[Any]  # (N,) the symbol predicted, in as few bytes as hold it
    history: Rows  # (N,) row of the older k - 1 symbols among the (k-1)-grams
    suffix: Rows  # (N,) row of the newer k - 1 symbols among the (k-1)-grams
    count: Integers  # (N,) occurrences
    adjusted: Integers  # (N,) distinct left neighbours; occurrences where none can be
    from_start: Booleans  # (N,) the history begins with START


@dataclass(frozen=True)
class Sequences:
    """Texts as ids, and where their sequences start: what is counted.

    `streams` are texts, each starting from the empty history. In a stream an END closes a sequence.
    """

    streams: Sequence[Ids]
    vocab_size: int
    end: int | None = None

    @property
    def start(self) -> int:
        """The id that stands before a sequence, one past the last predicted."""
        return self.vocab_size

    @property
    def bits(self) -> int:
        """Bits of one packed symbol, START included."""
        return self.start.bit_length()

    def __len__(self) -> int:
        return sum(map(len, self.streams))


@dataclass(frozen=True)
class _Level:
    """Some symbols of the window (`begin:stop`, newest first) and the distinct keys they make.

    A key holds the rank of the symbols before `begin` in its high bits.
    """

    begin: int
    stop: int
    distinct: Keys


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
    windows, occurrences = _distinct_windows(sequences, order + 1, chunk, report)
    return _tabulate(windows, occurrences, sequences.vocab_size)


def _distinct_windows(
    sequences: Sequences, width: int, chunk: int, report: Report
) -> tuple[list[NDArray[Any]], Integers]:
    """Sort the windows; give columns of symbols (newest first) of the distinct, and counts."""
    levels: list[_Level] = []
    while not levels or levels[-1].stop < width:
        begin = levels[-1].stop if levels else 0
        rank_bits = len(levels[-1].distinct).bit_length() if levels else 0
        stop = min(width, begin + (KEY_BITS - rank_bits) // sequences.bits)

        def sort(columns: list[Ids], begin: int = begin, stop: int = stop) -> Part:
            keys = _keys(columns, sequences.bits, levels, begin, stop)
            keys.sort()
            return _run_lengths(keys)

        merged = Merger()
        done = 0
        for part in in_threads(sort, _chunks(sequences, width - 1, chunk)):
            merged.add(part)
            done += int(part[1].sum())
            report(Progress("counting", done, len(sequences)))
        distinct, occurrences = merged.result()
        levels.append(_Level(begin, stop, distinct))
    return _unpack(levels, sequences), occurrences


def _chunks(sequences: Sequences, context: int, chunk: int) -> Iterator[list[Ids]]:
    """Cut the streams into pieces; of each, the columns x_t, x_(t-1), ..., x_(t-context)."""
    waiting: list[list[Ids]] = []  # of short streams, until they make a piece together
    events = 0
    for ids in sequences.streams:
        for low in range(0, len(ids), chunk):
            high = min(len(ids), low + chunk)
            piece = ids[max(0, low - context) : high]
            padded = np.full(context + high - low, sequences.start, dtype=np.int32)
            padded[len(padded) - len(piece) :] = piece
            columns = [padded[context - j : len(padded) - j] for j in range(context + 1)]
            waiting.append(columns if sequences.end is None else _absorb(columns, sequences))
            events += high - low
            if events >= chunk:
                yield _side_by_side(waiting)
                waiting, events = [], 0
    if waiting:
        yield _side_by_side(waiting)


def _side_by_side(pieces: list[list[Ids]]) -> list[Ids]:
    return pieces[0] if len(pieces) == 1 else [np.concatenate(c) for c in zip(*pieces, strict=True)]


def _absorb(columns: list[Ids], sequences: Sequences) -> list[Ids]:
    """Put START for an END read before, and for all that is older."""
    absorbed = columns[:1]
    closed = np.zeros(len(columns[0]), bool)
    for column in columns[1:]:
        closed = closed | (column == sequences.end)
        absorbed.append(np.where(closed, np.int32(sequences.start), column))
    return absorbed


def _keys(columns: list[Ids], bits: int, levels: list[_Level], begin: int, stop: int) -> Keys:
    """Pack columns `begin:stop` behind the rank of the symbols before them."""
    rank = np.zeros(len(columns[0]), np.uint64)
    for level in levels:
        packed = _pack(rank, columns[level.begin : level.stop], bits)
        rank = places(level.distinct, packed).astype(np.uint64)
    return _pack(rank, columns[begin:stop], bits)


def _pack(rank: Keys, columns: list[Ids], bits: int) -> Keys:
    keys = rank.copy()
    for column in columns:
        keys <<= np.uint64(bits)
        keys |= column.astype(np.uint64)
    return keys


def _unpack(levels: list[_Level], sequences: Sequences) -> list[NDArray[Any]]:
    """Undo `_keys` for all distinct windows: their columns, newest symbol first."""
    mask = np.uint64((1 << sequences.bits) - 1)
    columns = []
    keys = levels[-1].distinct
    for depth in reversed(range(len(levels))):
        for _ in range(levels[depth].begin, levels[depth].stop):
            columns.append((keys & mask).astype(np.min_scalar_type(sequences.start)))
            keys = keys >> np.uint64(sequences.bits)
        if depth:
            keys = levels[depth - 1].distinct[keys]
    return columns[::-1]


def _differs(values: NDArray[Any]) -> Booleans:
    """Tell where a value differs from the one before it; the first always does."""
    differs = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    return differs


def _run_lengths(keys: Keys) -> Part:
    """Distinct values of sorted keys, and how often each occurs."""
    starts = np.flatnonzero(_differs(keys))
    return keys[starts], np.diff(starts, append=len(keys))


def _tabulate(
    windows: list[NDArray[Any]], occurrences: Integers, vocab_size: int
) -> Iterator[OrderCounts]:
    """Give the rows of every order from the sorted distinct windows.

    The history of a k-gram needs no key of its own: it is the history of the k-gram's suffix,
    extended to the left by the k-gram's oldest symbol. In suffix order the pair (row of the
    suffix, oldest symbol) is a sorted key, so that one binary search an order finds it.
    """
    start = vocab_size
    symbols = start + 1  # START is a history, so it has a row among the unigrams
    is_run = list(accumulate(map(_differs, windows), np.logical_or))
    cumulative = np.append(0, np.cumsum(occurrences))
    unigrams = _unigrams(windows[0], is_run, cumulative, vocab_size)
    yield unigrams
    history = unigrams.history
    row = windows[0]  # of each window's (k-1)-gram
    rows = np.int32 if len(occurrences) < 1 << 31 else np.int64
    below = np.arange(symbols)  # sorted keys of the (k-1)-grams
    for k in range(2, len(windows) + 1):
        is_gram = is_run[k - 1] & (windows[k - 2] != start)
        grams, count, neighbours = _sums(k, is_run, is_gram, cumulative)
        oldest = windows[k - 1][grams].astype(np.int64)
        suffix = row[grams]
        longer = history[suffix].astype(np.int64) * symbols + oldest
        history = places(below, longer).astype(rows)
        yield OrderCounts(
            length=k,
            vocab_size=vocab_size,
            histories=len(below),
            newest=windows[0][grams],
            history=history,
            suffix=suffix,
            count=count,
            adjusted=np.where(oldest == start, count, neighbours),
            from_start=oldest == start,
        )
        row = np.cumsum(is_gram, dtype=rows)
        row -= 1
        below = suffix.astype(np.int64) * symbols + oldest


def _unigrams(
    newest: NDArray[Any], is_run: list[Booleans], cumulative: Integers, vocab_size: int
) -> OrderCounts:
    """Give a row for every symbol that can be predicted, seen or not."""
    grams, *sums = _sums(1, is_run, is_run[0], cumulative)
    count, adjusted = np.zeros((2, vocab_size), np.int64)
    count[newest[grams]], adjusted[newest[grams]] = sums
    zeros = np.zeros(vocab_size, np.int64)
    return OrderCounts(
        length=1,
        vocab_size=vocab_size,
        histories=1,
        newest=np.arange(vocab_size),
        history=zeros,
        suffix=zeros,
        count=count,
        adjusted=adjusted,
        from_start=zeros.astype(bool),
    )


def _sums(
    k: int, is_run: list[Booleans], is_gram: Booleans, cumulative: Integers
) -> tuple[Integers, Integers, Integers]:
    """Give where each k-gram's windows begin, its occurrences and its distinct left neighbours.

    `cumulative[i]` is the number of occurrences of all windows before i.
    """
    runs = np.flatnonzero(is_run[k - 1])
    ends = np.append(runs[1:], len(is_gram))
    chosen = is_gram[runs]
    grams, ends = runs[chosen], ends[chosen]
    count = cumulative[ends] - cumulative[grams]
    if k == len(is_run):
        return grams, count, count
    before = np.append(0, np.cumsum(is_run[k]))  # number of (k+1)-runs before each window
    return grams, count, before[ends] - before[grams]
