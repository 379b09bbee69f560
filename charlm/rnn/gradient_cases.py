"""Every network there is, small and random, for gradients to be checked on.

One for each registered pattern, cell and activation, with two layers where a pattern allows it.
Sequences start inside the window too, and parameters lie off zero and off relu's kink.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from charlm.arrays import Arrays, Ids
from charlm.errors import UsageError
from charlm.rnn import networks
from charlm.rnn.cells import CELLS
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradient_check import check_gradients
from charlm.rnn.networks import NETWORKS, Network, State

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
    """Give the relative error of each parameter's gradient."""
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
