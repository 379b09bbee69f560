import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.text.holdout import BLOCKS, split
from tests.models import CORPORA

BOOK = (CORPORA / "austen.txt").read_text()


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("fraction", [0.01, 0.05, 0.3])
def test_the_share_is_right_and_nothing_is_lost(sequence: str, fraction: float) -> None:
    train, held_out = split(BOOK, fraction, sequence, rng())
    assert len(held_out) == pytest.approx(fraction * len(BOOK), rel=0.05)
    assert sorted(train + held_out) == sorted(BOOK)


def test_blocks_are_spread_over_the_book_and_cut_at_lines() -> None:
    _, held_out = split(BOOK, 0.05, "file", rng())
    size = len(held_out) // BLOCKS
    places = [BOOK.index(held_out[i * size + 100 : i * size + 300]) for i in range(BLOCKS)]
    gaps = np.diff(places)
    assert len(gaps) == BLOCKS - 1
    assert gaps.min() > 0.9 * len(BOOK) / BLOCKS
    assert held_out.endswith("\n")


def test_lines_stay_whole() -> None:
    names = "".join(f"name{i}\n" for i in range(100))
    train, held_out = split(names, 0.2, "line", rng())
    assert len(held_out.splitlines()) == 20
    assert set(train.splitlines()) | set(held_out.splitlines()) == set(names.splitlines())
    assert held_out != split(names, 0.2, "line", np.random.default_rng(1))[1]


@given(text=st.text("ab\n", max_size=3000), fraction=st.floats(0, 0.99))
def test_any_text_can_be_split(text: str, fraction: float) -> None:
    train, held_out = split(text, fraction, "file", rng())
    assert len(train) + len(held_out) == len(text)
    lines = split(text, fraction, "line", rng())
    assert sum(map(len, lines)) - len(text) in (0, 1)


def test_short_texts_are_not_split() -> None:
    assert split("short\n" * 20, 0.05, "file", rng()) == ("short\n" * 20, "")


def test_impossible_fraction() -> None:
    with pytest.raises(UsageError):
        split("text", 1.0, "file", rng())
