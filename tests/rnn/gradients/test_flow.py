"""Gradient norms by lag: against numeric derivatives, and against the linear closed form."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest

from charlm.arrays import Floats, Ids
from charlm.errors import TextError, UsageError
from charlm.rnn.cells import CELLS, State
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients import flow
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import get
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.training.batches import as_events

V, H, T, B = 5, 4, 6, 3


def network_of(config: RnnConfig, seed: int = 0) -> tuple[HiddenNetwork, dict[str, Floats]]:
    """A network in float64, random everywhere."""
    rng = np.random.default_rng(seed)
    network = get(V, config)
    assert isinstance(network, HiddenNetwork)
    shapes = network.shapes().items()
    return network, {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes}


def loss(
    network: HiddenNetwork,
    parameters: Mapping[str, Floats],
    inputs: Ids,
    target: int,
    state: State,
) -> float:
    """l_t of one stream that reads `inputs`, from a state."""
    top = network.top(parameters, state)
    if len(inputs):
        unrolled = network.unroll(len(inputs), 1, np.float64)
        top = unrolled.read(parameters, inputs[:, None], state)[0][-1]
    logits = outputs(parameters, top)[:, 0]
    return float(np.log(np.exp(logits).sum()) - logits[target])


def numeric_norm(
    network: HiddenNetwork, parameters: Mapping[str, Floats], inputs: Ids, target: int, state: State
) -> float:
    """Norm of the loss's derivative by every number of a state, by central differences."""
    total, step = 0.0, 1e-5
    for part in state:
        for index in np.ndindex(part.shape):
            ends = []
            for sign in (1, -1):
                moved = tuple(p.copy() for p in state)
                moved[next(i for i, p in enumerate(state) if p is part)][index] += sign * step
                ends.append(loss(network, parameters, inputs, target, moved))
            total += ((ends[0] - ends[1]) / (2 * step)) ** 2
    return float(np.sqrt(total))


@pytest.mark.parametrize(("cell", "layers"), list(product(CELLS, (1, 2))))
def test_norms_are_those_of_numeric_derivatives(cell: str, layers: int) -> None:
    network, parameters = network_of(RnnConfig(cell=cell, hidden=H, layers=layers))
    rng = np.random.default_rng(1)
    inputs = rng.integers(0, V, (T, B)).astype(np.int32)
    inputs[2, 1] = V  # a sequence starts, and no gradient crosses
    targets = rng.integers(0, V, B).astype(np.int32)
    zero = network.zero_state(B, np.float64)
    window = network.unroll(T, B, np.float64)
    squares = flow.state_gradients(window, parameters, inputs, targets, zero)
    expected = np.zeros(T)
    for b, t in product(range(B), range(T)):
        before = network.unroll(t + 1, 1, np.float64)
        start = network.zero_state(1, np.float64)
        _, state = before.read(parameters, inputs[: t + 1, b : b + 1], start)
        rest = inputs[t + 1 :, b]
        norm = numeric_norm(network, parameters, rest, int(targets[b]), state)
        expected[T - 1 - t] += norm**2
    np.testing.assert_allclose(squares, expected, rtol=1e-6, atol=1e-15)


def linear_model(gain: float) -> RnnModel:
    """A linear network whose W is `gain` times an orthogonal matrix."""
    config = RnnConfig(activation="linear", hidden=H)
    _, parameters = network_of(config)
    parameters["W"] = gain * np.linalg.qr(np.random.default_rng(2).standard_normal((H, H)))[0]
    parameters["U"] *= 0.1
    return RnnModel(config, V, None, 0.0, parameters)


def text(length: int = 300) -> Ids:
    return np.random.default_rng(3).integers(1, V, length).astype(np.int32)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.0, 1.1])
def test_linear_networks_follow_the_closed_form(gain: float) -> None:
    """Norms of (W^T)^k V^T (p_t - y_t): gain^k times that of lag 0, and halving by 1/log2 gain."""
    model, ids, lags = linear_model(gain), text(), 20
    norms = flow.gradient_flow(model, ids, lags)
    np.testing.assert_allclose(norms, norms[0] * gain ** np.arange(lags + 1), rtol=1e-9)
    log_probs, state = [], model.initial_state()
    for symbol in ids:
        log_probs.append(model.log_probs(state))
        state = model.advance(state, int(symbol))
    errors = np.exp(log_probs) - np.eye(V)[ids]
    by_hand = np.linalg.norm(errors @ model.parameters["V"], axis=1)[lags:]
    assert norms[0] == pytest.approx(np.sqrt(np.mean(by_hand**2)), rel=1e-6)
    expected = np.inf if gain == 1 else -1 / np.log2(gain)
    assert flow.halving(norms) == pytest.approx(expected, rel=1e-6)


def test_lines_stop_the_flow() -> None:
    """With an END every fourth symbol nothing comes from more than three steps before."""
    model = linear_model(1.0)
    lines = RnnModel(model.config, V, V - 1, 0.0, model.parameters)
    ids = np.where(np.arange(200) % 4 == 3, V - 1, 1).astype(np.int32)
    norms = flow.gradient_flow(lines, ids, 6)
    assert (norms[:4] > 0).all()
    assert not norms[4:].any()
    inputs, _ = as_events([ids], V, V - 1)
    assert (inputs[::4] == V).all()


def test_networks_without_gradient_flow_are_refused() -> None:
    model = linear_model(1.0)
    with pytest.raises(TextError, match="20 symbols; choose fewer lags"):
        flow.gradient_flow(model, text(20), 20)
    for pattern in ("output", "window"):
        config = RnnConfig(pattern, hidden=H)
        shapes = get(V, config).shapes()
        other = RnnModel(config, V, None, 0.0, {n: np.zeros(s) for n, s in shapes.items()})
        with pytest.raises(UsageError, match=f"the {pattern} pattern carries no hidden state"):
            flow.gradient_flow(other, text(), 5)


def test_halving() -> None:
    assert flow.halving(2.0 ** -np.arange(9.0)) == pytest.approx(1)
    assert flow.halving(2.0 ** (np.arange(9.0) / 4)) == pytest.approx(-4)
    assert flow.halving(np.array([1.0, 0, 0])) == np.inf
    assert flow.halving(np.array([1.0, 1.1, 1.0, 1.05])) == np.inf
