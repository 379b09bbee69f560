"""Streams read as the model does, and what is drawn from them follows their distribution."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from charlm.arrays import Floats
from charlm.rnn.inference.drawing import PassStream, Stream, are_bounded, draws, open_stream
from charlm.rnn.layers.loss import log_probs_of_all
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import RNNS, each, recurrent

START, END = 5, 4


@pytest.mark.parametrize("opened", [open_stream, PassStream])
@each(RNNS)
def test_a_stream_reads_as_the_model_does(name: str, opened: Callable[..., Stream]) -> None:
    model = recurrent(name)
    start, state = model.vocab_size, model.advance(model.initial_state(), 5)
    stream = opened(model.network, model.parameters, state)
    for symbol in (None, 3, 7, start, 2, 2, UNKNOWN, 9):
        if symbol is not None:
            stream.read(symbol)
            state = model.advance(state, symbol) if symbol != start else model.initial_state()
        expected = model.log_probs(state)
        found = log_probs_of_all(stream.logits, model.reserve)
        np.testing.assert_allclose(found, expected, atol=1e-5)


class Constant:
    """Expects the same whatever it reads."""

    def __init__(self, logits: Floats, bounded: bool):
        self.logits, self.bounded = logits, bounded
        self.heard: list[int] = []

    def read(self, symbol: int) -> None:
        self.heard.append(symbol)


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("level", [-200.0, 0.0, 500.0])  # e^500 is no float32
def test_draws_follow_the_softmax(level: float, bounded: bool) -> None:
    """Chi-square of 20,000 draws, with 3 degrees of freedom: 16.3 is exceeded once in 1,000."""
    logits = level + np.log(np.array([100.0, 1.0, 2.0, 3.0, 4.0], np.float32))
    stream, rng = Constant(logits, bounded), np.random.default_rng(0)
    drawn = list(islice(draws(stream, END, START, rng), 20_000))
    expected = 20_000 * np.array([0.1, 0.2, 0.3, 0.4])
    seen = np.bincount(drawn, minlength=5)
    assert seen[UNKNOWN] == 0  # the likeliest here, and never drawn
    assert np.sum((seen[1:] - expected) ** 2 / expected) < 16.3
    assert stream.heard == [START if symbol == END else symbol for symbol in drawn[:-1]]


@pytest.mark.parametrize("name", ["hidden-lstm-tanh-file", "output-elman-linear-trace-line"])
def test_a_sure_network_draws_what_it_is_sure_of(name: str) -> None:
    """Logits of some hundreds: exp would not fit float32."""
    model = recurrent(name)
    c = np.zeros_like(model.parameters["c"])
    c[7] = 400.0
    sure = replace(model, parameters={**model.parameters, "c": c})
    drawn = list(islice(sure.draws(sure.initial_state(), np.random.default_rng(0)), 20))
    assert set(drawn) == {7}


def test_what_bounds_logits() -> None:
    """Hidden units between -1 and 1, and the sums of V's rows."""
    model = recurrent("hidden-lstm-tanh-file")
    assert are_bounded(model.network, model.parameters)
    wide = {**model.parameters, "V": 1e6 * model.parameters["V"]}
    assert not are_bounded(model.network, wide)
    assert not are_bounded(recurrent("hidden-elman-relu-file").network, model.parameters)
