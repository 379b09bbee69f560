"""A small random network in float64, and a window for it to learn from."""

from typing import NamedTuple

import numpy as np

from charlm.arrays import Ids
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Network, State, Window
from tests.support.models import configurations

V, T, B = 4, 5, 2
CONFIGURATIONS = dict(configurations(hidden=3))


class Setting(NamedTuple):
    """What `check_gradients` takes, in its order."""

    network: Network
    parameters: Parameters
    inputs: Ids
    targets: Ids
    state: State


def setting(config: RnnConfig, streams: int = B, vocab_size: int = V) -> Setting:
    """Random everywhere; sequences start inside the window too."""
    rng = np.random.default_rng(2)
    network = networks.get(vocab_size, config)
    parameters = Parameters.of(network.initialize(rng), np.float64)
    parameters.flat += 0.3 * rng.standard_normal(parameters.flat.shape)  # off zero, off relu's kink
    inputs, targets = rng.integers(0, vocab_size, (2, T, streams)).astype(np.int32)
    inputs[0, 1] = inputs[3, 0] = vocab_size
    state = tuple(
        0.5 * rng.standard_normal(part.shape)
        if part.dtype.kind == "f"
        else rng.integers(0, vocab_size, part.shape).astype(np.int32)
        for part in network.zero_state(streams, np.float64)
    )
    return Setting(network, parameters, inputs, targets, state)


def learn(case: Setting) -> tuple[float, Parameters, State]:
    """Loss, gradients and last state of the window."""
    network, parameters, inputs, targets, state = case
    gradients = Parameters(network.shapes(), parameters.flat.dtype)
    gradients.flat.fill(np.nan)  # every element must be filled
    unrolled = network.unroll(len(inputs), inputs.shape[1], parameters.flat.dtype)
    loss, after, rows = unrolled.learn(parameters, Window(inputs, targets), state, gradients)
    if rows is not None:
        rows.spread(gradients[TABLE])
    return loss, gradients, after
