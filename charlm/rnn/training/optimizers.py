"""Optimisers: a start of their state, and an update in place of one flat parameter vector.

Clipping and the learning rate's schedule stand apart, so that the raw gradient can be checked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np

from charlm.arrays import Arrays, Floats
from charlm.errors import UsageError
from charlm.rnn.layers.ngram_rows import TABLE, RowGradient
from charlm.rnn.layers.parameters import Parameters

BLOCK_NUMBERS = 1 << 15  # elements updated at once: 128 KB of each vector
TINY, FLUSH_EVERY = 1e-32, 64  # a moment that moves no weight; steps

Update: TypeAlias = Callable[[Floats, Floats, Arrays, float, int], None]


def blocks(size: int) -> Iterator[slice]:
    """Divide a vector into blocks that stay in the cache through all steps of an update."""
    return (slice(low, low + BLOCK_NUMBERS) for low in range(0, size, BLOCK_NUMBERS))


@dataclass(frozen=True)
class Optimizer:
    """A pair of functions over flat vectors.

    `init(theta)` gives the state. `update(theta, g, state, rate, step)` changes theta and the
    state in place; steps count from 1.
    """

    init: Callable[[Floats], Arrays]
    update: Update


def sgd(momentum: float) -> Optimizer:
    """Gradient descent with momentum (Polyak 1964): m = momentum m + g, theta -= rate m.

    The step is divided by 1 / (1 - momentum), so that the same rate suits every momentum.
    """

    def update(theta: Floats, g: Floats, state: Arrays, rate: float, step: int) -> None:
        m = state["m"]
        flush(m, step)
        m *= momentum
        m += g
        theta -= rate * (1 - momentum) * m

    return Optimizer(lambda theta: {"m": np.zeros_like(theta)}, update)


def adam(momentum: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-8) -> Optimizer:
    """Adam (Kingma & Ba 2015, algorithm 1), its beta1 being the momentum.

    m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
    theta -= rate * m_hat / (sqrt(v_hat) + epsilon)

    with m_hat = m / (1 - beta1^step) and v_hat = v / (1 - beta2^step).
    """

    def update(theta: Floats, g: Floats, state: Arrays, rate: float, step: int) -> None:
        m_rate = rate / (1 - momentum**step)
        v_root = sqrt(1 - beta2**step)
        scratch = np.empty(min(BLOCK_NUMBERS, len(theta)), theta.dtype)
        for block in blocks(len(theta)):
            m, v, gradient = state["m"][block], state["v"][block], g[block]
            s = scratch[: len(m)]
            flush(m, step)
            flush(v, step)
            np.subtract(gradient, m, out=s)
            s *= 1 - momentum
            m += s
            np.multiply(gradient, gradient, out=s)
            s -= v
            s *= 1 - beta2
            v += s
            np.sqrt(v, out=s)
            s /= v_root
            s += epsilon
            np.divide(m, s, out=s)
            s *= m_rate
            theta[block] -= s

    return Optimizer(lambda theta: {"m": np.zeros_like(theta), "v": np.zeros_like(theta)}, update)


def step_by_row(table: Floats, squares: Floats, gradient: RowGradient, rate: float) -> None:
    """Take Adagrad's step (Duchi, Hazan & Singer 2011) in the rows of a table that changed.

    s_r += mean(g_r^2)        E_r -= rate g_r / sqrt(s_r)

    One size a row: numbers of a row are learnt alike, and the rows that are met often settle. A
    row that is not met costs nothing. `squares` holds s.
    """
    rows, g = gradient
    mean = np.mean(g * g, axis=1)
    met = mean > 0
    rows, g = rows[met], g[met]
    squares[rows] += mean[met]
    table[rows] -= (rate / np.sqrt(squares[rows]))[:, None] * g


def memory(optimizer: Optimizer, parameters: Parameters) -> Arrays:
    """Return the state of an optimiser before its first step, and that of the rows for n-grams."""
    state = optimizer.init(parameters.dense)
    if TABLE in parameters:
        state[TABLE] = np.zeros(len(parameters[TABLE]), parameters.flat.dtype)
    return state


def flush(moment: Floats, step: int) -> None:
    """Set moments that are almost zero to zero, every so many steps.

    The moments of a symbol that no longer occurs become smaller for ever. In the end they are
    subnormal numbers, with which processors compute ten times more slowly.
    """
    if step % FLUSH_EVERY == 0:
        moment[np.abs(moment) < TINY] = 0


def decay(parameters: Mapping[str, Floats], share: float) -> None:
    """Shrink every matrix by a share of itself, biases excepted (Loshchilov & Hutter 2019).

    Rows for n-grams, most of which a step does not touch, stay as they are.
    """
    for name, array in parameters.items():
        if array.ndim > 1 and name != TABLE:
            array *= 1 - share


# AdamW is Adam with decay; `plan.py` turns it on.
OPTIMIZERS: dict[str, Callable[[float], Optimizer]] = {"adam": adam, "adamw": adam, "sgd": sgd}


def get(name: str, momentum: float = 0.9) -> Optimizer:
    """Make an optimiser by name; a `UsageError` lists the names there are."""
    if name not in OPTIMIZERS:
        raise UsageError(f"unknown optimizer {name!r}; there are {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name](momentum)


def clip_by_norm(gradient: Floats, limit: float) -> float:
    """Shrink the gradient in place to a norm of at most `limit`; give the norm it had.

    (Pascanu, Mikolov & Bengio 2013, algorithm 1.)
    """
    norm = float(np.sqrt(np.dot(gradient, gradient)))
    if norm > limit:
        gradient *= limit / norm
    return norm
