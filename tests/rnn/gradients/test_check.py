"""Gradients: beside naive networks, beside numeric ones; and a broken one must be caught."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.check import check_gradients, relative_error
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import NETWORKS, Window
from tests.rnn import naive
from tests.rnn.setting import CONFIGURATIONS, Setting, learn, setting

TOLERANCE = 1e-6
each_network = pytest.mark.parametrize("name", CONFIGURATIONS)


@each_network
def test_loss_gradients_and_state_agree_with_a_naive_network(name: str) -> None:
    config = CONFIGURATIONS[name]
    case = setting(config)
    _, parameters, inputs, targets, first = case
    expected_loss, expected_state = naive.loss(parameters, config, inputs, targets, first)
    expected = naive.gradients(
        lambda p: naive.loss(p, config, inputs, targets, first)[0], parameters
    )
    loss, gradients, state = learn(case)
    assert loss == pytest.approx(expected_loss.real, rel=1e-10)
    for part, expected_part in zip(state, expected_state, strict=True):
        np.testing.assert_allclose(part, expected_part.real, rtol=1e-10, atol=1e-12)
    for letter, array in gradients.items():
        np.testing.assert_allclose(array, expected[letter], rtol=1e-10, atol=1e-12)


@each_network
def test_gradients_match_numeric_ones(name: str) -> None:
    errors = check_gradients(*setting(replace(CONFIGURATIONS[name], hidden=2)))
    assert max(errors.values()) < TOLERANCE, errors


BREAKABLE = {
    pattern: RnnConfig(pattern, hidden=2, layers=1 if pattern == "output" else 2, context=3)
    for pattern in NETWORKS
}


@pytest.mark.parametrize(
    ("pattern", "broken"),
    [(name, letter) for name in NETWORKS for letter in setting(BREAKABLE[name]).parameters],
)
def test_a_broken_gradient_is_caught(
    pattern: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousandth too much in one element of one parameter."""
    case = setting(BREAKABLE[pattern])
    kind = type(case.network.unroll(1, 1, np.float64))
    learn: Callable[..., Any] = kind.learn

    def spoilt(self: object, parameters: Parameters, *window: Any) -> Any:
        result, gradient = learn(self, parameters, *window), window[-1][broken]
        gradient.flat[abs(gradient).argmax()] *= 1.001
        return result

    monkeypatch.setattr(kind, "learn", spoilt)
    errors = check_gradients(*case)
    assert {name for name, error in errors.items() if error > TOLERANCE} == {broken}


@each_network
def test_float32_stays_float32(name: str) -> None:
    network, parameters, inputs, targets, state = setting(CONFIGURATIONS[name])
    small = Parameters.of(parameters)
    state = tuple(part if part.dtype == np.int32 else part.astype(np.float32) for part in state)
    loss, gradients, after = learn(Setting(network, small, inputs, targets, state))
    assert loss == pytest.approx(learn(setting(CONFIGURATIONS[name]))[0], rel=1e-5)
    assert gradients.flat.dtype == np.float32
    assert {part.dtype for part in after} <= {np.dtype(np.float32), np.dtype(np.int32)}


@each_network
def test_windows_carry_the_state(name: str) -> None:
    network, parameters, inputs, _, state = setting(CONFIGURATIONS[name])
    streams = inputs.shape[1]
    whole, end = network.unroll(len(inputs), streams, np.float64).read(parameters, inputs, state)
    pieces = []
    for piece in (inputs[:2], inputs[2:]):
        unrolled = network.unroll(len(piece), streams, np.float64)
        hidden, state = unrolled.read(parameters, piece, state)
        pieces.append(hidden)
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=1e-12)
    for part, expected in zip(state, end, strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)


@each_network
def test_buffers_remember_nothing(name: str) -> None:
    network, parameters, inputs, targets, state = setting(CONFIGURATIONS[name])
    used = network.unroll(len(inputs), inputs.shape[1], np.float64)
    gradients = Parameters(network.shapes(), np.float64)
    results = []
    for read in (inputs, inputs[::-1], inputs):
        loss, after, _ = used.learn(parameters, Window(read, targets), state, gradients)
        results.append((loss, gradients.flat.tobytes(), [part.tobytes() for part in after]))
    assert results[0] == results[2] != results[1]


def test_relative_error() -> None:
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(0 * a, 0 * a) == 0
