"""The most expensive window of a line, held against a search through all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.surprisal.cells import cells
from charlm.surprisal.peaks import measure, peaks, per_character
from charlm.surprisal.scores import Scores
from charlm.text.positions import locate
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.text.test_tokenizer import as_unit_text, each_policy


def scored(policy: TextPolicy, text: str, bits: list[float]) -> Scores:
    text = as_unit_text(policy, text)
    tokenizer = Tokenizer.fit(["ab "], policy)
    ids = tokenizer.encode(text)
    data = tokenizer.prepare(text).encode(tokenizer.unit.encoding or "utf-8")
    costs = np.resize(np.array(bits), len(ids)) if len(ids) else np.empty(0)
    return Scores(data, ids, costs, locate(tokenizer, text))


@each_policy
@given(
    text=st.text("ab\n 中é\u0301"),
    bits=st.lists(st.integers(0, 9).map(float), min_size=1, max_size=20),
    width=st.integers(1, 5),
)
def test_no_window_costs_more(policy: TextPolicy, text: str, bits: list[float], width: int) -> None:
    scores = scored(policy, text, bits)
    found = cells(scores, "line")
    peak = peaks(scores, found, width)
    begin = 0
    for i, symbols in enumerate(found.symbols.tolist()):
        own = scores.bits[begin : begin + symbols].tolist()
        windows = [own[k : k + width] for k in range(max(1, symbols - width + 1))]
        sums = [sum(window) for window in windows]
        assert peak.bits[i] == max(sums)
        texts = peak.texts[i], found.texts[i]
        first = begin + sums.index(max(sums))
        assert peak.column[i] == scores.positions.column[first]
        window, line = (text.encode(errors="surrogateescape") for text in texts)
        assert window in line
        begin += symbols


def test_long_lines_do_not_win_by_length() -> None:
    text = "a" * 99 + "\n" + "ab!\n"
    bits = [1.0] * 100 + [1.0, 9.0, 9.0, 1.0]
    scores = scored(TextPolicy(), text, bits)
    found = cells(scores, "line")
    peak = peaks(scores, found, 2)
    ranked = {rank: int(measure(rank, found, peak).argmax()) for rank in ("total", "window")}
    assert ranked == {"total": 0, "window": 1}
    assert per_character(found).tolist() == [1.0, 5.0]
    assert peak.texts == ["aa", "b!"]


def test_the_impossible_is_the_strangest() -> None:
    scores = scored(TextPolicy(), "ab\nab\n", [1.0, np.inf, 1.0, 5.0, 5.0, 5.0])
    assert peaks(scores, cells(scores, "line"), 2).bits.tolist() == [np.inf, 10.0]
    assert peaks(scores, cells(scores, "line"), 1).bits.tolist() == [np.inf, 5.0]


@pytest.mark.parametrize("width", [1, 16])
def test_nothing_has_no_peak(width: int) -> None:
    scores = scored(TextPolicy(), "", [1.0])
    assert len(peaks(scores, cells(scores, "line"), width).bits) == 0
