"""The tables of an n-gram model: probabilities and back-off weights in rows.

An n-gram is a row number. Unigrams are dense, row = symbol (START has the last row, as a history
only). For longer n-grams

    key = row of the history * V + symbol

is sorted, so that the successors of a history are neighbours and one binary search finds an
n-gram. The state is the tuple of rows of the contexts that were seen, of length 1, 2, ... up to
the order.

Here the tables are read one history at a time; `inference/` reads them for whole texts. In a model
file they are named arrays, `2.keys`, `2.probability` ..., by the number of symbols of an n-gram.
Names, sizes and types are checked as a file is read; values, which may be many, when they are used.

Probabilities are linear, float32, and combined in float64. A float32 is off by 2^-24 of itself, so
a distribution sums to one but for some 1e-7. It is not normalised: a score would need all of V.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Holder, Ids, Integers
from charlm.errors import ModelFileError
from charlm.search import NOT_FOUND

UNFIT = "is damaged: the n-gram tables do not fit together"
OUT_OF_RANGE = "is damaged: a table holds n-grams that cannot be"
IMPOSSIBLE = "is damaged: a table holds impossible probabilities"

REMEMBERED = 1 << 21  # probabilities of shorter contexts, 16 MB

State: TypeAlias = tuple[int, ...]  # rows of the contexts of length 1, 2, ...


@dataclass(frozen=True, eq=False, repr=False)
class Tables(Holder):
    """What an n-gram model knows, whichever smoother made it.

    Arrays of index i belong to n-grams of i + 1 symbols: `probability` (N_i,) and `keys` (N_i,)
    for each; `backoff` (N_i,) for those that are histories, START's row last among unigrams.
    The keys of unigrams are left out (an empty array): they are 0, 1, 2, ...
    """

    vocab_size: int
    end: int | None
    keys: tuple[NDArray[Any], ...]
    probability: tuple[NDArray[np.float32], ...]
    backoff: tuple[NDArray[np.float32], ...]

    @property
    def order(self) -> int:
        """Symbols of context."""
        return len(self.backoff)

    @cached_property
    def ngrams(self) -> tuple[int, ...]:
        """Number of n-grams of 1, 2, ... symbols."""
        return tuple(map(len, self.probability))

    def bytes(self, length: int) -> int:
        """Return what the n-grams of so many symbols take."""
        kinds = (self.keys, self.probability, self.backoff)
        return sum(array.nbytes for kind in kinds for array in kind[length - 1 : length])

    def initial_state(self) -> State:
        """START is the one context symbol of an empty history."""
        return (self.vocab_size,)[: self.order]

    def advance(self, state: State, symbol: int) -> State:
        """Extend each context by the symbol, as far as the result was seen."""
        if symbol == self.end:
            return self.initial_state()
        rows = [symbol][: self.order]
        for k, row in enumerate(state[: self.order - 1], start=1):
            found = self.row(k, row * self.vocab_size + symbol)
            if found is None:
                break
            rows.append(found)
        return tuple(rows)

    def state_after(self, ids: Ids, state: State) -> State:
        """Return the state after a whole text, of which the last symbols are enough."""
        for symbol in ids[max(0, len(ids) - self.order) :].tolist():
            state = self.advance(state, symbol)
        return state

    def probs(self, state: State) -> Float64s:
        """After the longest context: what was seen there, else backoff * the shorter, (V,)."""
        if not state:
            return self.probability[0].astype(np.float64)
        k, row = len(state), state[-1]
        probs: Float64s = self._probs_of_shorter(state[:-1]) * self.backoff[k - 1][row]
        symbols, seen = self.successors(k, row)
        probs[symbols] = seen
        return probs

    @cached_property
    def _probs_of_shorter(self) -> Callable[[State], Float64s]:
        """`probs` of contexts that many longer ones share; the last ones are remembered."""
        return lru_cache(max(1, REMEMBERED // self.vocab_size))(self.probs)

    def successors(self, k: int, row: int) -> tuple[Integers, NDArray[np.float32]]:
        """Return what was seen after a context of length k, and its probabilities."""
        first = row * self.vocab_size
        low, high = self._place(k, first), self._place(k, first + self.vocab_size)
        symbols = self.keys[k][low:high].astype(np.int64) - first
        if len(symbols) and not 0 <= symbols.min() <= symbols.max() < self.vocab_size:
            raise ModelFileError(OUT_OF_RANGE)
        return symbols, self.probability[k][low:high]

    def row(self, k: int, key: int) -> int | None:
        """Find the row of a (k+1)-gram."""
        found = self._place(k, key)
        return found if found < len(self.keys[k]) and self.keys[k][found] == key else None

    def _place(self, k: int, key: int) -> int:
        """Where a key stands, or would stand, among those of the (k+1)-grams."""
        return bisect_left(self.keys[k].data, key)  # for one key twice as fast as NumPy's search

    def possible(self, k: int) -> int:
        """Return how many keys (k+1)-grams could have: all are smaller than this."""
        return len(self.backoff[k - 1]) * self.vocab_size

    def row_of_each_key(self, k: int) -> NDArray[np.int32]:
        """Return the row of each key that a (k+1)-gram could have, NOT_FOUND where there is none.

        It takes 4 `possible(k)` bytes, and is made once.
        """
        if k not in self._rows_of_keys:
            keys, size = self.keys[k], self.possible(k)
            if len(keys) and keys.max() >= size:
                raise ModelFileError(OUT_OF_RANGE)
            rows = np.full(size, NOT_FOUND, np.int32)
            rows[keys] = np.arange(len(keys), dtype=np.int32)
            self._rows_of_keys[k] = rows
        return self._rows_of_keys[k]

    @cached_property
    def _rows_of_keys(self) -> dict[int, NDArray[np.int32]]:
        return {}

    def check(self) -> None:
        """Read every value; a `ModelFileError` where one is impossible."""
        for k in range(1, self.order + 1):
            keys = self.keys[k]
            if len(keys) and not ((keys[1:] > keys[:-1]).all() and keys[-1] < self.possible(k)):
                raise ModelFileError(OUT_OF_RANGE)
        if not all(((p >= 0) & (p <= 1)).all() for p in self.probability):
            raise ModelFileError(IMPOSSIBLE)
        if not all((np.isfinite(b) & (b >= 0)).all() for b in self.backoff):
            raise ModelFileError(IMPOSSIBLE)

    def arrays(self) -> Arrays:
        """Name the arrays by the number of symbols; unigrams need no keys."""
        named: Arrays = {f"{i}.probability": a for i, a in enumerate(self.probability, start=1)}
        named |= {f"{i}.backoff": array for i, array in enumerate(self.backoff, start=1)}
        named |= {f"{i}.keys": array for i, array in enumerate(self.keys, start=1) if i > 1}
        return named

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], order: int, vocab_size: int, end: int | None
    ) -> Self:
        """Undo `arrays`.

        Raises:
            ModelFileError: an array is missing or left over, or has not the size or type it must
                have.
        """
        lengths = range(1, order + 2)
        if set(arrays) != _names(order) or any(array.ndim != 1 for array in arrays.values()):
            raise ModelFileError(UNFIT)
        tables = cls(
            vocab_size=vocab_size,
            end=end,
            keys=(np.empty(0, np.uint32), *(arrays[f"{i}.keys"] for i in lengths[1:])),
            probability=tuple(arrays[f"{i}.probability"] for i in lengths),
            backoff=tuple(arrays[f"{i}.backoff"] for i in lengths[:-1]),
        )
        if not tables._fit():
            raise ModelFileError(UNFIT)
        return tables

    def _fit(self) -> bool:
        """Tell whether sizes and types are what they must be."""
        rows = [self.vocab_size, *map(len, self.keys[1:])]
        histories = [self.vocab_size + 1, *rows[1:-1]] if self.order else []
        types = [key_type(number, self.vocab_size) for number in histories]
        return (
            list(map(len, self.probability)) == rows
            and list(map(len, self.backoff)) == histories
            and all(a.dtype == np.float32 for a in (*self.probability, *self.backoff))
            and types == [keys.dtype for keys in self.keys[1:]]
        )


def key_type(histories: int, vocab_size: int) -> type[np.unsignedinteger[Any]]:
    """Return the smaller type that holds every key, and the first that is too large."""
    return np.uint32 if (histories + 1) * vocab_size < 1 << 32 else np.uint64


def _names(order: int) -> set[str]:
    lengths = range(1, order + 2)
    names = {f"{i}.probability" for i in lengths} | {f"{i}.backoff" for i in lengths[:-1]}
    return names | {f"{i}.keys" for i in lengths[1:]}
