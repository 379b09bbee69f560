import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.text import holdout
from charlm.text.holdout import BLOCKS
from tests.support.models import CORPORA

BOOK = (CORPORA / "austen.txt").read_text()
MANY = [BOOK[i : i + 5000] for i in range(0, 1_500_000, 5000)]
each_sequence = pytest.mark.parametrize("sequence", ["file", "line"])


def split(
    texts: list[str], fraction: float, sequence: str, rng: np.random.Generator, piece: int = 1 << 20
) -> tuple[list[str], list[str]]:
    """Split texts given in pieces, and give both parts of each as strings."""
    pieces = [[text[i : i + piece] for i in range(0, len(text), piece)] for text in texts]
    train, held_out = holdout.split(pieces, fraction, sequence, rng)
    return list(map("".join, train)), list(map("".join, held_out))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@each_sequence
@pytest.mark.parametrize("fraction", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("texts", [[BOOK], MANY, [BOOK[:2000]]], ids=["book", "files", "short"])
def test_the_share_is_right_and_nothing_is_lost(
    sequence: str, fraction: float, texts: list[str]
) -> None:
    train, held_out = split(texts, fraction, sequence, rng())
    assert len(train) == len(held_out) == len(texts)
    size = sum(map(len, texts))
    found = sum(map(len, held_out))
    assert found == pytest.approx(fraction * size, rel=0.05, abs=150) or size * fraction < 50
    added = sum(map(len, train)) + found - size
    assert 0 <= added <= (len(texts) if sequence == "line" else 0)  # line ends that were missing


def test_blocks_are_spread_over_the_book_and_cut_at_lines() -> None:
    _, (held_out,) = split([BOOK], 0.05, "file", rng())
    size = len(held_out) // BLOCKS
    places = [BOOK.index(held_out[i * size + 100 : i * size + 300]) for i in range(BLOCKS)]
    gaps = np.diff(places)
    assert len(gaps) == BLOCKS - 1
    assert gaps.min() > 0.9 * len(BOOK) / BLOCKS
    assert held_out.endswith("\n")


def test_lines_stay_whole() -> None:
    names = "".join(f"name{i}\n" for i in range(100))
    (train,), (held_out,) = split([names], 0.2, "line", rng())
    assert len(held_out.splitlines()) == 20
    assert set(train.splitlines()) | set(held_out.splitlines()) == set(names.splitlines())
    assert held_out != split([names], 0.2, "line", np.random.default_rng(1))[1][0]


@each_sequence
@given(texts=st.lists(st.text("ab\n", max_size=2000), max_size=4), fraction=st.floats(0, 0.99))
def test_any_texts_can_be_split(sequence: str, texts: list[str], fraction: float) -> None:
    for text, train, held_out in zip(texts, *split(texts, fraction, sequence, rng()), strict=True):
        closed = text + "\n" * bool(sequence == "line" and text and not text.endswith("\n"))
        assert sorted(train + held_out) == sorted(closed)


def test_very_short_texts_are_not_split() -> None:
    assert split(["short\n" * 20], 0.05, "file", rng()) == (["short\n" * 20], [""])


def test_impossible_fraction() -> None:
    with pytest.raises(UsageError):
        split(["text"], 1.0, "file", rng())


@each_sequence
@given(
    texts=st.lists(st.text("ab\n", max_size=2000), max_size=4),
    fraction=st.floats(0, 0.99),
    piece=st.integers(1, 400),
)
def test_pieces_change_nothing(
    sequence: str, texts: list[str], fraction: float, piece: int
) -> None:
    expected = split(texts, fraction, sequence, rng())
    assert split(texts, fraction, sequence, rng(), piece) == expected


def test_parts_can_be_read_again() -> None:
    for sequence in ("file", "line"):
        for part in holdout.split([[BOOK[:5000], BOOK[5000:]]], 0.1, sequence, rng()):
            assert "".join(part[0]) == "".join(part[0]) != ""
