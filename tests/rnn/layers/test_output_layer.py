"""One product for many columns changes nothing: not the loss, and no gradient."""

from unittest.mock import patch

import numpy as np
import pytest

from charlm.arrays import Floats, Ids
from charlm.rnn.layers import output_layer
from charlm.rnn.layers.output_layer import OutputLayer

STEPS, UNITS, STREAMS, SYMBOLS = 5, 4, 3, 7


def by_the_formula(
    V: Floats, c: Floats, hidden: Floats, targets: Ids
) -> tuple[float, Floats, Floats, Floats]:
    """Loss, dL/dV, dL/dc and dL/dh, one output at a time."""
    loss = 0.0
    d_V, d_c, d_h = np.zeros_like(V), np.zeros_like(c), np.zeros_like(hidden)
    for t, b in np.ndindex(targets.shape):
        h = hidden[t, :, b]
        p = np.exp(V @ h + c)
        p /= p.sum()
        loss -= float(np.log(p[targets[t, b]])) / targets.size
        d = p.copy()
        d[targets[t, b]] -= 1
        d /= targets.size
        d_V += np.outer(d, h)
        d_c += d
        d_h[t, :, b] = V.T @ d
    return loss, d_V, d_c, d_h


@pytest.mark.parametrize("columns", [1, STREAMS, 2 * STREAMS, 4 * STREAMS, 100])
def test_blocks_of_columns_change_nothing(columns: int) -> None:
    rng = np.random.default_rng(columns)
    hidden = rng.standard_normal((STEPS, UNITS, STREAMS))
    targets = rng.integers(0, SYMBOLS, (STEPS, STREAMS)).astype(np.int32)
    parameters = {"V": rng.standard_normal((SYMBOLS, UNITS)), "c": rng.standard_normal(SYMBOLS)}
    gradients = {name: np.full_like(array, np.nan) for name, array in parameters.items()}
    with patch.object(output_layer, "COLUMNS", columns):
        layer = OutputLayer(hidden.shape, SYMBOLS, np.float64)
        for _ in range(2):  # what is left of the first time does no harm
            loss, d_hidden = layer.learn(parameters, hidden, targets, gradients, None)
    expected, d_V, d_c, d_h = by_the_formula(parameters["V"], parameters["c"], hidden, targets)
    assert loss == pytest.approx(expected)
    np.testing.assert_allclose(gradients["V"], d_V, atol=1e-14)
    np.testing.assert_allclose(gradients["c"], d_c, atol=1e-14)
    np.testing.assert_allclose(d_hidden, d_h, atol=1e-14)
