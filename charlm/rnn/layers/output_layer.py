"""The output layer that every pattern shares: o_t = V h_t + c, its loss, and the way back.

dL/dV = sum_t dL/do_t h_t^T        dL/dc = sum_t dL/do_t        dL/dh_t = V^T dL/do_t

V knows no time: hidden states of many steps and streams stand side by side, columns of (H, N), and
one product serves as many of them as stay in the cache.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats, Ids
from charlm.rnn.layers.loss import cross_entropy
from charlm.rnn.layers.products import one_by_one, side_by_side

COLUMNS = 512  # of logits at once


def outputs(parameters: Mapping[str, Floats], hidden: Floats, out: Floats | None = None) -> Floats:
    """Return o of hidden states (H, N), (V, N)."""
    logits: Floats = np.matmul(parameters["V"], hidden, out=out)
    logits += parameters["c"][:, None]
    return logits


class OutputLayer:
    """The layer over windows of one size, with the buffers it takes."""

    def __init__(self, shape: tuple[int, int, int], vocab_size: int, dtype: DTypeLike):
        """`shape` is that of the hidden states, (T, H, B)."""
        steps, units, streams = shape
        self._at_once = min(steps, max(1, COLUMNS // streams))  # steps
        self._columns = np.empty((units, self._at_once * streams), dtype)
        self._logits = np.empty((vocab_size, self._at_once * streams), dtype)
        self._d_hidden = np.empty(shape, dtype)
        more = self._at_once < steps  # than one product
        self._d_V = np.empty((vocab_size if more else 0, units), dtype)

    def learn(
        self,
        parameters: Mapping[str, Floats],
        hidden: Floats,
        targets: Ids,
        gradients: Mapping[str, Floats],
        events: int | None,
    ) -> tuple[float, Floats]:
        """Return the loss and dL/dh, (T, H, B), as sums divided by `events`; fill dL/dV and dL/dc.

        Without `events` they are means over the targets.
        """
        events = targets.size if events is None else events
        loss = 0.0
        for low in range(0, len(hidden), self._at_once):
            rows = slice(low, low + self._at_once)
            symbols = targets[rows].ravel()
            h = side_by_side(hidden[rows], self._columns[:, : symbols.size])
            logits = outputs(parameters, h, self._logits[:, : symbols.size])
            lost, d_logits = cross_entropy(logits, symbols, events)
            loss += lost
            if low == 0:
                np.matmul(d_logits, h.T, out=gradients["V"])
                np.sum(d_logits, axis=1, out=gradients["c"])
            else:
                gradients["V"][...] += np.matmul(d_logits, h.T, out=self._d_V)
                gradients["c"][...] += d_logits.sum(axis=1)
            d_h = np.matmul(parameters["V"].T, d_logits, out=h)  # h itself is needed no more
            one_by_one(d_h, self._d_hidden[rows])
        return loss, self._d_hidden
