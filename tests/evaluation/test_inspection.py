"""What the tables say must be what the model computes."""

import math

import numpy as np
import pytest

from charlm.evaluation.bits import evaluate
from charlm.evaluation.inspection import chain, next_symbols
from charlm.ngram.model import NgramModel
from charlm.text.tokenizer import TextPolicy
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, NGRAMS, TEXT, each, make, ngram


@each(MODELS)
def test_next_symbols_are_the_likeliest(name: str) -> None:
    trained = make(name)
    found = next_symbols(trained, TEXT[:20], top=7)
    _, state = trained.model.score(trained.tokenizer.encode(TEXT[:20], close_line=False))
    probs = np.exp(trained.model.log_probs(state))
    given = [symbol.probability for symbol in found.symbols]
    np.testing.assert_allclose(given, np.sort(probs)[::-1][:7])
    assert sum(given) + found.rest == pytest.approx(1, abs=1e-5)
    assert (found.contexts is None) == (name not in NGRAMS)


@each(MODELS)
def test_the_chain_is_the_whole_number(name: str) -> None:
    trained = make(name)
    text = TEXT[:30] + "\nQué"
    found = chain(trained, text)
    result = evaluate(trained, text)
    links = found.links
    assert len(links) == result.symbols
    assert links[-1 - (trained.model.end is not None)].symbol.unknown
    if math.isfinite(result.total_bits):
        assert found.total_bits == pytest.approx(result.total_bits, rel=1e-5)
        assert links[-1].log2_product == pytest.approx(-result.total_bits, rel=1e-5)
        assert found.perplexity == pytest.approx(result.perplexity, rel=1e-3)
    else:
        assert found.total_bits is found.perplexity is links[-1].log2_product is None


@each(NGRAMS)
def test_origins_explain_the_probabilities(name: str) -> None:
    """P(x) = weight * P(x | the context that it comes from), of each symbol."""
    model = make(name).model
    assert isinstance(model, NgramModel)
    for history in ("", TEXT[:20], "th", "qz"):
        ids = make(name).tokenizer.encode(history, close_line=False)
        _, state = model.score(ids)
        probs = np.exp(model.log_probs(state))
        orders, weights = model.origins(state)
        assert len(model.weights(state)) == len(state)
        for k in range(len(state) + 1):
            own = np.exp(model.log_probs(state[:k]))
            here = orders == k
            np.testing.assert_allclose(probs[here], weights[here] * own[here], rtol=1e-6)


def test_contexts_are_named_as_they_were_read() -> None:
    trained = ngram("witten-bell", 2, "line")
    symbols = [link.symbol for link in chain(trained, "Fo\nF").links]
    assert [symbol.name for symbol in symbols] == ["F", "o", "</s>", "F", "</s>"]
    assert symbols[0].context == symbols[3].context == ("<s>",)
    assert symbols[1].context in (("<s>", "F"), ("F",), ())
    seen = next_symbols(trained, "x\n", 1).contexts
    assert seen is not None
    assert seen[0].context == ("<s>",)


def test_bytes_are_named_by_their_numbers_and_texts_as_typed() -> None:
    trained = ngram("witten-bell", 2, "file", "byte")
    typed = trained.tokenizer.unit.from_typed("aé")
    found = chain(trained, typed)
    assert [link.symbol.name for link in found.links] == ["a", "\\xc3", "\\xa9"]
    after = next_symbols(trained, typed, 1)
    assert found.text == after.history == "aé"
    seen = next_symbols(fitted("é" * 9, TextPolicy(unit="byte"), 2), typed[1:], 1)
    assert seen.contexts is not None
    assert seen.contexts[-1].context == ("\\xc3", "\\xa9")


def test_a_perplexity_that_is_too_large_is_none() -> None:
    trained = fitted(TEXT[:99], TextPolicy(unit="word"), 1)
    assert chain(trained, 99 * "x").perplexity is None
    assert chain(trained, 9 * "x").perplexity == evaluate(trained, 9 * "x").perplexity


def test_an_empty_text_has_no_perplexity() -> None:
    found = chain(make("witten-bell-1-file"), "")
    assert (found.links, found.total_bits, found.perplexity) == ((), 0.0, None)


def test_a_long_product_underflows_but_its_logarithm_does_not() -> None:
    found = chain(make("witten-bell-1-file"), TEXT[:600])
    assert found.links[-1].product == 0
    assert found.links[-1].log2_product is not None
    assert found.links[-1].log2_product < -1074
