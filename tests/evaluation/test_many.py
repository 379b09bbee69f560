"""Many texts cost what each costs alone."""

import numpy as np
import pytest

from charlm.evaluation import bits, many
from charlm.evaluation.many import score_many
from charlm.progress import Progress
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.units import UNITS
from charlm.trained import TrainedModel
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, TEXT, UNSEEN, WORDS, each, make

STRINGS = [
    "", "To be", "To be", "To bee", "a", "", "\n", "a\nb", "a\n", UNSEEN, "中文", "ten chars!",
    *TEXT[:600].split("\n"), TEXT[:300], "",
]  # fmt: skip


def as_read(trained: TrainedModel, texts: list[str]) -> list[str]:
    unit = trained.tokenizer.unit
    return [Document("t", text.encode()).text(unit) for text in texts]


def agrees(trained: TrainedModel, texts: list[str], *, within: float) -> None:
    """Bits, characters and symbols of each text are those of the text by itself."""
    read = as_read(trained, texts)
    found = score_many(trained, read)
    alone = [bits.score(trained, text) for text in read]
    summed = [bits.sum_up(trained, *pair) for pair in zip(read, alone, strict=True)]
    each_alone = np.concatenate([scored.bits for scored in alone])
    np.testing.assert_allclose(found.each, each_alone, rtol=within, atol=within)
    totals = [one.total_bits for one in summed]
    np.testing.assert_allclose(found.bits, totals, rtol=1e-12, atol=within * 300)
    assert found.chars.tolist() == [one.chars for one in summed]
    assert found.symbols.tolist() == [one.symbols for one in summed]


@each(MODELS)
def test_many_texts_cost_what_each_costs_alone(name: str) -> None:
    trained = make(name)
    agrees(trained, STRINGS, within=0 if trained.model.kind == "ngram" else 1e-6)


@pytest.mark.parametrize("name", WORDS)
def test_many_texts_of_words_cost_what_each_costs_alone(name: str) -> None:
    agrees(make(name), STRINGS, within=0)


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("unit", UNITS)
def test_so_they_do_in_every_unit(unit: str, sequence: str) -> None:
    agrees(fitted(TEXT, TextPolicy(unit=unit, sequence=sequence), 3), STRINGS, within=0)


@pytest.mark.parametrize(
    "policy",
    [
        TextPolicy(lowercase=True, sequence="line"),
        TextPolicy(normalize="NFKC"),
        TextPolicy(newlines="lf"),
        TextPolicy(unit="grapheme", normalize="NFC", newlines="lf"),
    ],
)
def test_no_text_is_changed_by_its_neighbours(policy: TextPolicy) -> None:
    texts = ["e", "\u0301a", "a\r", "\nb", "ΟΔΟΣ", "Σ", "\r\n", "ﬁ", "x\r\n\r\n"]
    agrees(fitted(TEXT + "e\u0301ﬁ\r\nσς", policy, 3), texts, within=0)


def test_bytes_that_are_no_text_are_characters_by_themselves() -> None:
    trained = fitted("abc", TextPolicy(unit="byte"))
    found = score_many(trained, ["é".encode().decode("latin-1"), "\xff\xfe", "a\xe4", ""])
    assert found.chars.tolist() == [1, 2, 2, 0]
    assert found.symbols.tolist() == [2, 2, 2, 0]


def test_nothing_costs_nothing() -> None:
    for texts in ([], [""], ["", ""]):
        found = score_many(make("witten-bell-1-file"), texts)
        assert found.bits.tolist() == found.chars.tolist() == [0] * len(texts)


def test_pieces_change_nothing_and_report(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = make("modified-kneser-ney-4-line")
    whole = score_many(trained, STRINGS)
    monkeypatch.setattr(many, "CHARS_PER_PIECE", 50)
    monkeypatch.setattr(many, "LONG", 100)
    reports: list[Progress] = []
    found = score_many(trained, STRINGS, reports.append)
    np.testing.assert_array_equal(found.each, whole.each)
    np.testing.assert_array_equal(found.bits, whole.bits)
    assert len(reports) > 5
    assert (reports[-1].done, reports[-1].total) == (len(STRINGS), len(STRINGS))


@each([*MODELS, *WORDS])
def test_what_is_given_costs_nothing(name: str) -> None:
    """Both together cost what is given, and the text given that."""
    trained = make(name)
    given, texts = TEXT[:30] + "x", [" be", "", "中y", "e\n", TEXT[100:140]]
    found = score_many(trained, texts, given=given)
    together = [bits.score(trained, given + text).bits for text in texts]
    ends = np.cumsum(found.symbols)
    for i, whole in enumerate(together):
        own = found.each[ends[i] - found.symbols[i] : ends[i]]
        np.testing.assert_allclose(own, whole[len(whole) - len(own) :], rtol=1e-6, atol=1e-6)
        assert found.bits[i] == pytest.approx(own.sum())
    assert found.chars.tolist() == list(map(len, texts))
    if trained.tokenizer.unit.is_single:
        closes = trained.tokenizer.end is not None
        expected = [len(text) + (closes and not text.endswith("\n")) for text in texts]
        assert found.symbols.tolist() == expected


@pytest.mark.parametrize(
    ("unit", "given", "text", "symbols"),
    [
        ("char", "the ", "cat", 3),
        ("byte", "thé ".encode().decode("latin-1"), "cat", 3),
        ("word", "the c", "at", 1),  # a word that begins in what is given
        ("word", "the ", "cat sat", 3),
        ("token", "the ", "cat sat", 2),
        ("token", "the", " cat", 1),
        ("grapheme", "e", "\u0301x", 2),
    ],
)
def test_a_symbol_belongs_to_where_it_ends(unit: str, given: str, text: str, symbols: int) -> None:
    trained = fitted(TEXT, TextPolicy(unit=unit), 2)
    assert score_many(trained, [text], given=given).symbols.tolist() == [symbols]
