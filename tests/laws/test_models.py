"""The laws of the interface, for every registered model."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from charlm.arrays import Float64s, Ids
from charlm.model import FAMILIES, FeaturedModel, StorableModel
from charlm.rnn.inference import scoring, segments
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import MIXTURES, MODELS, NGRAMS, RNNS, TEXT, UNSEEN, each, make, recurrent

each_model = each(MODELS)


def test_every_family_is_here() -> None:
    kinds = (NGRAMS, RNNS, MIXTURES)
    assert {make(names[0]).model.kind for names in kinds} == set(FAMILIES)


@each_model
def test_distributions_sum_to_one(name: str) -> None:
    trained = make(name)
    model = trained.model
    within = 1e-9 if model.kind == "rnn" else 1e-6  # tables of n-grams are float32, softmax is not
    for history in ("", TEXT[:50], "th", UNSEEN, "\n", "中"):
        _, state = model.score(trained.tokenizer.encode(history, close_line=False))
        log_probs = model.log_probs(state)
        assert log_probs.shape == (model.vocab_size,), history
        assert np.exp(log_probs).sum() == pytest.approx(1, abs=within), history
        assert (log_probs <= 0).all(), history


@each_model
def test_perplexity_is_at_least_one(name: str) -> None:
    trained = make(name)
    for text in ("e" * 300, TEXT[:300] + UNSEEN):
        scored, _ = trained.model.score(trained.tokenizer.encode(text))
        assert (scored <= 0).all(), text


def step_by_step(
    model: StorableModel, ids: Ids, ask: Callable[[Any], Float64s]
) -> tuple[list[Float64s], Any]:
    """What a model says before each symbol, and the state after the last."""
    state, said = model.initial_state(), []
    for symbol in ids.tolist():
        said.append(ask(state))
        state = model.advance(state, symbol)
    return said, state


@each_model
def test_score_is_the_chain_rule_step_by_step(name: str) -> None:
    trained = make(name)
    model = trained.model
    ids = trained.tokenizer.encode(TEXT[:300] + UNSEEN)
    rows, state = step_by_step(model, ids, model.log_probs)
    expected = [row[symbol] for row, symbol in zip(rows, ids, strict=True)]
    scored, after = model.score(ids)
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(model.log_probs(after), model.log_probs(state), atol=1e-5)


@each_model
def test_distributions_are_those_step_by_step(name: str) -> None:
    trained = make(name)
    model = trained.model
    ids = trained.tokenizer.encode(TEXT[:100] + UNSEEN)
    expected, state = step_by_step(model, ids, model.log_probs)
    rows, after = model.distributions(ids, model.initial_state())
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(model.log_probs(after), model.log_probs(state), atol=1e-5)


@each_model
def test_features_are_those_step_by_step(name: str) -> None:
    trained = make(name)
    model = trained.model
    if not isinstance(model, FeaturedModel):
        assert model.kind != "ngram"
        return
    ids = trained.tokenizer.encode(TEXT[:100] + UNSEEN)
    expected, _ = step_by_step(model, ids, model.features)
    np.testing.assert_array_equal(model.features_before(ids, model.initial_state()), expected)
    assert np.isfinite(expected).all()


@each_model
def test_scoring_in_pieces_changes_nothing(name: str) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(TEXT[:200] + UNSEEN)
    whole, _ = trained.model.score(ids)
    state, pieces = trained.model.initial_state(), []
    for low in range(0, len(ids), 37):
        scored, state = trained.model.score(ids[low : low + 37], state)
        pieces.append(scored)
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=0, atol=1e-5)


@each(RNNS)
def test_segments_side_by_side_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trained, model = make(name), recurrent(name)
    ids = trained.tokenizer.encode(TEXT[:600] + UNSEEN)
    whole, after = model.score(ids)
    monkeypatch.setattr(scoring, "SHORTEST", 40)
    monkeypatch.setattr(segments, "PIECE_STEPS", 10)
    monkeypatch.setattr(scoring, "LEAD", 5)
    scored, after_segments = model.score(ids)
    np.testing.assert_allclose(scored, whole, rtol=0, atol=1e-4)
    rows, _ = model.distributions(ids, model.initial_state())
    np.testing.assert_allclose(rows[np.arange(len(ids)), ids], whole, rtol=0, atol=1e-4)
    for a, b in zip(after, after_segments, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)


@each_model
def test_many_sequences_are_scored_as_each_by_itself(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("charlm.ngram.inference.scoring.BLOCK_SYMBOLS", 50)
    trained = make(name)
    lines = ["", *(TEXT[:600] + UNSEEN).split("\n"), "", "a"]
    encoded = [trained.tokenizer.encode(line, close_line=False) for line in lines]
    lengths = np.array([len(ids) for ids in encoded])
    found = trained.model.score_each(np.concatenate(encoded), lengths)
    expected = np.concatenate([trained.model.score(ids)[0] for ids in encoded])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert len(trained.model.score_each(np.empty(0, np.int32), np.zeros(2, np.int64))) == 0


@each_model
def test_scoring_nothing_changes_nothing(name: str) -> None:
    trained = make(name)
    _, state = trained.model.score(trained.tokenizer.encode("abc", close_line=False))
    scored, after = trained.model.score(np.empty(0, np.int32), state)
    assert len(scored) == 0
    before = trained.model.log_probs(state)
    np.testing.assert_array_equal(trained.model.log_probs(after), before)


@each_model
def test_advance_leaves_its_argument_alone(name: str) -> None:
    model = make(name).model
    state = model.advance(model.initial_state(), 3)
    kept = copy.deepcopy(state)
    before = model.log_probs(state)
    for symbol in (UNKNOWN, 5, model.vocab_size - 1):
        model.advance(state, symbol)
        model.score(np.array([symbol, 2], np.int32), state)
    np.testing.assert_array_equal(model.log_probs(state), before)
    np.testing.assert_equal(state, kept)


@each_model
def test_end_starts_anew(name: str) -> None:
    model = make(name).model
    if model.end is None:
        assert "-file" in name
        return
    state = model.advance(model.advance(model.initial_state(), 4), model.end)
    np.testing.assert_equal(state, model.initial_state())


@each_model
def test_reading_matters(name: str) -> None:
    """Other histories give other distributions, but for order 0."""
    trained = make(name)
    ids = trained.tokenizer.encode(TEXT[:300], close_line=False)
    states = [trained.model.score(ids[:end])[1] for end in (50, 60)]
    a, b = (trained.model.log_probs(state) for state in states)
    assert np.array_equal(a, b) == ("-0-" in name)
