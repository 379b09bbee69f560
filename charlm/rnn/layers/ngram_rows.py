"""Rows for n-grams: what a network is told of the last symbols at the price of looking it up.

    e_t = [E_2[k_2(t)]; ...; E_N[k_N(t)]]        a_t = W h_(t-1) + U x_t + Q e_t + b

E_n is a table of R rows of D numbers, and k_n(t) the row that the n-gram x_(t-n+1) ... x_t has
there. A hash chooses it, so that any number of n-grams share R rows, and none is stored. So a
network need not learn by matrix products what a table can know, which letters follow "th" or
"ing ", and a small one learns far faster (Mikolov et al. 2011, "RNN-ME"; Bojanowski, Joulin &
Mikolov 2015). A step reads and changes few rows, whatever their number.

A row that fewer than SEEN places of the text share is never learnt: it would be that place, learnt
by heart. It stays zero, as all rows are at first.

No n-gram reaches over the start of a sequence: what stands before START reads as START.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from charlm.arrays import Booleans, Floats, Ids, Integers
from charlm.rnn.layers.products import StepProducts

TABLE, PROJECTION = "e", "Q"  # the parameters' letters
WIDTH = 32  # D
SEEN = 3  # places that a row must stand for
CODES_AT_ONCE = 1 << 20  # symbols
MULTIPLIER, MIXER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)  # odd, any
HALF = np.uint64(32)  # bits

Codes: TypeAlias = NDArray[np.uint64]


class RowGradient(NamedTuple):
    """Where a window changes the table: rows in rising order, (M,), and dL/dE there, (M, D)."""

    rows: Integers
    sums: Floats

    def among(self, earned: Booleans) -> "RowGradient":
        """Leave out all rows but those that are to be learnt."""
        kept = earned[self.rows]
        return RowGradient(self.rows[kept], self.sums[kept])

    def spread(self, out: Floats) -> None:
        """Fill `out`, the gradient of the whole table."""
        out.fill(0)
        out[self.rows] = self.sums


def sum_by_row(rows: Integers, gradients: Floats) -> RowGradient:
    """Add up, in their order, the gradients (N, D) that belong to the same row, (N,)."""
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    return RowGradient(rows[starts], np.add.reduceat(gradients[order], starts, axis=0))


def united(gradients: Sequence[RowGradient]) -> RowGradient:
    """Add up the gradients of several windows, in their order."""
    rows, sums = zip(*gradients, strict=True)
    return sum_by_row(np.concatenate(rows), np.concatenate(sums))


class NgramRows:
    """Finds the rows of n-grams of 2 to `longest` symbols in tables of `size` rows."""

    def __init__(self, longest: int, size: int, start: int):
        self.before = longest - 1  # symbols to remember, and number of tables
        self._size, self._start = np.uint64(size), start

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return self.before * int(self._size)

    def zero_state(self, streams: int) -> Ids:
        """Return START for what stands before a text, (N - 1, B)."""
        return np.full((self.before, streams), self._start, np.int32)

    def find(self, inputs: Ids, before: Ids) -> tuple[Integers, Ids]:
        """Return the rows of each input, (T, B, K), and what is to be remembered after the last.

        `inputs` is (T, B), `before` the symbols before them, (N - 1, B), as remembered.
        """
        symbols = np.concatenate([before, inputs])
        codes = np.where(symbols == self._start, 0, symbols + 1).astype(np.uint64)
        rows = np.empty((*inputs.shape, self.before), np.intp)
        key = codes[self.before :]
        begun = key == 0
        for lag in range(1, self.before + 1):
            older = np.where(begun, 0, codes[self.before - lag : len(codes) - lag])
            begun |= older == 0
            key = key * MULTIPLIER + older.astype(np.uint64)
            rows[..., lag - 1] = self._hashed(key) + (lag - 1) * int(self._size)
        return rows, symbols[len(inputs) :].astype(np.int32)

    def _hashed(self, key: Codes) -> Integers:
        """Return a number below the size of a table."""
        mixed = (key ^ (key >> HALF)) * MIXER
        return (((mixed >> HALF) * self._size) >> HALF).astype(np.intp)

    def earned(self, inputs: Ids) -> Booleans:
        """Tell of each row whether SEEN places of a text, (N,), have it."""
        counts = np.zeros(self.rows, np.int64)
        before = self.zero_state(1)
        for low in range(0, len(inputs), CODES_AT_ONCE):
            rows, before = self.find(inputs[low : low + CODES_AT_ONCE, None], before)
            counts += np.bincount(rows.ravel(), minlength=len(counts))
        return counts >= SEEN


class RowReading:
    """The rows of a window as they are read and learnt, with the buffers that takes."""

    def __init__(self, ngrams: NgramRows, steps: int, streams: int, gates: int, dtype: DTypeLike):
        self._ngrams, self.tables = ngrams, ngrams.before
        self._e = np.empty((steps, streams, ngrams.before * WIDTH), dtype)
        self._d_e = np.empty_like(self._e)
        self._product = np.empty((steps, gates, streams), dtype)
        self._sums = StepProducts(dtype)
        self._rows: Integers = np.empty(0, np.intp)
        self._kept: Floats | None = None

    def forward(
        self,
        parameters: Mapping[str, Floats],
        inputs: Ids,
        before: Ids,
        kept: Floats | None,
        out: Floats,
    ) -> tuple[Ids]:
        """Add Q e_t to `out`, (T, G H, B); return what is to be remembered, (N - 1, B).

        `kept` (T, B, K) is a mask: what dropout leaves of the rows.
        """
        self._rows, after = self._ngrams.find(inputs, before)
        self._kept = kept
        e = self._e.reshape(-1, WIDTH)
        np.take(parameters[TABLE], self._rows.ravel(), axis=0, out=e, mode="clip")
        if kept is not None:
            e *= kept.reshape(-1, 1)
        out += np.matmul(parameters[PROJECTION], self._e.transpose(0, 2, 1), out=self._product)
        return (after,)

    def backward(
        self, parameters: Mapping[str, Floats], d_inputs: Floats, d_projection: Floats
    ) -> RowGradient:
        """Fill dL/dQ = sum_t dL/da_t e_t^T, and return dL/dE, from dL/de_t = Q^T dL/da_t.

        `d_inputs` is dL/da, (T, G H, B).
        """
        self._sums.sum(d_inputs, self._e.transpose(0, 2, 1), d_projection)
        np.matmul(d_inputs.transpose(0, 2, 1), parameters[PROJECTION], out=self._d_e)
        d_rows = self._d_e.reshape(-1, WIDTH)
        if self._kept is not None:
            d_rows *= self._kept.reshape(-1, 1)
        return sum_by_row(self._rows.ravel(), d_rows)
