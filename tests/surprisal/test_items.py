"""Texts of an experiment: words, the blanks beside them, and their bits, by every model."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.evaluation.judging import Judge
from charlm.model import StaticReader, stepwise
from charlm.surprisal.cells import BLANKS
from charlm.surprisal.items import item_cells
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel
from tests.support.models import MODELS, WORDS, each, make

TEXTS = ["The dog barked, and ran.", "It is", "a", "", "  two  blanks ", "中文，字", "one\nmore"]


def cost(trained: TrainedModel, text: str, *, end: bool) -> float:
    """What a text costs by the definition, with or without the end of its line."""
    tokenizer, reader = trained.tokenizer, StaticReader(trained.model)
    if tokenizer.end is None and (before := tokenizer.encode("\n")[0]) != UNKNOWN:
        reader.observe(int(before))
    ids = tokenizer.encode(text, close_line=end)
    log_probs = stepwise(reader, ids)
    bits = tokenizer.spelling_bits(text, tokenizer.encode(text))[: len(ids)]
    return float(bits.sum() - log_probs.sum() / log(2))


@each([*MODELS, *WORDS])
@pytest.mark.parametrize("blank", BLANKS)
def test_the_bits_of_the_words_are_those_of_the_text(name: str, blank: str) -> None:
    trained = make(name)
    found = list(item_cells(Judge(name, trained), TEXTS, blank=blank))
    assert len(found) == len(TEXTS)
    for text, cells in zip(TEXTS, found, strict=True):
        expected = cost(trained, text, end=blank == "trailing")
        np.testing.assert_allclose(cells.bits.sum(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize(
    ("blank", "words"),
    [
        ("leading", ["The", " dog", " barked,", " and", " ran."]),
        ("trailing", ["The ", "dog ", "barked, ", "and ", "ran."]),
        ("own", ["The", " ", "dog", " ", "barked", ",", " ", "and", " ", "ran", "."]),
    ],
)
def test_blanks_count_where_they_are_said_to(blank: str, words: list[str], sequence: str) -> None:
    trained = make(f"witten-bell-4-{sequence}")
    (cells,) = item_cells(Judge("m", trained), TEXTS[:1], blank=blank)
    end = "\n" if sequence == "line" and blank == "trailing" else ""
    assert list(cells.texts) == [*words[:-1], words[-1] + end]
    before = "".join(words[:1])
    both = cost(trained, before + words[1], end=False) - cost(trained, before, end=False)
    assert cells.bits[1] == pytest.approx(both, abs=1e-4)


@given(text=st.text("ab, .\t\n中，'é"))
def test_words_are_what_blanks_separate(text: str) -> None:
    for blank in BLANKS:
        assert "".join(BLANKS[blank](text)) == text
    words = [word.strip() for word in BLANKS["leading"](text) if word.strip()]
    assert words == [word.strip() for word in BLANKS["trailing"](text) if word.strip()]
    if "中" not in text:
        assert words == text.split()


def test_a_trailing_blank_makes_words_a_distribution() -> None:
    """P(word and its end) adds up to one at most over all words; P(blank and word) does not."""
    trained = make("witten-bell-4-line")
    names = [trained.tokenizer.name(i) for i in range(1, trained.tokenizer.vocab_size)]
    words = [a for a in names if a.strip()] + [
        a + b for a in names for b in names if (a + b).split() == [a + b]
    ]
    sums = {}
    for blank in ("leading", "trailing"):
        cells = item_cells(Judge("m", trained), [f"the {word} x" for word in words], blank=blank)
        sums[blank] = sum(2.0 ** -float(one.bits[1]) for one in cells)
    assert sums["trailing"] <= 1
    blank_comes = 2.0 ** (cost(trained, "the", end=False) - cost(trained, "the ", end=False))
    assert sums["leading"] > 1.5 * blank_comes  # though each of these words begins with that blank


@pytest.mark.parametrize("sequence", ["file", "line"])
def test_without_reset_a_model_of_files_reads_on(sequence: str) -> None:
    trained = make(f"witten-bell-4-{sequence}")
    texts = ["It is the", "It is the"]
    first, second = item_cells(Judge("m", trained), texts, reset=False)
    assert np.allclose(first.bits, second.bits) == (sequence == "line")
    reset = list(item_cells(Judge("m", trained), texts))
    np.testing.assert_array_equal(reset[0].bits, reset[1].bits)
