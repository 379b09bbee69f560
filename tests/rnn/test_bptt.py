"""What the textbook says of gradients through time, seen in the linear network."""

import numpy as np
import pytest

from charlm.arrays import Float64s, Floats
from charlm.rnn import cells
from charlm.rnn.bptt import Unrolled
from charlm.rnn.cells import CELLS, State

V, H, T, B = 5, 4, 7, 3


def back_through(W: Floats, d_hidden: Float64s) -> Floats:
    """dL/da_t = dL/dh_t of the linear network, where no sequence starts."""
    steps, units, streams = d_hidden.shape
    layer = Unrolled(cells.get("elman", "linear"), units, steps, streams, np.float64)
    layer.inputs[...] = np.random.default_rng(3).standard_normal(layer.inputs.shape)
    layer.forward(W, (np.zeros((units, streams)),), np.zeros((steps, streams), bool))
    layer.backward(W, d_hidden)
    return layer.d_inputs


def test_linear_network_follows_the_closed_form() -> None:
    """dL/dh_t = sum_(i=t..T) (W^T)^(T-i) V^T dL/do_(T+t-i), with no sequence start inside."""
    rng = np.random.default_rng(1)
    W, V_out = rng.standard_normal((H, H)), rng.standard_normal((V, H))
    d_o = rng.standard_normal((T, V, B))
    d_a = back_through(W, V_out.T @ d_o)
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
    norms = np.linalg.norm(back_through(W, d_h)[:, :, 0], axis=1)
    np.testing.assert_allclose(norms[0], norms[-1] * gain**lags)
    assert (norms[0] > norms[-1]) == grows


def test_large_values_alone_need_not_explode() -> None:
    """A nilpotent W has a singular value of 10, and forgets everything after two steps."""
    W = np.array([[0.0, 10.0], [0.0, 0.0]])
    d_h = np.zeros((4, 2, 1))
    d_h[-1] = 1.0
    assert back_through(W, d_h)[:, :, 0].tolist() == [[0, 0], [0, 0], [0, 10], [1, 1]]


@pytest.mark.parametrize("cell", CELLS)
def test_who_watches_sees_the_way_back_in_float32(cell: str) -> None:
    """From the last step to the first, h and whatever else the cell carries."""
    made = cells.get(cell)
    layer = Unrolled(made, H, T, B, np.float32)
    layer.inputs.fill(0.5)
    W = np.full((made.gates * H, H), 0.1, np.float32)
    zero = tuple(np.zeros((H, B), np.float32) for _ in range(made.states))
    layer.forward(W, zero, np.zeros((T, B), bool))
    seen: list[tuple[int, State]] = []
    d_hidden = np.ones((T, H, B), np.float32)
    layer.backward(W, d_hidden, lambda t, d_state: seen.append((t, d_state)))
    assert [t for t, _ in seen] == [*reversed(range(T))]
    assert {part.dtype for _, d_state in seen for part in d_state} == {np.dtype(np.float32)}
    assert {len(d_state) for _, d_state in seen} == {made.states}
