"""N-grams of ascending length as rows: each the row of its history, and a symbol.

For every n-gram a model needs its history and its suffix as n-grams too. A file may lack them:
SRILM may prune an n-gram but keep longer ones that begin or end with it. A missing n-gram is added
with the values that the model gives it anyway, so that no probability changes:

    P(x|h) = backoff(h) P(x|h')        backoff(hx) = 1

with h' the history h without its oldest symbol. KenLM fills gaps so (`FixSRI` in its loader).
"""

import numpy as np
from numpy.typing import NDArray

from charlm import search
from charlm.arrays import Integers
from charlm.search import NOT_FOUND


class Rows:
    """Tables that grow from the 1-grams on, longer n-grams last.

    `keys` (N,) ascend, with those of 1-grams left out; `probability` and `backoff` (N,), START's
    row last among the weights of 1-grams. `added` counts what was missing.
    """

    def __init__(
        self, vocab_size: int, probability: NDArray[np.float32], backoff: NDArray[np.float32]
    ):
        self.keys: list[Integers] = [np.empty(0, np.int64)]
        self.probability, self.backoff = [probability], [backoff]
        self.added = 0
        self._vocab_size = vocab_size

    def find(self, columns: Integers) -> Integers:
        """Return the rows of n-grams given by their columns of ids, (k, N); NOT_FOUND of others."""
        row: Integers = columns[0]
        for keys, symbol in zip(self.keys[1:], columns[1:], strict=False):
            found = search.rows(keys, np.maximum(row, 0) * self._vocab_size + symbol)
            found[row == NOT_FOUND] = NOT_FOUND
            row = found
        return row

    def keys_of(self, columns: Integers) -> Integers:
        """Return the keys that n-grams one symbol longer than those that are here will have, (N,).

        Their histories and suffixes are put in where they are missing, and what those need.
        """
        missing: list[Integers] = []
        wanted = columns
        while len(wanted) > 2 and (wanted := self._missing_parts(wanted)).size:
            missing.append(wanted)
        for shorter in reversed(missing):
            self._put_in(shorter)
        return self._keys(columns)

    def _keys(self, columns: Integers) -> Integers:
        keys: Integers = self.find(columns[:-1]) * self._vocab_size + columns[-1]
        return keys

    def _missing_parts(self, columns: Integers) -> Integers:
        """Return the distinct histories and suffixes that are not here, (k - 1, M)."""
        parts = (columns[:-1], columns[1:])
        missing = [part[:, self.find(part) == NOT_FOUND] for part in parts]
        return np.unique(np.concatenate(missing, axis=1), axis=1)

    def _put_in(self, columns: Integers) -> None:
        """Put n-grams in whose histories and suffixes are here."""
        keys, k = self._keys(columns), len(columns) - 1
        history, suffix = self.find(columns[:-1]), self.find(columns[1:])
        values = self.backoff[k - 1][history].astype(float) * self.probability[k - 1][suffix]
        order = search.argsort(keys)
        self._insert(k, keys[order], values[order])
        self.added += len(keys)

    def append(
        self, keys: Integers, probability: NDArray[np.float32], backoff: NDArray[np.float32]
    ) -> None:
        """Add the table of the next length."""
        order = search.argsort(keys)
        self.keys.append(keys[order])
        self.probability.append(probability[order])
        self.backoff.append(backoff[order])

    def _insert(self, k: int, keys: Integers, values: NDArray[np.floating]) -> None:
        """Put (k + 1)-grams in; the keys of longer ones follow their histories to new rows."""
        before = self.keys[k]
        places = np.searchsorted(before, keys)
        self.keys[k] = np.insert(before, places, keys)
        self.probability[k] = np.insert(self.probability[k], places, values)
        self.backoff[k] = np.insert(self.backoff[k], places, 1.0)
        if k + 1 < len(self.keys):
            history, symbol = np.divmod(self.keys[k + 1], self._vocab_size)
            shift = np.searchsorted(keys, before)
            self.keys[k + 1] = (history + shift[history]) * self._vocab_size + symbol
