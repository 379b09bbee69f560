from math import sqrt

import numpy as np
import pytest

from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.training import optimizers
from charlm.rnn.training.optimizers import OPTIMIZERS, clip_by_norm
from charlm.rnn.training.plan import Plan


def test_adam_by_hand() -> None:
    """Two steps of Kingma & Ba's algorithm 1, in scalars."""
    theta, m, v = 1.0, 0.0, 0.0
    array = np.array([theta])
    adam = optimizers.adam(0.9, 0.99, 1e-8)
    state = adam.init(array)
    for step, g in enumerate([0.5, -0.2], start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g * g
        theta -= 0.01 * (m / (1 - 0.9**step)) / (sqrt(v / (1 - 0.99**step)) + 1e-8)
        adam.update(array, np.array([g]), state, 0.01, step)
        assert array[0] == pytest.approx(theta, rel=1e-12)


def test_sgd_by_hand() -> None:
    array = np.array([1.0, 2.0])
    sgd = optimizers.get("sgd", momentum=0.0)
    sgd.update(array, np.array([0.5, -1.0]), sgd.init(array), 0.1, 1)
    assert array.tolist() == [0.95, 2.1]


def test_momentum_by_hand() -> None:
    """m = 0.8 m + g, theta -= 0.2 rate m: two steps of 0.5 make m = 0.5, then 0.9."""
    array = np.array([1.0])
    sgd = optimizers.get("sgd", momentum=0.8)
    state = sgd.init(array)
    for step, expected in ((1, 1 - 0.2 * 0.1 * 0.5), (2, 1 - 0.2 * 0.1 * 1.4)):
        sgd.update(array, np.array([0.5]), state, 0.1, step)
        assert array[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((3, 1000)).astype(np.float32)

    def after(block: int) -> bytes:
        monkeypatch.setattr(optimizers, "BLOCK_NUMBERS", block)
        theta = np.ones(1000, np.float32)
        adam = optimizers.get(name)
        state = adam.init(theta)
        for step, gradient in enumerate(gradients, start=1):
            adam.update(theta, gradient, state, 0.01, step)
        return theta.tobytes()

    assert after(1000) == after(64) == after(999)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_moments_that_fade_are_never_subnormal(name: str) -> None:
    theta, none = np.zeros(3, np.float32), np.zeros(3, np.float32)
    optimizer = optimizers.get(name)
    state = optimizer.init(theta)
    optimizer.update(theta, np.array([1, 1e-12, 0], np.float32), state, 0.01, 1)
    smallest = np.finfo(np.float32).smallest_normal
    for step in range(2, 10_000):
        optimizer.update(theta, none, state, 0.01, step)
        for moment in state.values():
            assert not ((moment != 0) & (np.abs(moment) < smallest)).any()
    assert not any(moment.any() for moment in state.values())


def test_decay_spares_biases() -> None:
    parameters = Parameters.of({"W": np.full((2, 2), 2.0), "b": np.full(2, 2.0)}, np.float64)
    optimizers.decay(parameters, 0.1)
    assert parameters["W"].tolist() == [[1.8, 1.8], [1.8, 1.8]]
    assert parameters["b"].tolist() == [2.0, 2.0]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_finds_the_bottom_of_a_bowl(name: str) -> None:
    theta = np.array([1.0, -2.0, 0.5])
    optimizer = optimizers.get(name)
    state = optimizer.init(theta)
    for step in range(1, 501):
        rate = Plan(steps=500, learning_rate=0.1, final_rate=0.0).rate(step - 1)
        optimizer.update(theta, 2 * (theta - 0.25), state, rate, step)
    np.testing.assert_allclose(theta, 0.25, atol=1e-3)


def test_clipping() -> None:
    gradient = np.array([3.0, 4.0])
    assert clip_by_norm(gradient, 10.0) == 5.0
    assert gradient.tolist() == [3.0, 4.0]
    assert clip_by_norm(gradient, 1.0) == 5.0
    np.testing.assert_allclose(gradient, [0.6, 0.8])
