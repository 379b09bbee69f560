"""Gradients: numeric, closed-form, and a naive loop; and a broken one must be caught."""

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np
import pytest

from charlm.arrays import Arrays, Float64s, Floats, Ids
from charlm.rnn import cells, networks
from charlm.rnn.bptt import unroll
from charlm.rnn.cells import CELLS, Backward, Cell, State
from charlm.rnn.cells.elman import ACTIVATIONS
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradient_check import check_gradients, relative_error
from charlm.rnn.networks import NETWORKS, Network
from charlm.rnn.networks.hidden import HiddenNetwork, sum_by_symbol

V, H, T, B = 5, 4, 7, 3
TOLERANCE = 1e-6

each_network = pytest.mark.parametrize(
    ("pattern", "cell", "activation"), list(product(NETWORKS, CELLS, ACTIVATIONS))
)


def setting(
    pattern: str = "hidden", cell: str = "elman", activation: str = "tanh", seed: int = 0
) -> tuple[Network, Arrays, Ids, Ids, State]:
    """A small network in float64, random everywhere; sequences start inside the window too."""
    rng = np.random.default_rng(seed)
    network = networks.get(V, RnnConfig(pattern, cell, activation, H))
    parameters = network.initialize(rng)
    for array in parameters.values():
        array += 0.3 * rng.standard_normal(array.shape)  # off zero, off relu's kink
    inputs = rng.integers(0, V, (T, B)).astype(np.int32)
    inputs[0, 1] = inputs[3, 0] = V
    targets = rng.integers(0, V, (T, B)).astype(np.int32)
    state = tuple(
        0.5 * rng.standard_normal(part.shape)
        for part in network.zero_state(B, np.dtype(np.float64))
    )
    return network, parameters, inputs, targets, state


@each_network
def test_gradients_match_numeric_ones(pattern: str, cell: str, activation: str) -> None:
    errors = check_gradients(*setting(pattern, cell, activation))
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("broken", ["U", "W", "b", "V", "c"])
def test_a_broken_gradient_is_caught(broken: str) -> None:
    _, parameters, inputs, targets, state = setting()

    class Broken(HiddenNetwork):
        def gradients(
            self, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
        ) -> tuple[float, Arrays, State]:
            loss, gradients, state = super().gradients(parameters, inputs, targets, state)
            gradients[broken].flat[abs(gradients[broken]).argmax()] *= 1.001
            return loss, gradients, state

    errors = check_gradients(Broken(V, RnnConfig(hidden=H)), parameters, inputs, targets, state)
    assert {name for name, error in errors.items() if error > TOLERANCE} == {broken}


Function = Callable[[Float64s], Float64s]
NAIVE: dict[str, tuple[Function, Function]] = {
    "tanh": (lambda a: np.tanh(a), lambda a: 1 - np.tanh(a) ** 2),
    "relu": (lambda a: np.maximum(a, 0), lambda a: np.where(a > 0, 1.0, 0.0)),
    "linear": (lambda a: a, lambda a: np.ones_like(a)),
}


def naive_elman(
    p: Arrays, inputs: Ids, targets: Ids, h: Float64s, activation: str
) -> tuple[float, Arrays]:
    """Loss and gradients of one network, stream by stream, step by step, from the formulas."""
    f, slope = NAIVE[activation]
    gradients = {name: np.zeros_like(array) for name, array in p.items()}
    steps, streams = inputs.shape
    total = 0.0
    for s in range(streams):
        states, sums, outputs = [h[:, s]], [], []
        for t in range(steps):
            if inputs[t, s] == V:
                states[-1] = np.zeros(H)
            a = p["W"] @ states[-1] + p["U"][:, inputs[t, s]] + p["b"]
            o = p["V"] @ f(a) + p["c"]
            outputs.append(np.exp(o) / np.exp(o).sum())
            total -= np.log(outputs[-1][targets[t, s]]) / (steps * streams)
            sums.append(a)
            states.append(f(a))
        d_h = np.zeros(H)
        for t in reversed(range(steps)):
            d_o = outputs[t] - np.eye(V)[targets[t, s]]
            d_o /= steps * streams
            d_a = (d_h + p["V"].T @ d_o) * slope(sums[t])
            gradients["V"] += np.outer(d_o, f(sums[t]))
            gradients["c"] += d_o
            gradients["W"] += np.outer(d_a, states[t])
            gradients["U"][:, inputs[t, s]] += d_a
            gradients["b"] += d_a
            d_h = p["W"].T @ d_a if inputs[t, s] != V else np.zeros(H)
    return total, gradients


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_loss_and_gradients_agree_with_a_naive_loop(activation: str) -> None:
    network, parameters, inputs, targets, state = setting(activation=activation)
    loss, gradients, _ = network.gradients(parameters, inputs, targets, state)
    expected_loss, expected = naive_elman(
        parameters, inputs, targets, state[0].astype(np.float64), activation
    )
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    for name, array in expected.items():
        np.testing.assert_allclose(gradients[name], array, rtol=1e-9, atol=1e-14)


