"""The trace of back-propagation: by hand, by finite differences, and beside a naive network."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from charlm.arrays import Floats
from charlm.errors import TextError, UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.trace import by_hand, trace
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import get
from tests.rnn import naive

IDS = np.array([0, 1, 2, 1], np.int32)
SEED = 6  # at which no pre-activation lies at relu's kink
START = np.array([[3], [0], [1], [2]], np.int32)
ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda a: a,
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
}


def loss_from(t: int, h_t: Floats, parameters: dict[str, Floats], activation: str) -> float:
    """L as a function of h_t: the steps before t are as they were, those after follow from it."""
    f, p = ACTIVATIONS[activation], parameters
    h: Floats = np.zeros(len(h_t))
    total = 0.0
    for step, (x, y) in enumerate(zip(START[:, 0], IDS, strict=True)):
        h = h_t if step == t else f(p["W"] @ h + p["U"][:, x] + p["b"])
        o = p["V"] @ h + p["c"]
        total += np.log(np.exp(o).sum()) - o[y]
    return total / len(IDS)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_dL_dh_is_a_derivative(activation: str) -> None:  # noqa: N802
    config, parameters = by_hand(2, activation, 3, SEED)
    found = trace(config, parameters, IDS)
    for t, step in enumerate(found.steps):
        for i, unit in enumerate(np.eye(2) * 1e-6):
            above = loss_from(t, step.h + unit, parameters, activation)
            below = loss_from(t, step.h - unit, parameters, activation)
            assert step.d_h[i] == pytest.approx((above - below) / 2e-6, abs=1e-8)
        np.testing.assert_allclose(step.d_h, step.d_h_from_output + step.d_h_from_later)
        assert (step.closed_form is None) == (activation != "linear")
        if step.closed_form is not None:
            np.testing.assert_allclose(step.d_h, step.closed_form, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.steps[-1].d_h_from_later, 0, atol=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sums_and_loss_are_those_of_a_naive_network(activation: str) -> None:
    config, parameters = by_hand(2, activation, 3, SEED)
    found = trace(config, parameters, IDS)
    state = get(3, config).zero_state(1, np.float64)

    def loss(p: Mapping[str, Any]) -> complex:
        return naive.loss(p, config, START, IDS[:, None], state)[0]

    expected = naive.gradients(loss, Parameters.of(parameters, np.float64))
    assert found.loss == pytest.approx(loss(parameters).real, rel=1e-12)
    assert found.loss == pytest.approx(np.mean([step.loss for step in found.steps]))
    np.testing.assert_allclose(sum(step.term for step in found.steps), expected["W"], atol=1e-12)
    np.testing.assert_allclose(found.gradients["W"], expected["W"], atol=1e-12)
    np.testing.assert_allclose(found.numeric_W, expected["W"], atol=1e-8)
    d_V = sum(np.outer(step.d_o, step.h) for step in found.steps)
    np.testing.assert_allclose(d_V, expected["V"], atol=1e-12)


def test_one_step_by_hand() -> None:
    """One unit, two symbols, h = u_start = 0.5, o = (0.5, 0), p = e^0.5 / (e^0.5 + 1) = 0.6225."""
    parameters = {
        "U": np.array([[0.0, 0.0, 0.5]]), "W": np.array([[2.0]]), "b": np.zeros(1),
        "V": np.array([[1.0], [0.0]]), "c": np.zeros(2),
    }  # fmt: skip
    found = trace(RnnConfig(activation="linear", hidden=1), parameters, np.array([0, 1]))
    first, second = found.steps
    assert (first.read, first.target, second.read, second.target) == (2, 0, 0, 1)
    assert first.h.tolist() == [0.5]
    assert first.p == pytest.approx([0.6225, 0.3775], abs=1e-4)
    assert first.loss == pytest.approx(0.4741, abs=1e-4)
    assert first.d_o == pytest.approx([-0.1888, 0.1888], abs=1e-4)
    assert second.h.tolist() == [1.0]  # 2 * 0.5
    assert second.d_o == pytest.approx([0.3655, -0.3655], abs=1e-4)  # (0.7311 - 0) / 2
    assert first.d_h_from_later == pytest.approx([0.7311], abs=1e-4)  # 2 * 0.3655
    assert first.d_h == pytest.approx([0.5423], abs=1e-4)
    assert second.term == pytest.approx(np.array([[0.1828]]), abs=1e-4)  # 0.3655 * 0.5


def test_parameters_for_paper_are_tenths() -> None:
    _, parameters = by_hand(3, "tanh", 4, seed=0)
    for name, array in parameters.items():
        np.testing.assert_array_equal(array, np.round(array, 1))
        assert (abs(array).max() > 0) == (name not in "bc")


def test_what_is_not_traced() -> None:
    config, parameters = by_hand(2, "linear", 3, seed=0)
    with pytest.raises(TextError, match="the text is empty"):
        trace(config, parameters, IDS[:0])
    for other in (RnnConfig(cell="gru"), RnnConfig("window"), RnnConfig(layers=2)):
        with pytest.raises(UsageError, match="only elman networks of one layer"):
            trace(other, parameters, IDS)
