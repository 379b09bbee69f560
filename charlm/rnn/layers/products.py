"""Sums over time steps of products, dL/dW = sum_t d_t h_t^T, as few large products.

Steps lie one after the other, (T, R, B); a product over several of them wants them side by side,
(R, T B). They are copied there in blocks that stay in the cache.
"""

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats

ROWS = COLUMNS = 512  # of a block: enough for a product at full speed


def side_by_side(values: Floats, out: Floats) -> Floats:
    """Copy steps, (T, R, B), to columns: fill and give `out`, (R, T B)."""
    steps, rows, streams = values.shape
    out.reshape(rows, steps, streams, copy=False)[...] = values.transpose(1, 0, 2)
    return out


def one_by_one(columns: Floats, out: Floats) -> None:
    """Copy columns, (R, T B), to steps: fill `out`, (T, R, B)."""
    steps, rows, streams = out.shape
    out[...] = columns.reshape(rows, steps, streams).transpose(1, 0, 2)


class StepProducts:
    """Sums of products, with the space they need kept between calls."""

    def __init__(self, dtype: DTypeLike):
        self._space: dict[tuple[str, int], Floats] = {}
        self._dtype = dtype

    def sum(self, left: Floats, right: Floats, out: Floats) -> None:
        """Fill `out`, (R, C), with sum_t left_t right_t^T; left (T, R, B), right (T, C, B)."""
        block = max(1, COLUMNS // left.shape[2])
        for low in range(0, len(left), block):
            steps = slice(low, low + block)
            columns = self._side_by_side("right", right[steps])
            for top in range(0, len(out), ROWS):
                rows = self._side_by_side("left", left[steps, top : top + ROWS])
                part = out[top : top + ROWS]
                if low == 0:
                    np.matmul(rows, columns.T, out=part)
                else:
                    product = self._take("product", part.size).reshape(part.shape)
                    part += np.matmul(rows, columns.T, out=product)

    def _side_by_side(self, name: str, values: Floats) -> Floats:
        rows = values.shape[1]
        return side_by_side(values, self._take(name, values.size).reshape(rows, -1))

    def _take(self, name: str, size: int) -> Floats:
        if (name, size) not in self._space:
            self._space[name, size] = np.empty(size, self._dtype)
        return self._space[name, size]
