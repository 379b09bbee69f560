"""Totals of probabilities: those of models are one, those of files may not be, and that is seen."""

import re

import numpy as np
import pytest

from charlm.ngram.arpa.excess import find_excess
from charlm.ngram.arpa.writing import write
from charlm.ngram.model import NgramModel
from tests.ngram.arpa.test_dialects import ABC, WORDS, imported
from tests.support.models import NGRAMS, each, make

DECIMALS = 9  # with which charlm writes


def largest_total(model: NgramModel) -> float:
    """Go to every history there is, and add up."""
    totals = []
    for history in np.ndindex(*[model.vocab_size] * model.order):
        state = model.initial_state()
        totals.append(np.exp(model.log_probs(state)).sum())
        for symbol in history:
            state = model.advance(state, symbol)
            totals.append(np.exp(model.log_probs(state)).sum())
    return float(max(totals))


@each(NGRAMS)
def test_models_made_from_counts_are_distributions(name: str) -> None:
    model = make(name).model
    assert isinstance(model, NgramModel)
    assert find_excess(model.tables, DECIMALS) is None


@pytest.mark.parametrize("raised", ["-0.2\t<s> a b", "-0.5\tb a\t", "-0.8\tb\t", "-1.5\t<unk>"])
def test_the_total_is_that_of_the_worst_history(raised: str) -> None:
    assert imported(ABC).excess is None
    found = imported(ABC.replace(raised, raised.replace("-0.", "-0.0").replace("-1.5", "-0.01")))
    assert found.excess is not None
    assert found.excess.total == pytest.approx(largest_total(found.model), abs=1e-6)
    state = found.model.initial_state() if found.excess.history[:1] == (5,) else ()
    for symbol in found.excess.history[bool(state) :]:
        state = found.model.advance(state, symbol)
    total = np.exp(found.model.log_probs(state)).sum()
    assert total == pytest.approx(found.excess.total, abs=1e-6)


def test_a_file_of_lmplz_is_a_distribution() -> None:
    assert imported(WORDS).excess is None


@pytest.mark.parametrize("digits", [1, 2, 4, 6])
def test_rounded_numbers_are_no_excess(digits: int) -> None:
    """A file with few digits is right to those digits."""
    trained = make("modified-kneser-ney-4-line")
    assert isinstance(trained.model, NgramModel)
    text = "".join(write(trained.model, trained.tokenizer.vocabulary.symbols))
    rounded = re.sub(r"-?\d+\.\d{9}", lambda found: f"{float(found[0]):.{digits}f}", text)
    assert imported(rounded).excess is None
