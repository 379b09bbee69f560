"""Windows as words: they come back, sort as their symbols do, and take as few words as they can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.ngram.counting.packing import Packing, begins


@given(
    symbols=st.integers(2, 40) | st.integers(1 << 15, 1 << 21),
    width=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_words_sort_as_symbols_do_and_lead_back_to_them(
    symbols: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    some = np.unique(rng.integers(0, symbols, 3))  # few, so that windows begin alike
    windows = np.unique(rng.choice(np.append(some, symbols - 1), (20, width)), axis=0)
    packing = Packing(symbols, width)
    words = packing.pack([column.astype(np.int32) for column in windows.T])
    rows = list(zip(*(word.tolist() for word in words), strict=True))
    assert rows == sorted(set(rows))  # np.unique sorts by the first column, then the next
    np.testing.assert_array_equal(np.stack(packing.unpack(words), axis=1), windows)
    assert begins(words).all()
    assert not begins(tuple(np.repeat(word, 2) for word in words))[1::2].any()


@pytest.mark.parametrize(
    ("symbols", "width", "radix", "words"),
    [(29, 13, 29, 1), (29, 12, 32, 1), (29, 14, 32, 2), (66, 10, 66, 1), (66, 9, 128, 1),
     (256, 8, 256, 1), (257, 8, 512, 2), (8960, 5, 16384, 2), (2, 64, 2, 1), (3, 41, 4, 2)],
)  # fmt: skip
def test_a_base_that_is_no_power_of_two_is_taken_where_it_saves_a_word(
    symbols: int, width: int, radix: int, words: int
) -> None:
    packing = Packing(symbols, width)
    assert (packing.radix, len(packing.slices)) == (radix, words)
    assert radix ** max(piece.stop - piece.start for piece in packing.slices) <= 1 << 64
