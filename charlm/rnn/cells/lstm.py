"""Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000).

A step keeps 7 numbers a unit: four gates, h, c and tanh(c). W takes 4 H^2 multiplications there,
8 H^2 back.

    i_t = sigmoid(W_i h_(t-1) + U_i x_t + b_i)            input
    f_t = sigmoid(W_f h_(t-1) + U_f x_t + b_f)            forget
    o_t = sigmoid(W_o h_(t-1) + U_o x_t + b_o)            output
    g_t = tanh(W_g h_(t-1) + U_g x_t + b_g)               candidate
    c_t = f_t * c_(t-1) + i_t * g_t
    h_t = o_t * tanh(c_t)

Back, with d for dL/d and pre-activations named by their gate:

    dc += dh o (1 - tanh(c)^2)            do = dh tanh(c) o (1 - o)
    di = dc g i (1 - i)    df = dc c_(t-1) f (1 - f)    dg = dc i (1 - g^2)    dc_(t-1) = dc f

c passes from step to step without a matrix: where f is near 1 its gradient does not vanish.
"""

from typing import ClassVar

import numpy as np

from charlm.arrays import Floats
from charlm.rnn.cells.gates import sigmoid, slope_of_tanh
from charlm.rnn.cells.registry import Parts, State, register


@register
class Lstm:
    """Gates in the order i, f, o, g; the state is h and c; tanh(c) is saved."""

    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    saved: ClassVar[int] = 1
    gated_product: ClassVar[bool] = False
    activations: ClassVar[tuple[str, ...]] = ("tanh",)
    # The forget gate begins open: remember first (Jozefowicz, Zaremba & Sutskever 2015).
    bias: ClassVar[tuple[float, ...]] = (0.0, 1.0, 0.0, 0.0)

    def __init__(self, activation: str):
        self.squashes = True

    def parts(self, gates: Floats) -> Parts:
        """Return all, i and f and o together, i, f, o, g."""
        return gates, gates[:3], *gates

    def forward(self, gates: Parts, product: Parts, old: State, new: State, saved: Parts) -> None:
        """Follow the equations above."""
        (_, c_before), (h, c), (squashed,) = old, new, saved
        all_gates, ifo, i, f, o, g = gates
        all_gates += product[0]
        sigmoid(ifo)
        np.tanh(g, out=g)
        np.multiply(f, c_before, out=c)
        np.multiply(i, g, out=squashed)
        c += squashed
        np.tanh(c, out=squashed)
        np.multiply(o, squashed, out=h)

    def backward(
        self, gates: Parts, product: Parts, old: State, new: State, saved: Parts, d_state: State
    ) -> None:
        """Follow the derivatives above."""
        (_, c_before), (d_h, d_c), (squashed,) = old, d_state, saved
        _, ifo, i, f, o, g = gates
        _, d_ifo, d_i, d_f, d_o, d_g = product
        np.multiply(d_h, squashed, out=d_o)
        slope_of_tanh(squashed)
        d_h *= o
        d_h *= squashed
        d_c += d_h
        np.multiply(d_c, g, out=d_i)
        np.multiply(d_c, c_before, out=d_f)
        np.multiply(d_c, i, out=d_g)
        d_c *= f
        slope_of_tanh(g)
        g *= d_g
        d_ifo *= ifo
        np.subtract(1, ifo, out=ifo)
        ifo *= d_ifo
