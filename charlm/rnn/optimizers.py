"""Optimisers: a start of their state, and an update in place of one flat parameter vector.

Clipping and the learning rate's schedule stand apart, so that the raw gradient can be checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np

from charlm.arrays import Arrays, Floats
from charlm.errors import UsageError

Update: TypeAlias = Callable[[Floats, Floats, Arrays, float, int], None]


@dataclass(frozen=True)
class Optimizer:
    """A pair of functions over flat vectors.

    `init(theta)` gives the state. `update(theta, g, state, rate, step)` changes theta and the
    state in place; steps count from 1.
    """

    init: Callable[[Floats], Arrays]
    update: Update


def sgd() -> Optimizer:
    """Plain gradient descent: theta -= rate * g."""

    def update(theta: Floats, g: Floats, state: Arrays, rate: float, step: int) -> None:
        theta -= rate * g

    return Optimizer(lambda theta: {}, update)


def adam(beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-8) -> Optimizer:
    """Adam (Kingma & Ba 2015, algorithm 1).

    m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
    theta -= rate * m_hat / (sqrt(v_hat) + epsilon)

    with m_hat = m / (1 - beta1^step) and v_hat = v / (1 - beta2^step).
    """

    def update(theta: Floats, g: Floats, state: Arrays, rate: float, step: int) -> None:
        m, v = state["m"], state["v"]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        root = np.sqrt(v)
        root /= sqrt(1 - beta2**step)
        root += epsilon
        np.divide(m, root, out=root)
        root *= rate / (1 - beta1**step)
        theta -= root

    return Optimizer(lambda theta: {"m": np.zeros_like(theta), "v": np.zeros_like(theta)}, update)


OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {"adam": adam, "sgd": sgd}


def get(name: str) -> Optimizer:
    """Make an optimiser by name; a `UsageError` lists the names there are."""
    if name not in OPTIMIZERS:
        raise UsageError(f"unknown optimizer {name!r}; there are {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name]()


def clip_by_norm(gradient: Floats, limit: float) -> float:
    """Shrink the gradient in place to a norm of at most `limit`; give the norm it had.

    (Pascanu, Mikolov & Bengio 2013, algorithm 1.)
    """
    norm = float(np.sqrt(np.dot(gradient, gradient)))
    if norm > limit:
        gradient *= limit / norm
    return norm
