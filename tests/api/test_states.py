"""States for decoders: of every registered model, by hand and by a beam search over all texts."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest

import charlm
from tests.support.models import MODELS, TEXT, UNSEEN, WORDS, each, make

LINES = "anna\nhanna\njohanna\n" * 9


@each([*MODELS, *WORDS])
def test_states_follow_the_chain_rule(name: str) -> None:
    """Along a text, the log-probabilities of its symbols are what `score` says they cost."""
    model = charlm.Model(make(name))
    text = TEXT[:20] + UNSEEN
    symbols, bits = model.score(text)
    unknown = set(make(name).tokenizer.unknown_symbols(text))
    states, costs = [model.start(), model.start()], []
    for symbol in symbols:
        rows = model.log_probs(states)
        assert rows.shape == (2, len(model.symbols))
        np.testing.assert_allclose(rows[0], rows[1], rtol=0, atol=1e-5)
        shown = "</s>" if symbol == "\n" and "</s>" in model.symbols else symbol
        column = 0 if symbol in unknown else model.symbols.index(shown)
        costs.append(-rows[0, column] / np.log(2))
        states = model.advance(states, [symbol, shown])
    known = np.array([symbol not in unknown for symbol in symbols])
    np.testing.assert_allclose(np.array(costs)[known], bits[known], rtol=0, atol=1e-4)
    assert (bits[~known] >= np.array(costs)[~known] - 1e-4).all()


@each(MODELS)
def test_states_are_values(name: str) -> None:
    model = charlm.Model(make(name))
    state = model.start("To b")
    assert state == model.start("To b")
    assert hash(state) == hash(model.start("To b"))
    assert state != 3
    assert (state != model.start("Q")) == ("-0-" not in name)
    kept = model.log_probs([state])
    advanced = model.advance([state, state], "ex")
    np.testing.assert_array_equal(model.log_probs([state]), kept)
    for twin in (pickle.loads(pickle.dumps(advanced)), copy.deepcopy(advanced)):
        assert twin == advanced
        assert {*twin} == {*advanced}
        np.testing.assert_array_equal(model.log_probs(twin), model.log_probs(advanced))


def test_a_history_is_read_as_a_prompt() -> None:
    model = charlm.train_ngram(LINES, order=3, sequence="line")
    state = model.start()
    for symbol in "han":
        (state,) = model.advance([state], symbol)
    assert state == model.start("han")
    assert model.start("anna\n") == model.start()


def test_a_search_over_all_texts_finds_what_is_likeliest() -> None:
    """Every text of four symbols, scored through states and by `score`."""
    model = charlm.train_ngram(LINES, order=3, sequence="line")
    letters = "ahjno"
    beams, texts, sums = [model.start()], [""], np.zeros(1)
    for _ in range(4):
        rows = model.log_probs(beams)
        columns = [model.symbols.index(letter) for letter in letters]
        sums = (sums[:, None] + rows[:, columns]).ravel()
        pairs = list(product(range(len(beams)), letters))
        texts = [texts[b] + letter for b, letter in pairs]
        beams = model.advance([beams[b] for b, _ in pairs], [letter for _, letter in pairs])
    found = model.score_many(texts)
    alone = np.array([scored.bits[:-1].sum() for scored in found])
    np.testing.assert_allclose(-sums / np.log(2), alone, atol=1e-9)
    assert texts[sums.argmax()] in ("anna", "hann")


def test_bytes_are_named_as_they_are_shown_or_typed() -> None:
    model = charlm.train_ngram("é" * 99, unit="byte", order=2)
    assert model.advance([model.start()], ["\\xc3"]) == model.advance([model.start()], ["\xc3"])


def test_no_states_have_no_successors() -> None:
    model = charlm.train_rnn(LINES, hidden=4, steps=2)
    assert model.advance([], []) == []
    assert model.log_probs([]).shape == (0, len(model.symbols))


def test_what_is_no_symbol_for_each_state_is_refused() -> None:
    model = charlm.train_ngram(LINES)
    for symbols, message in (("ab", "1 states and 2 symbols"), ([3], "strings"), (3, "strings")):
        with pytest.raises(charlm.UsageError, match=message):
            model.advance([model.start()], symbols)  # type: ignore[arg-type]
    with pytest.raises(charlm.UsageError, match="history is a string"):
        model.start(3)  # type: ignore[arg-type]


@each(MODELS)
def test_candidates_are_ranked_by_what_they_cost_after_what_is_given(name: str) -> None:
    model = charlm.Model(make(name))
    candidates = ["be", "zz", "the", "be"]
    ranked = model.rank(candidates, given="To ")
    costs = [float(model.score(text, given="To ").bits.sum()) for text in candidates]
    expected = sorted(range(4), key=costs.__getitem__)
    assert [one.text for one in ranked] == [candidates[i] for i in expected]
    np.testing.assert_allclose([one.bits for one in ranked], sorted(costs), rtol=1e-5)
    if np.isfinite(costs).any():
        shares = 2.0 ** (min(costs) - np.array([one.bits for one in ranked]))
        np.testing.assert_allclose([one.share for one in ranked], shares / shares.sum(), atol=1e-5)
    per_char = model.rank(candidates, given="To ", per_char=True)
    rates = [one.bits / one.chars for one in per_char]
    assert rates == sorted(rates)
