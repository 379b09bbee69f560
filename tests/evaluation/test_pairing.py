from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.evaluation.bits import evaluate, score
from charlm.evaluation.pairing import Paired, Placed, pair, place
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.trained import TrainedModel
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

UNITS = {unit: fitted(TEXT, TextPolicy(unit=unit), 2) for unit in units.UNITS}
TEXTS = st.text(st.sampled_from("ab \ne\u0301é中😀"), min_size=1, max_size=30)


def placed(trained: TrainedModel, text: str | bytes) -> Placed:
    data = text if isinstance(text, bytes) else text.encode()
    decoded = Document("text", data).text(trained.tokenizer.unit)
    return place(trained, decoded, score(trained, decoded).bits)


def paired(first: list[Placed], second: list[Placed], by_chars: bool = True) -> Paired:
    return pair(first, second, by_chars)


def on_bytes(*bits: float, text: bytes, ends: str = "") -> Placed:
    """By hand; `ends` has a bar where a symbol ends, everywhere if left out."""
    data = np.frombuffer(text, np.uint8)
    marks = np.array([mark == "|" for mark in ends or "|" * len(text)])
    return Placed(data, np.array(bits), marks)


@pytest.mark.parametrize(
    ("unit", "symbols"),
    [
        ("byte", [b"a", b"\xc3", b"\xa9", b" ", b"e", b"\xcc", b"\x81", b"\n"]),
        ("char", ["a", "é", " ", "e", "\u0301", "\n"]),
        ("grapheme", ["a", "é", " ", "e\u0301", "\n"]),
        ("word", ["aé", " ", "e\u0301", "\n"]),
    ],
)
def test_bits_go_to_the_last_byte_of_a_symbol(unit: str, symbols: list[str | bytes]) -> None:
    lengths = [len(s if isinstance(s, bytes) else s.encode()) for s in symbols]
    if unit == "word":  # its letters and the mark on one of them are words by themselves
        lengths = [len(s.encode()) for s in units.get("word").cut("aé e\u0301\n")]
    found = placed(UNITS[unit], "aé e\u0301\n")
    assert np.flatnonzero(found.ends).tolist() == (np.cumsum(lengths) - 1).tolist()
    assert np.flatnonzero(found.bits).tolist() == (np.cumsum(lengths) - 1).tolist()


@each(MODELS)
@pytest.mark.parametrize("text", [TEXT[:300], UNSEEN, "no line end", "a"])
def test_nothing_is_lost_in_placing(name: str, text: str) -> None:
    trained = make(name)
    result = evaluate(trained, text)
    found = placed(trained, text)
    assert found.bits.sum() == pytest.approx(result.total_bits)
    assert len(found.bits) == result.bytes
    if np.isfinite(result.total_bits):
        even = paired([found], [found])
        assert (even.chars, even.lines) == ((0, 0), (0, 0))


@given(TEXTS, st.sampled_from(list(UNITS)), st.sampled_from(list(UNITS)))
def test_units_are_paired_as_by_hand(text: str, one: str, two: str) -> None:
    """Cut the text where symbols of both end; the bits between two cuts are compared."""
    first, second = placed(UNITS[one], text), placed(UNITS[two], text)
    cuts = sorted({i + 1 for i in range(len(first.data)) if first.ends[i] and second.ends[i]} | {0})
    won = lost = 0.0
    for low, high in pairwise(cuts):
        difference = (first.bits[low:high] - second.bits[low:high]).sum()
        size = len(bytes(first.data[low:high]).decode(errors="replace"))
        won, lost = won + size * (difference < 0), lost + size * (difference > 0)
    expected = (won / len(text), lost / len(text))
    assert paired([first], [second]).chars == pytest.approx(expected)


def test_shares_of_lines_by_hand() -> None:
    """Lines ab|, c| and d of 1 + 1, 1 and 4 bits less, then more, then even."""
    first = on_bytes(1, 1, 1, 5, 1, 4, text=b"ab\nc\nd")
    second = on_bytes(2, 2, 1, 1, 1, 4, text=b"ab\nc\nd")
    found = paired([first], [second])
    assert found.lines == pytest.approx((1 / 3, 1 / 3))
    assert found.chars == pytest.approx((2 / 6, 1 / 6))


def test_a_word_is_won_as_a_whole() -> None:
    letters = on_bytes(1, 1, 1, 9, 2, text=b"the a")
    words = on_bytes(0, 0, 4, 1, 1, text=b"the a", ends="..|||")
    assert paired([letters], [words]).chars == pytest.approx((3 / 5, 2 / 5))


def test_texts_follow_each_other() -> None:
    """The second text begins a line of its own, though the first ends with none."""
    one, two = on_bytes(1, 1, text=b"ab"), on_bytes(2, 2, text=b"cd")
    other = [on_bytes(2, 2, text=b"ab"), on_bytes(1, 1, text=b"cd")]
    assert paired([one, two], other).lines == (0.5, 0.5)


@pytest.mark.parametrize(("by_chars", "block"), [(True, 1), (False, 4)])
def test_the_interval_is_of_characters_or_of_bytes(by_chars: bool, block: int) -> None:
    data = "中".encode() * 50
    first = on_bytes(*[1.0] * 150, text=data)
    second = on_bytes(*[0.0] * 150, text=data)
    found = paired([first], [second], by_chars).interval
    assert (found.blocks, found.block) == (32, block)
    assert found.low == found.high == pytest.approx(3 if by_chars else 1)