def test_linear_network_follows_the_closed_form() -> None:
    """dL/dh_t = sum_(i=t..T) (W^T)^(T-i) V^T dL/do_(T+t-i), with no sequence start inside."""
    rng = np.random.default_rng(1)
    W, V_out = rng.standard_normal((H, H)), rng.standard_normal((V, H))
    d_o = rng.standard_normal((T, V, B))
    inputs = rng.standard_normal((T, H, B))
    never = np.zeros((T, B), bool)
    _, _, back = unroll(cells.get("elman", "linear"), W, inputs, (np.zeros((H, B)),), never)
    d_a, _ = back(V_out.T @ d_o)  # dL/da_t = dL/dh_t, as f is linear
    power = np.linalg.matrix_power
    for t in range(1, T + 1):
        terms = [power(W.T, T - i) @ V_out.T @ d_o[T + t - i - 1] for i in range(t, T + 1)]
        np.testing.assert_allclose(d_a[t - 1], sum(terms), rtol=1e-9)


@pytest.mark.parametrize(("gain", "grows"), [(0.5, False), (1.5, True)])
def test_gradients_vanish_or_explode_with_the_singular_values(gain: float, grows: bool) -> None:
    lags = 30
    W = gain * np.linalg.qr(np.random.default_rng(0).standard_normal((H, H)))[0]
    d_h = np.zeros((lags + 1, H, 1))
    d_h[-1] = 1.0
    never = np.zeros((lags + 1, 1), bool)
    zeros = np.zeros_like(d_h)
    _, _, back = unroll(cells.get("elman", "linear"), W, zeros, (np.zeros((H, 1)),), never)
    norms = np.linalg.norm(back(d_h)[0][:, :, 0], axis=1)
    np.testing.assert_allclose(norms[0], norms[-1] * gain**lags)
    assert (norms[0] > norms[-1]) == grows


def test_large_values_alone_need_not_explode() -> None:
    """A nilpotent W has a singular value of 10, and forgets everything after two steps."""
    W = np.array([[0.0, 10.0], [0.0, 0.0]])
    d_h = np.zeros((4, 2, 1))
    d_h[-1] = 1.0
    never = np.zeros((4, 1), bool)
    linear = cells.get("elman", "linear")
    _, _, back = unroll(linear, W, np.zeros_like(d_h), (np.zeros((2, 1)),), never)
    assert back(d_h)[0][:, :, 0].tolist() == [[0, 0], [0, 0], [0, 10], [1, 1]]


@each_network
def test_float32_stays_float32(pattern: str, cell: str, activation: str) -> None:
    network, parameters, inputs, targets, state = setting(pattern, cell, activation)
    small = {name: array.astype(np.float32) for name, array in parameters.items()}
    state = tuple(part.astype(np.float32) for part in state)
    _, gradients, after = network.gradients(small, inputs, targets, state)
    for array in (*gradients.values(), *after):
        assert array.dtype == np.float32


def test_float32_stays_float32_on_the_way_back() -> None:
    W, zeros = np.eye(H, dtype=np.float32), np.zeros((T, H, B), np.float32)
    seen: list[np.dtype[np.floating]] = []

    def step(inputs: Floats, recurrent: Floats, state: State) -> tuple[State, Backward]:
        after, backward = cells.get("elman", "tanh").step(inputs, recurrent, state)

        def spying(d_state: State) -> tuple[Floats, Floats, State]:
            seen.extend(part.dtype for part in d_state)
            return backward(d_state)

        return after, spying

    never = np.zeros((T, B), bool)
    _, _, back = unroll(Cell(1, 1, step), W, zeros, (zeros[0],), never)
    back(zeros)
    assert set(seen) == {np.dtype(np.float32)}


def test_windows_carry_the_state() -> None:
    network, parameters, inputs, _, state = setting()
    whole, _ = network.hidden(parameters, inputs, state)
    first, between = network.hidden(parameters, inputs[:4], state)
    second, _ = network.hidden(parameters, inputs[4:], between)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-12)


@pytest.mark.parametrize("size", [V + 1, 600])
def test_columns_are_summed_by_symbol(size: int) -> None:
    """By one-hot product for few symbols, by sorting for many."""
    rng = np.random.default_rng(0)
    values, symbols = rng.standard_normal((T, H, B)), rng.integers(0, V, (T, B))
    expected = np.zeros((H, size))
    for t, b in np.ndindex(T, B):
        expected[:, symbols[t, b]] += values[t, :, b]
    np.testing.assert_allclose(sum_by_symbol(values, symbols.astype(np.int32), size), expected)


def test_relative_error() -> None:
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(0 * a, 0 * a) == 0
