r"""Back-propagation through time, once for every cell.

The network (Goodfellow, Bengio & Courville 2016, 10.2; biases b and c, x_t a one-hot column)

    h_t = f(W h_(t-1) + U x_t + b)        o_t = V h_t + c        L = -(1/T) sum_t log p(y_t)

is unrolled over a window of T steps. Let p_t = softmax(o_t). At the outputs

    dL/do_t = (p_t - y_t) / T                         dL/dV = sum_t dL/do_t h_t^T

The last hidden state feeds only its own output; every earlier one feeds h_(t+1) too. With f
linear, as in the textbook,

    dL/dh_T = V^T dL/do_T
    dL/dh_t = W^T dL/dh_(t+1) + V^T dL/do_t           t = T-1, ..., 1

and unrolled

    dL/dh_t = sum_(i=t..T) (W^T)^(T-i) V^T dL/do_(T+t-i)

In general W^T dL/da_(t+1) takes the place of W^T dL/dh_(t+1), a_t being what f is applied to
and dL/da_t = f'(a_t) * dL/dh_t. Then

    dL/dW = sum_t dL/da_t h_(t-1)^T      dL/dU = sum_t dL/da_t x_t^T      dL/db = sum_t dL/da_t

and dL/dc = sum_t dL/do_t.

The powers of W^T say why gradients vanish or explode. With s the largest singular value of W,
||(W^T)^k|| <= s^k, and k factors f' <= 1 shrink it further: if s < 1 the share from k steps later
vanishes like s^k, and only if s > 1 can it explode; along an eigenvector it grows or shrinks as
|lambda|^k (Pascanu, Mikolov & Bengio 2013). It is the values of W against 1, and the lag k, that
decide, not the length T of the sequence alone.

Truncation: a window starts from the state the last one ended in, but no gradient crosses the
border (Williams & Peng 1990). Where a sequence starts inside a window the state is set to zero,
and no gradient crosses there either.

States are feature-major, (H, B), so that the recurrent product is W @ h. Everything but that
product and the cell's arithmetic is outside the time loop.
"""

from collections.abc import Callable

import numpy as np

from charlm.arrays import Booleans, Floats
from charlm.rnn.cells import Cell, State


def unroll(
    cell: Cell, W: Floats, inputs: Floats, state: State, is_start: Booleans
) -> tuple[Floats, State, Callable[[Floats], tuple[Floats, Floats]]]:
    """Run a cell over a window.

    `W` is (G H, H); `inputs` holds U x_t + b, (T, G H, B); `is_start` tells where a sequence
    starts, (T, B). Gives the hidden states (T, H, B), the last state, and the function from
    dL/dh, through the outputs only, (T, H, B), to dL/d(U x + b), (T, G H, B), and dL/dW.
    """
    steps, _, streams = inputs.shape
    previous = np.empty((steps, W.shape[1], streams), W.dtype)  # h_(t-1)
    hidden = np.empty_like(previous)
    keep = np.where(is_start, 0, 1).astype(W.dtype)  # (T, B)
    restarts = [bool(starts.any()) for starts in is_start]
    backwards = []
    for t in range(steps):
        if restarts[t]:
            state = tuple(part * keep[t] for part in state)
        previous[t] = state[0]
        state, backward = cell.step(inputs[t], W @ previous[t], state)
        hidden[t] = state[0]
        backwards.append(backward)

    def back(d_hidden: Floats) -> tuple[Floats, Floats]:
        d_inputs, d_recurrent = np.empty_like(inputs), np.empty_like(inputs)
        W_transposed = np.ascontiguousarray(W.T)
        d_state: State = tuple(np.zeros_like(part) for part in state)
        for t in reversed(range(steps)):
            d_state = (d_state[0] + d_hidden[t], *d_state[1:])
            d_inputs[t], d_recurrent[t], direct = backwards[t](d_state)
            d_state = (W_transposed @ d_recurrent[t] + direct[0], *direct[1:])
            if restarts[t]:
                d_state = tuple(part * keep[t] for part in d_state)
        return d_inputs, np.tensordot(d_recurrent, previous, axes=([0, 2], [0, 2]))

    return hidden, state, back
