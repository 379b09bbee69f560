"""The distinct windows of a text, sorted: what all counts are made of.

Each event x_t gives a window of symbols x_t, x_(t-1), ..., packed into words with the *newest*
symbol first (`packing.py`). Windows are sorted in chunks, on all cores; each chunk is reduced to
its distinct windows and their counts, and the chunks are merged (`merging.py`). A chunk knows
nothing of the others, and the text is read once.

Before a sequence stands START. It absorbs: whatever is older than START is START too.

Time O(T (width + words log chunk)); memory O(distinct windows + chunk).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self, TypeAlias

import numpy as np

from charlm.arrays import Holder, Ids
from charlm.ngram.counting.merging import CountedWords, Counts, Merger, shrunk, sorted_words
from charlm.ngram.counting.packing import Packing, Words, begins
from charlm.parallel.threads import in_threads
from charlm.progress import Progress, Report
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

    `streams` are texts, each starting from the empty history. In a stream an END closes a sequence,
    and a START, which is no event, begins one. Where streams are sections of texts, `before` has
    the last ids before each.
    """

    streams: Sequence[IdText]
    vocab_size: int
    end: int | None = None
    before: Sequence[Ids] | None = None

    @classmethod
    def of(cls, data: TrainingSet) -> Self:
        """Return what a training set has to count."""
        return cls(data.streams, data.tokenizer.vocab_size, data.tokenizer.end)

    @property
    def start(self) -> int:
        """The id that stands before a sequence, one past the last predicted."""
        return self.vocab_size

    def __len__(self) -> int:
        return sum(map(len, self.streams))


def distinct_windows(
    sequences: Sequences, width: int, chunk: int, report: Report
) -> tuple[Words, Counts]:
    """Sort the windows of `width` symbols; return the distinct ones in words, and their counts."""
    merger = Merger()
    for part in counted_chunks(sequences, width, chunk, report):
        merger.add(part)
    return merger.result()


def counted_chunks(
    sequences: Sequences, width: int, chunk: int, report: Report
) -> Iterator[CountedWords]:
    """Return the distinct windows of one chunk of the texts after the other, and their counts."""
    sort = partial(_sort, sequences, Packing(sequences.start + 1, width))
    done = 0
    for part in in_threads(sort, _chunks(sequences, width - 1, chunk)):
        yield part
        done += int(part[1].sum())
        report(Progress("counting", done, len(sequences)))


def _chunks(sequences: Sequences, context: int, chunk: int) -> Iterator[Ids]:
    """Put the pieces of the streams together; before each event stands its context.

    So there are `context` symbols more than events: STARTs before a stream, or what stands before
    it, and what was last in the chunk before.
    """
    starts = np.full(context, sequences.start, np.int32)
    befores = sequences.before or [starts[:0]] * len(sequences.streams)
    waiting: list[Ids] = []
    events = 0
    for stream, before in zip(sequences.streams, befores, strict=True):
        if len(before):  # whose ids are no events only at the beginning of a chunk
            if events:
                yield np.concatenate(waiting)
            waiting, events = [], 0
        waiting += [starts[len(before) :], before]
        for piece in _pieces(stream, chunk):
            begun = int(np.count_nonzero(piece == sequences.start))
            waiting.append(_widened(piece, sequences.start, context) if begun else piece)
            events += len(piece) - begun
            if events >= chunk:
                ids = np.concatenate(waiting)
                yield ids
                waiting, events = [ids[len(ids) - context :]], 0
    if events:
        yield np.concatenate(waiting)


def _widened(ids: Ids, start: int, context: int) -> Ids:
    """Put as many STARTs as stand before a stream for each within it."""
    return np.repeat(ids, np.where(ids == start, context, 1))


def _pieces(stream: IdText, longest: int) -> Iterator[Ids]:
    """Return a stream in pieces that are not too long."""
    arrays: Iterable[Ids] = (stream,) if isinstance(stream, np.ndarray) else stream
    for ids in arrays:
        for low in range(0, len(ids), longest):
            yield ids[low : low + longest]


def _sort(sequences: Sequences, packing: Packing, ids: Ids) -> CountedWords:
    """Return the distinct windows of a chunk and how often each occurs.

    A START that is the newest symbol is no event. It is the largest symbol, so such windows,
    sorted, come last.
    """
    columns = [ids[packing.width - 1 - j : len(ids) - j] for j in range(packing.width)]
    no_events = int(np.count_nonzero(columns[0] == sequences.start))
    if sequences.end is not None:
        columns = _absorb(columns, sequences)
    words = sorted_words(packing.pack(columns))
    words = tuple(word[: len(word) - no_events] for word in words)
    starts = np.flatnonzero(begins(words))
    counts = np.diff(starts, append=len(words[0]))
    return tuple(word[starts] for word in words), shrunk(counts)


def _absorb(columns: list[Ids], sequences: Sequences) -> list[Ids]:
    """Put START for an END read before, and for all that is older."""
    absorbed = columns[:1]
    closed = np.zeros(len(columns[0]), bool)
    for column in columns[1:]:
        closed = closed | (column == sequences.end)
        absorbed.append(np.where(closed, np.int32(sequences.start), column))
    return absorbed
