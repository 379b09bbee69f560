"""Lines that begin afresh, held against the definition, for every registered model."""

from math import log

import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.errors import UsageError
from charlm.evaluation import bits
from charlm.evaluation.afresh import score_lines, score_texts
from charlm.evaluation.judging import Judge
from charlm.evaluation.reading import Reading
from charlm.model import StaticReader, stepwise
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel
from tests.support.models import MODELS, TEXT, UNSEEN, WORDS, each, make

LINES = UNSEEN + TEXT[:300] + "\n\nno end"


def by_definition(trained: TrainedModel, text: str, given: str = "") -> Float64s:
    """Each line read symbol by symbol, by a reader that has read one line end and what is given."""
    tokenizer = trained.tokenizer
    costs: list[Float64s] = []
    for line in text.split("\n"):
        line += "\n" * (len(costs) < text.count("\n"))
        reader = StaticReader(trained.model)
        if tokenizer.end is None and (before := tokenizer.encode("\n")[0]) != UNKNOWN:
            reader.observe(int(before))
        for symbol in tokenizer.encode(tokenizer.unit.from_typed(given), close_line=False):
            reader.observe(int(symbol))
        ids = tokenizer.encode(line)
        costs.append(tokenizer.spelling_bits(line, ids) - stepwise(reader, ids) / log(2))
    return np.concatenate(costs)


@each([*MODELS, *WORDS])
def test_lines_that_begin_afresh_know_nothing_of_each_other(name: str) -> None:
    trained = make(name)
    scored = score_lines(trained, LINES)
    np.testing.assert_array_equal(scored.ids, trained.tokenizer.encode(LINES))
    np.testing.assert_allclose(scored.bits, by_definition(trained, LINES), rtol=1e-5, atol=1e-5)
    assert scored.spelling.sum() == pytest.approx(bits.score(trained, LINES).spelling.sum())
    if trained.tokenizer.end is not None:  # which begins each line afresh of its own accord
        np.testing.assert_allclose(scored.bits, bits.score(trained, LINES).bits, atol=1e-5)


@each([*MODELS, *WORDS])
def test_what_is_given_stands_before_each_line(name: str) -> None:
    trained = make(name)
    scored = Judge("m", trained, given="To be or n").score(LINES, reset=True)
    expected = by_definition(trained, LINES, "To be or n")
    np.testing.assert_allclose(scored.bits, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-file", "hidden-gru-tanh-line"])
def test_the_order_of_texts_makes_no_difference(name: str) -> None:
    texts = ["It is", "", "zz 中", "a\nb", "It is"]
    there = score_texts(make(name), texts)
    back = score_texts(make(name), texts[::-1])[::-1]
    for one, other in zip(there, back, strict=True):
        np.testing.assert_allclose(one.bits, other.bits, atol=1e-6)
    np.testing.assert_array_equal(there[0].bits, there[-1].bits)


def test_nothing_costs_nothing() -> None:
    assert len(score_lines(make("witten-bell-4-file"), "").bits) == 0
    assert score_texts(make("witten-bell-4-file"), []) == []


def test_a_model_that_learns_from_line_to_line_begins_none_afresh() -> None:
    judge = Judge("m", make("witten-bell-4-file"), Reading.ADAPTIVE)
    with pytest.raises(UsageError, match=r"learns from line to line.*reset='never'"):
        judge.score("a\nb\n", reset=True)
