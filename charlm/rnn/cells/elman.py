"""The simple recurrent cell (Elman 1990).

A step keeps 2 numbers a unit: a and h. W takes H^2 multiplications there, 2 H^2 back.

    a_t = W h_(t-1) + U x_t + b
    h_t = f(a_t)              f = tanh, relu, or linear (the textbook's bare equation)

and back

    dL/da_t = dL/dh_t * f'(a_t)
"""

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from charlm.arrays import Floats
from charlm.rnn.cells.registry import Parts, State, register


def _slope_of_tanh(h: Floats, out: Floats) -> None:
    np.multiply(h, h, out=out)
    np.subtract(1, out, out=out)


# f in place, and f' written in terms of h = f(a): the output is all that must be kept.
ACTIVATIONS: dict[str, tuple[Callable[[Floats], object], Callable[[Floats, Floats], object]]] = {
    "tanh": (lambda a: np.tanh(a, out=a), _slope_of_tanh),
    "relu": (lambda a: np.maximum(a, 0, out=a), lambda h, out: np.copyto(out, h > 0)),
    "linear": (lambda a: a, lambda h, out: out.fill(1)),
}


@register
class Elman:
    """One gate, which is the hidden state itself."""

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1
    saved: ClassVar[int] = 0
    gated_product: ClassVar[bool] = False
    activations: ClassVar[tuple[str, ...]] = tuple(ACTIVATIONS)
    bias: ClassVar[tuple[float, ...]] = (0.0,)

    def __init__(self, activation: str):
        self._apply, self._slope = ACTIVATIONS[activation]
        self.squashes = activation == "tanh"

    def parts(self, gates: Floats) -> Parts:
        """Return a."""
        return (gates[0],)

    def forward(self, gates: Parts, product: Parts, old: State, new: State, saved: Parts) -> None:
        """h = f(W h + U x + b)."""
        (a,), (w,), (h,) = gates, product, new
        np.add(a, w, out=h)
        self._apply(h)

    def backward(
        self, gates: Parts, product: Parts, old: State, new: State, saved: Parts, d_state: State
    ) -> None:
        """dL/da = dL/dh * f'(a)."""
        (h,), (d_h,), (d_a,) = new, d_state, gates
        self._slope(h, d_a)
        d_a *= d_h
