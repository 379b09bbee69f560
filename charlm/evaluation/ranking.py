"""Scores of documents in their order, on disk where they are many, and which are the smallest.

Memory is that of a block, however many there are. The k-th smallest of them is found exactly, by
four readings: the bits of a float64, with its sign turned, ascend as the numbers do; so its upper
16 bits are found by counting, then the next 16 among those that begin so, and so on.
"""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s
from charlm.errors import OutputError

BLOCK = 1 << 18  # numbers read at once
IN_MEMORY = 1 << 24  # bytes; fewer need no disk
DIGIT = 16  # bits that are found in a reading
SIGN = np.uint64(1 << 63)


class ScoreFile:
    """Rows of some columns, kept while the program runs; the first column is what is ranked."""

    def __init__(self, columns: int):
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._columns = columns
        self.rows = 0

    def add(self, rows: Float64s) -> None:
        """Append rows, (N, columns).

        Raises:
            OutputError: the disk is full.
        """
        try:
            self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(rows, np.float64).tobytes())
        except OSError as error:
            raise OutputError(f"a temporary file: cannot be written: {error.strerror}") from None
        self.rows += len(rows)

    def read(self, first: int, number: int) -> Float64s:
        """Return so many rows from the first one on, (number, columns)."""
        size = self._columns * 8
        self._file.seek(first * size)
        return np.frombuffer(self._file.read(number * size)).reshape(-1, self._columns)

    def blocks(self) -> Iterator[Float64s]:
        """Yield all rows, some at a time, (N, columns)."""
        for low in range(0, self.rows, BLOCK):
            yield self.read(low, BLOCK)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def _keys(self) -> Iterator[NDArray[np.uint64]]:
        """Yield whole numbers in the order of the first column; no NaN among them."""
        for block in self.blocks():
            values = block[:, 0]
            bits = values[~np.isnan(values)].view(np.uint64)
            yield np.where(bits & SIGN, ~bits, bits | SIGN)

    @property
    def ranked(self) -> int:
        """How many there are that are no NaN."""
        return sum(map(len, self._keys()))

    def smallest(self, k: int) -> tuple[float, int]:
        """Return the k-th smallest score, and how many of its equals are among the k smallest.

        k is at least 1 and at most `ranked`.
        """
        found, left = np.uint64(0), k
        for shift in range(64 - DIGIT, -1, -DIGIT):
            counts = np.zeros(1 << DIGIT, np.int64)
            above = np.uint64(shift + DIGIT)
            for keys in self._keys():
                same = keys if shift == 64 - DIGIT else keys[keys >> above == found >> above]
                digits = (same >> np.uint64(shift)) & np.uint64((1 << DIGIT) - 1)
                counts += np.bincount(digits.astype(np.int64), minlength=1 << DIGIT)
            digit = int(np.searchsorted(np.cumsum(counts), left))
            left -= int(counts[:digit].sum())
            found |= np.uint64(digit << shift)
        bits = found ^ SIGN if found & SIGN else ~found
        return float(np.array([bits]).view(np.float64)[0]), left
