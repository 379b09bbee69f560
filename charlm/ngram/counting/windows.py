"""The distinct windows of a text, sorted: what all counts are made of.

Each event x_t gives a window of symbols x_t, x_(t-1), ..., packed into one integer with the
*newest* symbol in the highest bits. Windows are sorted in chunks, on all cores; each chunk is
reduced to its distinct windows and their counts, and the chunks are merged (`merging.py`).

Where a window needs more than 64 bits, its first symbols are replaced by their rank among the
distinct ones, and packing goes on (after Karp, Miller & Rosenberg 1972). So any width and any
vocabulary work; each further key costs another reading of the text and another sort.

Before a sequence stands START. It absorbs: whatever is older than START is START too.

Time O(T (width + log chunk)) while a window fits one key; memory O(distinct windows + chunk).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Holder, Ids, Keys
from charlm.ngram.counting.merging import CountedKeys, Counts, Merger, shrunk
from charlm.parallel.threads import in_threads
from charlm.progress import Progress, Report
from charlm.search import WORD_BITS, differs, places
from charlm.text.training_set import TrainingSet

CHUNK = 1 << 21  # events sorted at once; 16 MB of keys stay near the cache


class IdPieces(Protocol):
    """A text as ids, an array at a time, as often as wanted; its length is known."""

    def __iter__(self) -> Iterator[Ids]:
        """Start a reading."""
        ...

    def __len__(self) -> int:
        """Number of ids."""
        ...


IdText: TypeAlias = Ids | IdPieces


@dataclass(frozen=True, eq=False, repr=False)
class Sequences(Holder):
    """Texts as ids, and where their sequences start: what is counted.

    `streams` are texts, each starting from the empty history. In a stream an END closes a sequence.
    """

    streams: Sequence[IdText]
    vocab_size: int
    end: int | None = None

    @classmethod
    def of(cls, data: TrainingSet) -> Self:
        """Return what a training set has to count."""
        return cls(data.streams, data.tokenizer.vocab_size, data.tokenizer.end)

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


@dataclass(frozen=True, eq=False, repr=False)
class _Packing(Holder):
    """Some symbols of the window (`begin:stop`, newest first) and the distinct keys they make.

    A key holds the rank of the symbols before `begin` in its high bits.
    """

    begin: int
    stop: int
    distinct: Keys


def distinct_windows(
    sequences: Sequences, width: int, chunk: int, report: Report
) -> tuple[list[NDArray[Any]], Counts]:
    """Sort the windows; give columns of symbols (newest first) of the distinct, and counts."""
    packings: list[_Packing] = []
    while not packings or packings[-1].stop < width:
        begin = packings[-1].stop if packings else 0
        rank_bits = len(packings[-1].distinct).bit_length() if packings else 0
        fit = (WORD_BITS - rank_bits) // sequences.bits
        keys = ceil((width - begin) / fit)  # evenly: ranks of fewer symbols are found faster
        stop = begin + ceil((width - begin) / keys)
        stage = "counting" if not packings else f"counting {len(packings) + 1}"
        merged = Merger()
        done = 0
        sort = partial(_sort, sequences, packings, begin, stop)
        for part in in_threads(sort, _chunks(sequences, stop - 1, chunk)):
            merged.add(part)
            done += int(part[1].sum())
            report(Progress(stage, done, len(sequences)))
        distinct, occurrences = merged.result()
        packings.append(_Packing(begin, stop, distinct))
    return _unpack(packings, sequences), occurrences


def _chunks(sequences: Sequences, context: int, chunk: int) -> Iterator[Ids]:
    """Put the pieces of the streams together; before each event stands its context.

    So there are `context` symbols more than events: STARTs before a stream, and what was last
    in the chunk before.
    """
    starts = np.full(context, sequences.start, np.int32)
    waiting: list[Ids] = []
    events = 0
    for stream in sequences.streams:
        waiting.append(starts)
        for piece in _pieces(stream, chunk):
            waiting.append(piece)
            events += len(piece)
            if events >= chunk:
                ids = np.concatenate(waiting)
                yield ids
                waiting, events = [ids[len(ids) - context :]], 0
    if events:
        yield np.concatenate(waiting)


def _pieces(stream: IdText, longest: int) -> Iterator[Ids]:
    """Return a stream in pieces that are not too long."""
    arrays: Iterable[Ids] = (stream,) if isinstance(stream, np.ndarray) else stream
    for ids in arrays:
        for low in range(0, len(ids), longest):
            yield ids[low : low + longest]


def _sort(
    sequences: Sequences, packings: list[_Packing], begin: int, stop: int, ids: Ids
) -> CountedKeys:
    """Return the distinct windows of a chunk and how often each occurs.

    A START that is the newest symbol is no event. It is the largest symbol, so such windows,
    sorted, come last.
    """
    columns = [ids[stop - 1 - j : len(ids) - j] for j in range(stop)]
    no_events = int(np.count_nonzero(columns[0] == sequences.start))
    if sequences.end is not None:
        columns = _absorb(columns, sequences)
    keys = _keys(columns, sequences.bits, packings, begin, stop)
    keys.sort()
    return _run_lengths(keys[: len(keys) - no_events])


def _absorb(columns: list[Ids], sequences: Sequences) -> list[Ids]:
    """Put START for an END read before, and for all that is older."""
    absorbed = columns[:1]
    closed = np.zeros(len(columns[0]), bool)
    for column in columns[1:]:
        closed = closed | (column == sequences.end)
        absorbed.append(np.where(closed, np.int32(sequences.start), column))
    return absorbed


def _keys(columns: list[Ids], bits: int, packings: list[_Packing], begin: int, stop: int) -> Keys:
    """Pack columns `begin:stop` behind the rank of the symbols before them."""
    rank = np.zeros(len(columns[0]), np.uint64)
    for packing in packings:
        packed = _pack(rank, columns[packing.begin : packing.stop], bits)
        rank = places(packing.distinct, packed).view(np.uint64)
    return _pack(rank, columns[begin:stop], bits)


def _pack(keys: Keys, columns: list[Ids], bits: int) -> Keys:
    """Append columns to keys, in place."""
    for column in columns:
        keys <<= np.uint64(bits)
        np.bitwise_or(keys, column, out=keys, casting="unsafe", dtype=np.uint64)
    return keys


def _unpack(packings: list[_Packing], sequences: Sequences) -> list[NDArray[Any]]:
    """Undo `_keys` for all distinct windows: their columns, newest symbol first."""
    mask = np.uint64((1 << sequences.bits) - 1)
    columns = []
    keys = packings[-1].distinct
    for depth in reversed(range(len(packings))):
        for _ in range(packings[depth].begin, packings[depth].stop):
            columns.append((keys & mask).astype(np.min_scalar_type(sequences.start)))
            keys = keys >> np.uint64(sequences.bits)
        if depth:
            keys = packings[depth - 1].distinct[keys]
    return columns[::-1]


def _run_lengths(keys: Keys) -> CountedKeys:
    """Distinct values of sorted keys, and how often each occurs."""
    starts = np.flatnonzero(differs(keys))
    return keys[starts], shrunk(np.diff(starts, append=len(keys)))
