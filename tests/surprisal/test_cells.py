import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.evaluation import bits
from charlm.surprisal.cells import BY, cells, difference
from charlm.surprisal.scores import Scores, place
from charlm.text import units
from charlm.text.positions import locate
from charlm.text.tokenizer import SEQUENCES, TextPolicy, Tokenizer
from charlm.text.units import UNITS
from tests.support.models import TEXT, ngram
from tests.text.test_tokenizer import as_unit_text, each_policy

TEXTS = st.text("ab\r\n 中é\u0301👩\u200d🔬\x85") | st.text()


def scored(policy: TextPolicy, text: str) -> Scores:
    """Bits of which no two sums are equal."""
    text = as_unit_text(policy, text)
    tokenizer = Tokenizer.fit(["ab "], policy)
    ids = tokenizer.encode(text)
    data = tokenizer.prepare(text).encode(tokenizer.unit.encoding or "utf-8")
    return Scores(data, ids, np.sqrt(np.arange(1.0, len(ids) + 1)), locate(tokenizer, text))


@each_policy
@pytest.mark.parametrize("by", BY)
@given(text=TEXTS)
def test_nothing_is_lost(policy: TextPolicy, by: str, text: str) -> None:
    scores = scored(policy, text)
    found = cells(scores, by)
    data = b"".join(t.encode(errors="surrogateescape") for t in found.texts)
    assert data == scores.data
    assert found.bits.sum() == pytest.approx(scores.total_bits)
    assert found.symbols.sum() == len(scores.ids)
    assert (found.symbols > 0).all()
    lengths = {len(a) for a in (found.texts, found.first_byte, found.line, found.column)}
    assert lengths == {len(found)}
    assert found.unknown.dtype == bool
    assert found.unknown.any() == scores.unknown.any()


@each_policy
@given(text=TEXTS)
def test_lines_are_lines(policy: TextPolicy, text: str) -> None:
    found = cells(scored(policy, text), "line")
    assert found.line.tolist() == [*range(1, len(found) + 1)]
    assert (found.column == 1).all()
    assert all(re.fullmatch("[^\n]*\n?", line) for line in found.texts)


def test_words_are_those_of_the_unit() -> None:
    text = "Don't stop, 中文!\n"
    for unit in ("char", "grapheme", "byte", "word"):
        found = cells(scored(TextPolicy(unit=unit), text), "word")
        assert found.texts == units.get("word").cut(text)
        assert found.column.tolist() == [1, 6, 7, 11, 12, 13, 14, 15, 16]


def test_no_symbol_is_cut() -> None:
    """A flag and a letter with an accent are one symbol each, whatever is asked for."""
    found = cells(scored(TextPolicy(unit="grapheme"), "🇫🇷e\u0301"), "character")
    assert found.texts == ["🇫🇷", "e\u0301"]
    assert found.bits.tolist() == [1, np.sqrt(2)]


def test_bytes_are_gathered_in_characters() -> None:
    scores = scored(TextPolicy(unit="byte"), "é!")
    found = cells(scores, "character")
    assert found.texts == "é!"
    assert found.bits.tolist() == [1 + np.sqrt(2), np.sqrt(3)]
    assert cells(scores).texts == ["\udcc3", "\udca9", "!"]


@pytest.mark.parametrize("units_", [("char", "byte"), ("byte", "word"), ("grapheme", "char")])
@pytest.mark.parametrize("sequence", SEQUENCES)
@given(text=TEXTS)
def test_models_of_two_units_meet(units_: tuple[str, str], sequence: str, text: str) -> None:
    first, second = (
        scored(TextPolicy(unit=unit, sequence=s), text)
        for unit, s in zip(units_, (sequence, "file"), strict=True)
    )
    for by in BY:
        found, bits = difference(first, second, by)
        assert found.bits.sum() == pytest.approx(first.total_bits)
        assert bits.sum() == pytest.approx(second.total_bits)
        assert len(found) == len(bits)
        assert "".join(found.texts) == text or sequence == "line"


def test_differences_by_hand() -> None:
    char, byte = (scored(TextPolicy(unit=unit), "éa") for unit in ("char", "byte"))
    found, bits = difference(char, byte)
    assert found.bits.tolist() == [1, np.sqrt(2)]
    assert bits.tolist() == [1 + np.sqrt(2), np.sqrt(3)]


def test_other_texts_are_not_compared() -> None:
    plain, changed = (scored(p, "ABc") for p in (TextPolicy(), TextPolicy(lowercase=True)))
    with pytest.raises(UsageError, match="do not read the same text"):
        difference(plain, changed)


@pytest.mark.parametrize("unit", UNITS)
def test_real_models_lose_nothing(unit: str) -> None:
    trained = ngram("witten-bell", 2, "line", unit)
    text = as_unit_text(trained.tokenizer.policy, TEXT[:500] + "中 é")
    scores = place(trained, text, bits.score(trained, text))
    for by in BY:
        assert cells(scores, by).bits.sum() == pytest.approx(scores.total_bits)
