"""Against Python's own `in`, on samples and texts of few symbols, where much is repeated."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charlm.arrays import Ids
from charlm.sampling import matching, novelty
from charlm.sampling.novelty import LENGTHS, Novelty

SYMBOLS = st.text("\0abc", max_size=40)


def ids(text: str) -> Ids:
    return np.frombuffer(text.encode(), np.uint8).astype(np.int32)


def naive(sample: str, texts: Sequence[str]) -> Novelty:
    """A symbol of id 0 is unknown, and so like nothing in a text."""

    def seen(window: str) -> bool:
        return "\0" not in window and any(window in text for text in texts)

    def windows(n: int) -> list[str]:
        return [sample[i : i + n] for i in range(len(sample) - n + 1)]

    longest = max((n for n in range(1, len(sample) + 1) if any(map(seen, windows(n)))), default=0)
    return Novelty(
        symbols=len(sample),
        longest_copy=longest,
        sample=0,
        place=0,
        ngrams={n: len(windows(n)) for n in LENGTHS},
        new={n: sum(not seen(window) for window in windows(n)) for n in LENGTHS},
    )


def compared(samples: Sequence[str], texts: Sequence[Sequence[str]]) -> list[Novelty]:
    return novelty.novelty([ids(s) for s in samples], [[ids(p) for p in text] for text in texts])


@settings(deadline=None)
@given(
    samples=st.lists(SYMBOLS, min_size=1, max_size=4),
    texts=st.lists(st.lists(SYMBOLS, max_size=4), max_size=3),
    chunk=st.integers(1, 50),
    table=st.sampled_from([0, 1 << 22]),
)
def test_copies_and_new_ngrams(
    samples: list[str], texts: list[list[str]], chunk: int, table: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(novelty, "CHUNK", chunk)
        patch.setattr(matching, "LARGEST_TABLE", table)
        found = compared(samples, texts)
    for i, (sample, result) in enumerate(zip(samples, found, strict=True)):
        expected = naive(sample, ["".join(text) for text in texts])
        assert (result.longest_copy, result.symbols) == (expected.longest_copy, len(sample))
        assert (result.ngrams, result.new) == (expected.ngrams, expected.new)
        assert result.sample == i
        copy = sample[result.place : result.place + result.longest_copy]
        assert any(copy in "".join(text) for text in texts) or not copy


def test_several_together() -> None:
    parts = compared(["abab", "cabc"], [["cab", "b"], ["bc"]])
    both = novelty.together(parts)
    assert [part.longest_copy for part in parts] == [2, 3]
    assert (both.symbols, both.longest_copy, both.sample, both.place) == (8, 3, 1, 0)
    assert both.new == {2: 1, 4: 2, 8: 0, 16: 0, 32: 0}  # ba; abab, cabc
    assert (both.share_new(2), both.share_new(4), both.share_new(8)) == (1 / 6, 1.0, None)


def test_whole_lines() -> None:
    text = ["an", "na\njoh", "anna\n\nhan", "na"]
    asked = ["anna", "hanna", "johanna", "ann", "", "an"]
    assert novelty.whole_lines_of(text, asked) == {"anna", "hanna", "johanna", ""}
