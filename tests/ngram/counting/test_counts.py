"""Counting against a dictionary of tuples, written from the definition."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.arrays import Ids
from charlm.errors import TextError
from charlm.ngram.counting.counts import OrderCounts, Sequences, count

Gram = tuple[int, ...]
VOCAB, END = 5, 4

STREAMS = st.lists(st.lists(st.integers(0, VOCAB - 1), max_size=30), min_size=1, max_size=4)


def split_sequences(streams: list[list[int]], end: int | None) -> list[list[int]]:
    """The sequences of streams: an END closes one."""
    sequences = []
    for stream in streams:
        current: list[int] = []
        for symbol in stream:
            current.append(symbol)
            if symbol == end:
                sequences.append(current)
                current = []
        sequences.append(current)
    return sequences


def naive(sequences: list[list[int]], k: int, start: int) -> dict[Gram, tuple[int, int]]:
    """Each k-gram with its count and its adjusted count."""
    counts: Counter[Gram] = Counter()
    left: dict[Gram, set[int]] = defaultdict(set)
    for sequence in sequences:
        padded = [start, *sequence]
        for t in range(1, len(padded)):
            if t - k + 1 >= 0:
                gram = tuple(padded[t - k + 1 : t + 1])
                counts[gram] += 1
                if t - k >= 0:
                    left[gram].add(padded[t - k])
    return {g: (c, c if g[0] == start else len(left[g])) for g, c in counts.items()}


def grams(orders: list[OrderCounts], k: int, start: int) -> list[Gram]:
    """The symbols of each row, rebuilt by following `history`."""
    if k == 0:
        return [()]
    if k == 1:
        return [(int(s),) for s in orders[0].newest]
    below = [*grams(orders, k - 1, start), (start,)]
    rows = zip(orders[k - 1].history.tolist(), orders[k - 1].newest.tolist(), strict=True)
    return [(*below[history], newest) for history, newest in rows]


class InPieces:
    """A stream that gives its ids a few at a time, as often as wanted."""

    def __init__(self, ids: list[int], piece: int):
        self.ids = np.array(ids, np.int32)
        self.piece = piece

    def __iter__(self) -> Iterator[Ids]:
        return (self.ids[low : low + self.piece] for low in range(0, len(self), self.piece))

    def __len__(self) -> int:
        return len(self.ids)


def check(
    streams: list[list[int]], order: int, end: int | None, chunk: int, piece: int | None = None
) -> None:
    arrays = [
        InPieces(stream, piece) if piece else np.array(stream, np.int32) for stream in streams
    ]
    orders = list(count(Sequences(arrays, VOCAB, end), order, chunk=chunk))
    sequences = split_sequences(streams, end)
    assert len(orders) == order + 1
    for k, counts in enumerate(orders, start=1):
        expected = naive(sequences, k, VOCAB)
        rows = grams(orders, k, VOCAB)
        assert len(set(rows)) == len(rows)
        found = {
            gram: (c, c if k == order + 1 else a)
            for gram, c, a in zip(
                rows, counts.count.tolist(), counts.adjusted.tolist(), strict=True
            )
            if c
        }
        if k == order + 1:
            expected = {gram: (c, c) for gram, (c, _) in expected.items()}
        assert found == expected
        if k > 1:
            shorter = grams(orders, k - 1, VOCAB)
            assert [shorter[i] for i in counts.suffix] == [gram[1:] for gram in rows]


@given(streams=STREAMS, order=st.integers(0, 6), end=st.sampled_from([None, END]))
def test_counts_are_those_of_the_definition(
    streams: list[list[int]], order: int, end: int | None
) -> None:
    if any(streams):
        check(streams, order, end, chunk=1000)


@given(streams=STREAMS, chunk=st.integers(1, 7), end=st.sampled_from([None, END]))
def test_chunks_change_nothing(streams: list[list[int]], chunk: int, end: int | None) -> None:
    if any(streams):
        check(streams, 3, end, chunk)


@given(
    streams=STREAMS,
    chunk=st.integers(1, 40),
    piece=st.integers(1, 7),
    end=st.sampled_from([None, END]),
)
def test_pieces_change_nothing(
    streams: list[list[int]], chunk: int, piece: int, end: int | None
) -> None:
    if any(streams):
        check(streams, 3, end, chunk, piece)


@pytest.mark.slow
@given(streams=STREAMS, end=st.sampled_from([None, END]))
def test_windows_longer_than_a_key(streams: list[list[int]], end: int | None) -> None:
    if any(streams):
        check(streams, 45, end, chunk=9)  # 46 symbols of 3 bits


@pytest.mark.parametrize("order", [0, 7, 20])
def test_a_vocabulary_of_all_of_unicode(order: int) -> None:
    """Symbols of 21 bits, three to a key, count as small ones do."""
    scale = 1114112 // VOCAB
    small = np.random.default_rng(0).integers(0, VOCAB, 500).astype(np.int32)
    expected = list(count(Sequences([small], VOCAB), order))
    found = list(count(Sequences([small * scale], 1114112), order, chunk=150))
    seen = found[0].count > 0
    assert found[0].count[seen].tolist() == expected[0].count.tolist()
    for a, b in zip(expected[1:], found[1:], strict=True):
        np.testing.assert_array_equal(a.count, b.count)
        np.testing.assert_array_equal(a.adjusted, b.adjusted)
        np.testing.assert_array_equal(a.newest.astype(np.int64) * scale, b.newest)


def test_nothing_to_count() -> None:
    with pytest.raises(TextError, match="empty"):
        next(count(Sequences([np.empty(0, np.int32)], VOCAB), 2))
