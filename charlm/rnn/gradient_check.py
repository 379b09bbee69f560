"""Numeric gradients, and how far the analytic ones are from them.

    dL/dtheta_i = (L(theta + e_i h) - L(theta - e_i h)) / 2h + O(h^2)

by central differences, one coordinate after the other, in float64. An error is relative,
||analytic - numeric|| / (||analytic|| + ||numeric||), one figure an array.
"""

from collections.abc import Callable, Mapping

import numpy as np

from charlm.arrays import Floats, Ids
from charlm.rnn.networks import Network, State
from charlm.rnn.parameters import Parameters

STEP = 1e-5  # balances truncation (h^2) against rounding (eps / h) in float64


def numeric_gradients(loss: Callable[[], float], parameters: Mapping[str, Floats]) -> Parameters:
    """Differentiate `loss()`, which reads `parameters`, by each of their elements."""
    gradients = Parameters({name: array.shape for name, array in parameters.items()}, np.float64)
    for name, array in parameters.items():
        for index in np.ndindex(array.shape):
            value = array[index]
            array[index] = value + STEP
            above = loss()
            array[index] = value - STEP
            below = loss()
            array[index] = value
            gradients[name][index] = (above - below) / (2 * STEP)
    return gradients


def relative_error(analytic: Floats, numeric: Floats) -> float:
    """Give 0 for equal arrays, 1 for opposite ones."""
    size = float(np.linalg.norm(analytic) + np.linalg.norm(numeric))
    return float(np.linalg.norm(analytic - numeric)) / size if size else 0.0


def check_gradients(
    network: Network, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
) -> dict[str, float]:
    """Give the relative error of each parameter's gradient on one window, (T, B) ids each."""
    double = Parameters.of(parameters, np.float64)
    unrolled = network.unroll(len(inputs), inputs.shape[1], np.float64)
    analytic, ignored = (Parameters(network.shapes(), np.float64) for _ in range(2))

    def loss() -> float:
        return unrolled.learn(double, inputs, targets, state, ignored)[0]

    unrolled.learn(double, inputs, targets, state, analytic)
    numeric = numeric_gradients(loss, double)
    return {name: relative_error(analytic[name], numeric[name]) for name in network.shapes()}
