"""Vanishing and exploding on demand: gradient flow of networks that have learnt nothing.

||(W^T)^k|| <= s^k, s the largest singular value of W (`bptt.py`). With s below 1 gradients vanish.
Whether they explode with s above 1 the eigenvalues tell: along an eigenvector of W^T they go as
|lambda|^k, and |lambda| <= s. Of an orthogonal matrix times s all are s, singular values and
|lambda| alike; of a Gaussian matrix |lambda| is about s / 2 at most, so that it may vanish for all
that s is above 1 (Pascanu, Mikolov & Bengio 2013).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.flow import state_gradients
from charlm.rnn.layers.initialization import orthogonal
from charlm.rnn.networks import get
from charlm.rnn.networks.hidden import HiddenNetwork

SYMBOLS, STREAMS = 27, 64  # that random texts consist of, and texts
MOST_DIGITS = 120  # of a hidden state: its squares, and products of them, are numbers still

DRAWS: dict[str, Callable[[int, np.random.Generator], Float64s]] = {
    "orthogonal": lambda size, rng: orthogonal(size, 1, rng),
    "gaussian": lambda size, rng: rng.standard_normal((size, size)),
}


@dataclass(frozen=True, eq=False, repr=False)
class UntrainedFlow(Holder):
    """Norms of gradients by lag, (lags + 1,), and what W is: both (H,), largest first.

    `eigenvalues` are their absolute values.
    """

    scale: float
    norms: Float64s
    singular_values: Float64s
    eigenvalues: Float64s


def untrained_flow(
    scale: float, config: RnnConfig, lags: int, draw: str = "orthogonal", seed: int = 0
) -> UntrainedFlow:
    """Follow gradients back through an elman network whose W has this largest singular value.

    It reads random symbols from its zero state. Everything but the scale is the same for a seed.

    Raises:
        UsageError: the scale is not positive, the hidden states would be beyond all numbers, or
            there is no such way to draw W.
    """
    if draw not in DRAWS:
        raise UsageError(f"unknown draw {draw!r}; there are {', '.join(DRAWS)}")
    if not 0 < scale < np.inf:
        raise UsageError("a scale is a positive number")
    if lags * np.log10(scale) > MOST_DIGITS:
        raise UsageError(f"scale {scale:g} grows beyond all numbers in {lags} lags; choose fewer")
    rng = np.random.default_rng(seed)
    network = get(SYMBOLS, config)
    assert isinstance(network, HiddenNetwork)
    parameters = network.initialize(rng)
    W = DRAWS[draw](config.hidden, rng)
    parameters["W"] = scale * W / np.linalg.norm(W, 2)
    inputs = rng.integers(0, SYMBOLS, (lags + 1, STREAMS)).astype(np.int32)
    targets = rng.integers(0, SYMBOLS, STREAMS).astype(np.int32)
    window = network.unroll(lags + 1, STREAMS, np.float64)
    zero = network.zero_state(STREAMS, np.float64)
    squares = state_gradients(window, parameters, inputs, targets, zero)
    return UntrainedFlow(
        scale,
        np.sqrt(squares / STREAMS),
        np.linalg.svd(parameters["W"], compute_uv=False),
        np.sort(abs(np.linalg.eigvals(parameters["W"])))[::-1],
    )
