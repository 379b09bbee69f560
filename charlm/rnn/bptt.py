r"""Back-propagation through time, once for every cell.

Memory: a window keeps G + S + C numbers for each step, stream and hidden unit, where the cell has
G gates, S values saved for the way back, and C in its state; G more where a gate acts on W h
itself. Work: W takes three products a step, of G H^2 multiplications for each stream: W h on the
way there, W^T dL/da on the way back, and what is added to dL/dW. All else grows with H alone.

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

States are feature-major, (H, B), so that the recurrent product is W @ h and every gate is one
block. Everything but that product and the cell's arithmetic is outside the time loop; buffers are
made once and reused.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Booleans, Floats
from charlm.rnn.cells import Cell, State
from charlm.rnn.layers.products import StepProducts

SMALL = 1 << 18  # numbers of a matrix that multiplies as fast by columns as by rows

Watch: TypeAlias = Callable[[int, State], None]


class Unrolled:
    """One recurrent layer over T steps of B streams.

    Fill `inputs` with U x_t + b, call `forward`, read `hidden`; then `backward` with dL/dh_t as it
    comes from above, and read `d_inputs`, dL/d(U x_t + b), `recurrent_gradient`, dL/dW, and
    `input_gradient`, dL/dU.
    """

    def __init__(self, cell: Cell, units: int, steps: int, streams: int, dtype: DTypeLike):
        self.cell = cell
        self._states = tuple(
            np.zeros((steps + 1, units, streams), dtype) for _ in range(cell.states)
        )
        self._gates = np.empty((steps, cell.gates, units, streams), dtype)
        self._saved = np.empty((steps, cell.saved, units, streams), dtype)
        kept = steps if cell.gated_product else 1  # else W h is needed no longer than a step
        self._products = np.empty((kept, cell.gates, units, streams), dtype)
        self._keep: Floats | None = None
        self._restarts = [False] * steps
        self.sums = StepProducts(dtype)

        rows = cell.gates * units
        self.inputs = self._gates.reshape(steps, rows, streams)  # (T, G H, B)
        self.d_inputs = self.inputs
        self._flat_products = self._products.reshape(kept, rows, streams)
        self._d_products = self._flat_products if cell.gated_product else self.inputs
        self.hidden = self._states[0][1:]  # (T, H, B)
        # Views of each step, made once: slicing them anew would cost as much as the arithmetic.
        self._steps = [
            (
                cell.parts(self._gates[t]),
                cell.parts(self._products[t % kept]),
                tuple(part[t] for part in self._states),
                tuple(part[t + 1] for part in self._states),
                tuple(self._saved[t]),
            )
            for t in range(steps)
        ]

    def forward(self, W: Floats, state: State, is_start: Booleans) -> State:
        """Run from a state, which is zero wherever a sequence starts; give the last state.

        `W` is (G H, H), `is_start` (T, B).
        """
        for part, value in zip(self._states, state, strict=True):
            part[0] = value
        self._keep = np.where(is_start, 0, 1).astype(W.dtype) if is_start.any() else None
        self._restarts = [bool(starts.any()) for starts in is_start]
        forward, kept = self.cell.forward, len(self._products)
        for t, (gates, product, old, new, saved) in enumerate(self._steps):
            if self._restarts[t]:
                old = self._masked(t, old)
            np.matmul(W, old[0], out=self._flat_products[t % kept])
            forward(gates, product, old, new, saved)
        return tuple(part[-1].copy() for part in self._states)

    def backward(self, W: Floats, d_hidden: Floats, watch: Watch | None = None) -> None:
        """Send dL/dh_t, through the outputs only, (T, H, B), back through the window.

        `d_hidden` may be that of the last steps alone, where the others have no outputs.
        `watch(t, d_state)` is shown dL/dstate_t, through the outputs and through later steps.
        """
        W_transposed = W.T if W.size <= SMALL else np.ascontiguousarray(W.T)
        d_state = tuple(np.zeros_like(part[0]) for part in self._states)
        through_W = np.empty_like(d_state[0])
        backward, gated = self.cell.backward, self.cell.gated_product
        silent = len(self._steps) - len(d_hidden)
        for t in reversed(range(len(self._steps))):
            gates, product, old, new, saved = self._steps[t]
            if t >= silent:
                np.add(d_state[0], d_hidden[t - silent], out=d_state[0])
            if watch:
                watch(t, d_state)
            if self._restarts[t]:
                old = self._masked(t, old)
            backward(gates, product, old, new, saved, d_state)
            np.matmul(W_transposed, self._d_products[t], out=through_W if gated else d_state[0])
            if gated:
                np.add(d_state[0], through_W, out=d_state[0])
            if self._restarts[t]:
                d_state = self._masked(t, d_state)

    def recurrent_gradient(self, out: Floats) -> None:
        """Fill `out`, (G H, H), with dL/dW = sum_t dL/d(W h_(t-1)) h_(t-1)^T."""
        before = self._states[0][:-1]
        if self._keep is not None:
            before = before * self._keep[:, None]
        self.sums.sum(self._d_products, before, out)

    def input_gradient(self, inputs: Floats, out: Floats) -> None:
        """Fill `out`, (G H, C), with dL/dU = sum_t dL/d(U x_t) x_t^T, for x_t (T, C, B)."""
        self.sums.sum(self.d_inputs, inputs, out)

    def _masked(self, t: int, state: State) -> State:
        """Set the state to zero in the streams where a sequence starts at t."""
        assert self._keep is not None
        return tuple(part * self._keep[t] for part in state)
