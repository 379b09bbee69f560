"""The gated recurrent unit (Cho et al. 2014), with the reset gate after the product.

A step keeps 7 numbers a unit: three gates, W h of each, and h. W takes 3 H^2 multiplications
there, 6 H^2 back.

    r_t = sigmoid(W_r h_(t-1) + U_r x_t + b_r)            reset
    z_t = sigmoid(W_z h_(t-1) + U_z x_t + b_z)            update
    n_t = tanh(r_t * W_n h_(t-1) + U_n x_t + b_n)         candidate
    h_t = (1 - z_t) * n_t + z_t * h_(t-1)

The paper has W_n (r * h); with r after the product one matrix product serves all gates, as in
cuDNN. Back, with d for dL/d and pre-activations named by their gate:

    dz = dh (h_(t-1) - n) z (1 - z)        dn = dh (1 - z) (1 - n^2)
    dr = dn (W_n h_(t-1)) r (1 - r)        d(W_n h_(t-1)) = dn r
    dh_(t-1) = dh z + W^T (dr, dz, dn r)
"""

from typing import ClassVar

import numpy as np

from charlm.arrays import Floats
from charlm.rnn.cells.gates import sigmoid, slope_of_tanh
from charlm.rnn.cells.registry import Parts, State, register


@register
class Gru:
    """Gates in the order r, z, n."""

    gates: ClassVar[int] = 3
    states: ClassVar[int] = 1
    saved: ClassVar[int] = 0
    gated_product: ClassVar[bool] = True
    activations: ClassVar[tuple[str, ...]] = ("tanh",)
    bias: ClassVar[tuple[float, ...]] = (0.0, 0.0, 0.0)

    def __init__(self, activation: str):
        self.squashes = True

    def parts(self, gates: Floats) -> Parts:
        """Return r and z together, r, z, n."""
        return gates[:2], *gates

    def forward(self, gates: Parts, product: Parts, old: State, new: State, saved: Parts) -> None:
        """Follow the equations above; W_n h stays in `product`."""
        (before,), (h,) = old, new
        rz, r, z, n = gates
        product_rz, _, _, product_n = product
        rz += product_rz
        sigmoid(rz)
        np.multiply(r, product_n, out=h)
        n += h
        np.tanh(n, out=n)
        np.subtract(before, n, out=h)
        h *= z
        h += n

    def backward(
        self, gates: Parts, product: Parts, old: State, new: State, saved: Parts, d_state: State
    ) -> None:
        """Follow the derivatives above; d_h is left with dh z."""
        (before,), (d_h,) = old, d_state
        rz, r, z, n = gates
        d_rz, d_r, d_z, d_product_n = product
        np.subtract(before, n, out=d_z)
        d_z *= d_h
        np.multiply(d_h, z, out=d_r)  # for a moment: what reaches the old h past W h
        d_h -= d_r
        slope_of_tanh(n)
        n *= d_h
        d_h[...] = d_r
        np.multiply(n, d_product_n, out=d_r)
        np.multiply(n, r, out=d_product_n)
        d_rz *= rz
        np.subtract(1, rz, out=rz)
        d_rz *= rz
        rz[...] = d_rz
