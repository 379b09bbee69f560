"""The simple recurrent cell (Elman 1990).

a_t = W h_(t-1) + U x_t + b
h_t = f(a_t)              f = tanh, relu, or linear (the textbook's bare equation)

dL/da_t = dL/dh_t * f'(a_t)
"""

from collections.abc import Callable

import numpy as np

from charlm.arrays import Floats
from charlm.errors import UsageError
from charlm.rnn.cells.registry import Backward, Cell, State, cell

# f in place, and f' written in terms of h = f(a): the output is all that must be kept.
ACTIVATIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "tanh": (lambda a: np.tanh(a, out=a), lambda h: 1 - h * h),
    "relu": (lambda a: np.maximum(a, 0, out=a), lambda h: (h > 0).astype(h.dtype)),
    "linear": (lambda a: a, np.ones_like),
}
NOTHING = np.zeros((), np.float32)  # h_(t-1) acts through W h_(t-1) alone


@cell("elman")
def elman(activation: str) -> Cell:
    """Make the cell with one of `ACTIVATIONS`; a `UsageError` lists them."""
    if activation not in ACTIVATIONS:
        raise UsageError(f"unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
    f, derivative = ACTIVATIONS[activation]

    def step(inputs: Floats, recurrent: Floats, state: State) -> tuple[State, Backward]:
        h = f(inputs + recurrent)  # (H, B)

        def backward(d_state: State) -> tuple[Floats, Floats, State]:
            d_a = d_state[0] * derivative(h)
            return d_a, d_a, (NOTHING,)

        return (h,), backward

    return Cell(gates=1, states=1, step=step)
