"""Input symbols: x_t is one-hot, so U x_t is a column of U, looked up and never multiplied."""

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats, Ids
from charlm.rnn.layers.products import StepProducts

FEW_SYMBOLS = 512  # up to so many a one-hot product beats sorting


def inputs_of(ids: Ids, end: int | None, start: int) -> Ids:
    """Return what is read for each symbol: START for END, which closes a sequence."""
    return ids if end is None else np.where(ids == end, np.int32(start), ids)


def embed(U: Floats, b: Floats, symbols: Ids, out: Floats) -> None:
    """Fill `out`, (T, G H, B), with U x_t + b for symbols (T, B)."""
    bias_after = symbols.size < U.shape[1]
    columns = U if bias_after else U + b[:, None]
    for t, row in enumerate(symbols.astype(np.intp)):
        # take() wants integers of the machine's size, and mode='clip' spares it a buffered copy
        np.take(columns, row, axis=1, out=out[t], mode="clip")
    if bias_after:
        out += b[:, None]


def embedding_gradient(sums: StepProducts, d_inputs: Floats, symbols: Ids, out: Floats) -> None:
    """Fill `out`, (G H, V), with dL/dU = sum_t dL/d(U x_t) x_t^T.

    `d_inputs` is (T, G H, B), `symbols` (T, B).
    """
    if out.shape[1] <= FEW_SYMBOLS:
        sums.sum(d_inputs, one_hot(symbols, out.shape[1], d_inputs.dtype), out)
    else:
        _sum_by_symbol(d_inputs, symbols.ravel(), out)


def one_hot(symbols: Ids, size: int, dtype: DTypeLike) -> Floats:
    """Return x_t for symbols (T, B): (T, V, B)."""
    steps, streams = symbols.shape
    x: Floats = np.zeros((steps, size, streams), dtype)
    x[np.arange(steps)[:, None], symbols, np.arange(streams)] = 1
    return x


def _sum_by_symbol(d_inputs: Floats, symbols: Ids, out: Floats) -> None:
    """Add up the columns that belong to the same symbol, once sorted."""
    order = np.argsort(symbols, kind="stable")
    starts = np.flatnonzero(np.diff(symbols[order], prepend=-1))
    columns = d_inputs.transpose(1, 0, 2).reshape(len(out), -1)[:, order]
    out.fill(0)
    out[:, symbols[order][starts]] = np.add.reduceat(columns, starts, axis=1)
