"""Numeric gradients, and how far the analytic ones are from them.

    dL/dtheta_i = (L(theta + e_i h) - L(theta - e_i h)) / 2h + O(h^2)

by central differences, one coordinate after the other, in float64. An error is relative,
||analytic - numeric|| / (||analytic|| + ||numeric||), one figure an array.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from charlm.arrays import Arrays, Floats, Ids
from charlm.errors import UsageError
from charlm.rnn import networks
from charlm.rnn.cells import CELLS
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import NETWORKS, Network, State, Window

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
    """Return 0 for equal arrays, 1 for opposite ones."""
    size = float(np.linalg.norm(analytic) + np.linalg.norm(numeric))
    return float(np.linalg.norm(analytic - numeric)) / size if size else 0.0


def check_gradients(
    network: Network, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
) -> dict[str, float]:
    """Return the relative error of each parameter's gradient on one window, (T, B) ids each."""
    double = Parameters.of(parameters, np.float64)
    unrolled = network.unroll(len(inputs), inputs.shape[1], np.float64)
    window = Window(inputs, targets)
    analytic, ignored = (Parameters(network.shapes(), np.float64) for _ in range(2))

    def loss() -> float:
        return unrolled.learn(double, window, state, ignored).loss

    rows = unrolled.learn(double, window, state, analytic).rows
    if rows is not None:
        rows.spread(analytic[TABLE])
    numeric = numeric_gradients(loss, double)
    return {name: relative_error(analytic[name], numeric[name]) for name in network.shapes()}


VOCABULARY, HIDDEN, CONTEXT = 5, 3, 3
STEPS, STREAMS = 5, 2
SEED = 0  # one at which no pre-activation lies near relu's kink
TOLERANCE = 1e-6  # of relative errors, in float64


def configurations() -> Iterator[RnnConfig]:
    """List the networks."""
    for pattern, made in NETWORKS.items():
        for cell in made.cells or CELLS:
            for activation in CELLS[cell].activations:
                yield _deepest(
                    RnnConfig(
                        pattern,
                        cell,
                        activation,
                        hidden=HIDDEN,
                        layers=2,
                        context=CONTEXT,
                        trace_decay=0.5,
                    )
                )


def _deepest(config: RnnConfig) -> RnnConfig:
    try:
        networks.get(VOCABULARY, config)
    except UsageError:
        return replace(config, layers=1)
    return config


def errors_of(config: RnnConfig) -> dict[str, float]:
    """Return the relative error of each parameter's gradient."""
    network, parameters, inputs, targets, state = _case(config)
    return check_gradients(network, parameters, inputs, targets, state)


def _case(config: RnnConfig) -> tuple[Network, Arrays, Ids, Ids, State]:
    """Draw parameters, a window of ids, and a state to start from."""
    rng = np.random.default_rng(SEED)
    network = networks.get(VOCABULARY, config)
    parameters = network.initialize(rng)
    for array in parameters.values():
        array += 0.3 * rng.standard_normal(array.shape)
    inputs = rng.integers(0, VOCABULARY, (STEPS, STREAMS)).astype(np.int32)
    inputs[0, 1] = inputs[2, 0] = VOCABULARY
    targets = rng.integers(0, VOCABULARY, (STEPS, STREAMS)).astype(np.int32)
    zero = network.zero_state(STREAMS, np.float64)
    state = tuple(_moved(part, rng) for part in zero)
    return network, parameters, inputs, targets, state


def _moved(part: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move a part of a state off zero; symbols stay as they are."""
    return part if part.dtype.kind == "i" else part + 0.5 * rng.standard_normal(part.shape)
