"""The output layer that every pattern shares: o_t = V h_t + c, its loss, and the way back.

dL/dV = sum_t dL/do_t h_t^T        dL/dc = sum_t dL/do_t        dL/dh_t = V^T dL/do_t
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats, Ids
from charlm.rnn.loss import cross_entropy
from charlm.rnn.products import StepProducts


def outputs(parameters: Mapping[str, Floats], hidden: Floats, out: Floats | None = None) -> Floats:
    """Give o_t of hidden states (T, H, B), (T, V, B)."""
    logits: Floats = np.matmul(parameters["V"], hidden, out=out)
    logits += parameters["c"][:, None]
    return logits


class OutputLayer:
    """The layer over windows of one size, with the buffers it takes."""

    def __init__(self, shape: tuple[int, int, int], vocab_size: int, dtype: DTypeLike):
        """`shape` is that of the hidden states, (T, H, B)."""
        steps, _, streams = shape
        self._logits = np.empty((steps, vocab_size, streams), dtype)
        self._d_hidden = np.empty(shape, dtype)
        self._products = StepProducts(dtype)

    def learn(
        self,
        parameters: Mapping[str, Floats],
        hidden: Floats,
        targets: Ids,
        gradients: Mapping[str, Floats],
        events: int | None,
    ) -> tuple[float, Floats]:
        """Give the loss and dL/dh, as sums divided by `events`; fill dL/dV and dL/dc.

        Without `events` they are means over the targets.
        """
        logits = outputs(parameters, hidden, self._logits)
        loss, d_logits = cross_entropy(logits, targets, events)
        self._products.sum(d_logits, hidden, gradients["V"])
        np.sum(d_logits, axis=(0, 2), out=gradients["c"])
        V_transposed = np.ascontiguousarray(parameters["V"].T)
        return loss, np.matmul(V_transposed, d_logits, out=self._d_hidden)
