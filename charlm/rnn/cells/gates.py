"""What gated cells share: two functions of their gates, in place."""

import numpy as np

from charlm.arrays import Floats


def sigmoid(a: Floats) -> None:
    """Replace a by 1 / (1 + e^-a) = 1/2 + 1/2 tanh(a / 2): NumPy's tanh is faster than its exp."""
    a *= 0.5
    np.tanh(a, out=a)
    a *= 0.5
    a += 0.5


def slope_of_tanh(y: Floats) -> None:
    """Replace y = tanh(a) by the slope there, 1 - y^2."""
    np.multiply(y, y, out=y)
    np.subtract(1, y, out=y)
