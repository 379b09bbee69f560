"""What the textbook says of gradients through time, seen in the linear network; and its cost."""

import re
import sys
from typing import Any

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


def arrays_in(value: Any) -> dict[int, Floats]:
    """Find the arrays in tuples and lists; of views, what they are views of."""
    if isinstance(value, np.ndarray):
        whole = value if value.base is None else value.base
        return {id(whole): whole}
    if isinstance(value, tuple | list):
        return {key: array for part in value for key, array in arrays_in(part).items()}
    return {}


def numbers_kept(cell: str, steps: int) -> int:
    layer = Unrolled(cells.get(cell), H, steps, B, np.float32)
    return sum(array.size for array in arrays_in(list(vars(layer).values())).values())


def costs(cell: str) -> re.Match[str]:
    """Read what the page of a cell says."""
    page = " ".join(str(sys.modules[CELLS[cell].__module__].__doc__).split())
    said = re.search(
        r"A step keeps (?P<kept>\d+) numbers a unit: .*? "
        r"W takes (?P<there>\d*) ?H\^2 multiplications there, (?P<back>\d+) H\^2 back\.",
        page,
    )
    assert said
    return said


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_keeps_as_many_numbers_as_the_page_of_the_cell_says(cell: str) -> None:
    kind = CELLS[cell]
    formula = (2 if kind.gated_product else 1) * kind.gates + kind.saved + kind.states
    kept = numbers_kept(cell, T + 1) - numbers_kept(cell, T)
    assert kept == int(costs(cell)["kept"]) * H * B == formula * H * B


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_takes_as_many_multiplications_as_the_page_of_the_cell_says(cell: str) -> None:
    """W is (G H, H): one product there, two back."""
    said, gates = costs(cell), CELLS[cell].gates
    assert (int(said["there"] or 1), int(said["back"])) == (gates, 2 * gates)
