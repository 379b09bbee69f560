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
