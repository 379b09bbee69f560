from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm import search
from charlm.ngram.counting import merging
from charlm.ngram.counting.counts import Sequences, count
from charlm.ngram.counting.merging import CountedWords, Merger, merge
from charlm.parallel import cores
from charlm.parallel.threads import in_threads
from charlm.search import NOT_FOUND, argsort, places, rows

COUNTS = st.dictionaries(st.integers(0, 50), st.integers(1, 9), max_size=20)
BIG = st.dictionaries(st.integers(2**60, 2**64 - 1), st.integers(1, 2**20), max_size=20)


def as_part(counts: dict[int, int]) -> CountedWords:
    keys = sorted(counts)
    return (np.array(keys, np.uint64),), np.array([counts[k] for k in keys], np.int64)


@pytest.mark.parametrize("size", [1, 3, 1 << 21])
@given(parts=st.lists(COUNTS, min_size=1, max_size=5) | st.lists(BIG, min_size=1, max_size=5))
def test_counts_of_parts_add_up(size: int, parts: list[dict[int, int]]) -> None:
    """Also of keys that leave no room for the count in 64 bits, and in ranges of any size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "RANGE", size)
        (keys,), counts = merge([as_part(part) for part in parts])
    total: Counter[int] = sum((Counter(part) for part in parts), Counter())
    assert keys.tolist() == sorted(total)
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == total


def test_waiting_parts_are_merged_when_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "WAITING", 10)
    merger = Merger()
    for i in range(50):
        merger.add(as_part({i % 7: 1, 100 + i % 3: 2}))
        assert len(merger._parts) <= 7
    (keys,), counts = merger.result()
    assert keys.tolist() == [*range(7), 100, 101, 102]
    assert counts.sum() == 150


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_workers_change_nothing(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = np.random.default_rng(0).integers(0, 9, 5000).astype(np.int32)
    expected = list(count(Sequences([ids], 9), 4, chunk=300))
    monkeypatch.setattr(cores, "usable", lambda: workers)
    monkeypatch.setattr(merging, "RANGE", 50)
    for a, b in zip(expected, count(Sequences([ids], 9), 4, chunk=300), strict=True):
        for name, array in vars(a).items():
            np.testing.assert_array_equal(getattr(b, name), array)


def test_threads_keep_the_order_and_take_little_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i

    results = in_threads(lambda i: i * i, items())
    assert next(results) == 0
    assert len(taken) <= cores.usable() + 2
    assert list(results) == [i * i for i in range(1, 100)]


@given(keys=st.lists(st.integers(0, 2**20) | st.integers(2**62, 2**63 - 1)))
def test_argsort_is_stable(keys: list[int]) -> None:
    expected = sorted(range(len(keys)), key=keys.__getitem__)
    assert argsort(np.array(keys, np.int64)).tolist() == expected


@pytest.mark.parametrize("block", [3, search.BLOCK_QUERIES])
@given(table=st.sets(st.integers(0, 40)), queries=st.lists(st.integers(0, 40)))
def test_search_finds_what_is_there(block: int, table: set[int], queries: list[int]) -> None:
    keys, wanted = np.array(sorted(table), np.uint32), np.array(queries, np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BLOCK_QUERIES", block)
        assert places(keys, wanted).tolist() == np.searchsorted(keys, wanted).tolist()
    expected = [sorted(table).index(q) if q in table else NOT_FOUND for q in queries]
    assert rows(keys, wanted).tolist() == expected
