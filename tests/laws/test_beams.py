"""Histories side by side: what a model says of each alone, for every registered model."""

import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import MODELS, TEXT, UNSEEN, WORDS, each, make

HISTORIES = ["", "T", TEXT[:40], "the ", UNSEEN, "\n", "中", "the "]


def agree(found: Float64s, expected: Float64s, within: float = 1e-5) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=within)


@each([*MODELS, *WORDS])
def test_beams_say_what_each_history_says_alone(name: str) -> None:
    trained = make(name)
    model = trained.model
    states = []
    for history in HISTORIES:
        ids = trained.tokenizer.encode(history, close_line=False)
        states.append(model.score(ids, model.initial_state())[1])
    beams = model.beams(states)
    last = model.vocab_size - 1
    for symbols in ([1, 2, 3, 4, 5, 6, UNKNOWN, last], [last, 1, 7, 7, UNKNOWN, 3, 2, 1]):
        assert len(beams) == len(states)
        expected = [model.log_probs(state) for state in states]
        agree(beams.log_probs(), np.array(expected))
        beams = beams.advance(np.array(symbols, np.int32))
        states = [model.advance(*pair) for pair in zip(states, symbols, strict=True)]
    for state, own in zip(states, beams.states(), strict=True):
        agree(model.log_probs(own), model.log_probs(state))
    again = model.beams(beams.states())
    np.testing.assert_array_equal(again.log_probs(), beams.log_probs())


@each(MODELS)
def test_beams_are_values_that_are_taken_apart(name: str) -> None:
    model = make(name).model
    first = model.beams([model.initial_state()])
    before = first.log_probs()
    three = first.take(np.array([0, 0, 0])).advance(np.array([1, 2, 1], np.int32))
    np.testing.assert_array_equal(first.log_probs(), before)
    rows = three.log_probs()
    agree(rows[0], rows[2], 1e-6)
    turned = three.take(np.array([2, 1, 0, 1]))
    agree(turned.log_probs(), rows[[2, 1, 0, 1]], 1e-6)
    assert len(turned) == len(turned.states()) == 4


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("modified")])
def test_beams_of_ngrams_come_to_the_very_states(name: str) -> None:
    model = make(name).model
    beams = model.beams([model.initial_state()] * model.vocab_size)
    symbols = np.arange(model.vocab_size, dtype=np.int32)
    states = [model.initial_state()] * model.vocab_size
    for _ in range(3):
        beams = beams.advance(symbols)
        states = [model.advance(*pair) for pair in zip(states, symbols.tolist(), strict=True)]
        assert beams.states() == states
        symbols = symbols[::-1]
