"""The finished n-gram model: probabilities and back-off weights in rows.

An n-gram is a row number. Unigrams are dense, row = symbol (START has the last row, as a history
only). For longer n-grams

    key = row of the history * V + symbol

is sorted, so that the successors of a history are neighbours and one binary search finds an
n-gram. The state is the tuple of rows of the contexts that were seen, of length 1, 2, ... up to
the order. The model does not know which smoother made it.

Probabilities are linear, float32, and combined in float64.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Ids, Integers
from charlm.errors import ModelFileError, UsageError
from charlm.ngram import search
from charlm.ngram.config import NgramConfig
from charlm.ngram.search import NOT_FOUND
from charlm.reading import Reader
from charlm.threads import in_threads

UNFIT = "is damaged: the n-gram tables do not fit together"
OUT_OF_RANGE = "is damaged: a table holds n-grams that cannot be"
IMPOSSIBLE = "is damaged: a table holds impossible probabilities"
ROUNDING = 1e-5  # of float32 tables

BLOCK = 1 << 17  # symbols scored at once
TABLE = 1 << 23  # keys that a direct table may have, 32 MB of it
TABLE_A_QUERY = 64  # and how many a query: a table must be worth its making

State: TypeAlias = tuple[int, ...]  # rows of the contexts of length 1, 2, ...


@dataclass(frozen=True)
class NgramModel:
    """P(x_t | x_(t-n) .. x_(t-1)) for n = `order`.

    Arrays of index i belong to n-grams of i + 1 symbols: `probability` (N_i,) and `keys` (N_i,)
    for each; `backoff` (N_i,) for those that are histories, START's row last among unigrams.
    The keys of unigrams are left out (an empty array): they are 0, 1, 2, ...
    """

    config: NgramConfig
    vocab_size: int
    end: int | None
    keys: tuple[NDArray[Any], ...]
    probability: tuple[NDArray[np.float32], ...]
    backoff: tuple[NDArray[np.float32], ...]
    notes: tuple[Mapping[str, Any], ...] = ()

    kind: ClassVar[str] = "ngram"

    @property
    def order(self) -> int:
        """Symbols of context."""
        return self.config.order

    def initial_state(self) -> State:
        """START is the one context symbol of an empty history."""
        return (self.vocab_size,)[: self.order]

    def log_probs(self, state: State) -> Float64s:
        """From the shortest context to the longest: what was seen, else backoff * the shorter."""
        probs = self.probability[0].astype(np.float64)
        for k, row in enumerate(state):
            probs *= self.backoff[k][row]
            first = row * self.vocab_size
            low, high = self._place(k + 1, [first, first + self.vocab_size])
            symbols = self.keys[k + 1][low:high] - first
            if len(symbols) and symbols.max() >= self.vocab_size:
                raise ModelFileError(OUT_OF_RANGE)
            probs[symbols] = self.probability[k + 1][low:high]
        return _logs(probs)

    def _place(self, k: int, keys: list[int]) -> list[int]:
        """Where keys stand, or would stand, among those of the (k+1)-grams."""
        table = self.keys[k]  # queries of its own type, else NumPy would convert the whole table
        places: list[int] = np.searchsorted(table, np.array(keys, table.dtype)).tolist()
        return places

    def advance(self, state: State, symbol: int) -> State:
        """Extend each context by the symbol, as far as the result was seen."""
        if symbol == self.end:
            return self.initial_state()
        rows = [symbol][: self.order]
        for k, row in enumerate(state[: self.order - 1]):
            key = row * self.vocab_size + symbol
            (found,) = self._place(k + 1, [key])
            if found == len(self.keys[k + 1]) or self.keys[k + 1][found] != key:
                break
            rows.append(found)
        return tuple(rows)

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Score blocks of the text on all cores; what a block must know is the state before it."""
        start = self.initial_state() if state is None else state

        def score_block(low: int) -> Float64s:
            return self._score_block(ids[low : low + BLOCK], self._state_after(ids[:low], start))

        scored = [np.empty(0), *in_threads(score_block, range(0, len(ids), BLOCK))]
        return np.concatenate(scored), self._state_after(ids, start)

    def adaptive_reader(self) -> Reader:
        """Refuse."""
        raise UsageError("an n-gram model has no adaptive form yet; leave out --adaptive")

    def _score_block(self, ids: Ids, state: State) -> Float64s:
        """Follow the recursion of `log_probs` for all t at once, one order after the other."""
        row = ids.astype(np.int64)  # of the k-gram that ends at t, or NOT_FOUND
        probs = self.probability[0][row].astype(np.float64)
        for k in range(1, self.order + 1):
            context = self._contexts(row, ids, state, k)
            has_context = np.flatnonzero(context != NOT_FOUND)
            probs[has_context] *= self.backoff[k - 1][context[has_context]]
            row = np.full(len(ids), NOT_FOUND)
            row[has_context] = self._rows(k, context[has_context], ids[has_context])
            found = np.flatnonzero(row != NOT_FOUND)
            probs[found] = self.probability[k][row[found]]
        return _logs(probs)

    def _contexts(self, row: Integers, ids: Ids, state: State, k: int) -> Integers:
        """Row of the context of length k before each t: the k-gram that ended one step earlier."""
        contexts = np.full(len(ids), NOT_FOUND)
        contexts[1:] = row[:-1]
        if self.end is not None:  # after END there is START, and nothing longer
            contexts[1:][ids[:-1] == self.end] = self.vocab_size if k == 1 else NOT_FOUND
        contexts[0] = state[k - 1] if k <= len(state) else NOT_FOUND
        return contexts

    def _rows(self, k: int, history: Integers, symbol: Ids) -> Integers:
        """Rows of (k+1)-grams, NOT_FOUND where there is none: by table where it is small."""
        keys = history * self.vocab_size + symbol
        size = len(self.backoff[k - 1]) * self.vocab_size
        if size > min(TABLE, TABLE_A_QUERY * len(keys)):
            return search.rows(self.keys[k], keys)
        if k not in self._tables:
            self._tables[k] = self._table(k, size)
        found: Integers = self._tables[k][keys].astype(np.int64)
        return found

    def _table(self, k: int, size: int) -> NDArray[np.int32]:
        """Give the row of each key there could be, NOT_FOUND where there is none."""
        if len(self.keys[k]) and self.keys[k].max() >= size:
            raise ModelFileError(OUT_OF_RANGE)
        table = np.full(size, NOT_FOUND, np.int32)
        table[self.keys[k]] = np.arange(len(self.keys[k]), dtype=np.int32)
        return table

    @cached_property
    def _tables(self) -> dict[int, NDArray[np.int32]]:
        """Tables that were made so far, when long texts were scored."""
        return {}

    def _state_after(self, ids: Ids, state: State) -> State:
        for symbol in ids[max(0, len(ids) - self.order) :].tolist():
            state = self.advance(state, symbol)
        return state

    @cached_property
    def ngrams(self) -> tuple[int, ...]:
        """Number of n-grams of 1, 2, ... symbols."""
        return tuple(map(len, self.probability))

    def describe(self) -> dict[str, str]:
        """Name what decides the numbers."""
        return self.config.describe()

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays."""
        return {
            **asdict(self.config),
            "vocab_size": self.vocab_size,
            "end": self.end,
            "notes": [dict(note) for note in self.notes],
        }

    def arrays(self) -> Arrays:
        """Named by the number of symbols: `2.keys`, `2.probability`, `2.backoff` ..."""
        named = {f"{i}.probability": array for i, array in enumerate(self.probability, start=1)}
        named |= {f"{i}.backoff": array for i, array in enumerate(self.backoff, start=1)}
        named |= {f"{i}.keys": array for i, array in enumerate(self.keys, start=1) if i > 1}
        return named

    def check(self) -> None:
        """Read every value; a `ModelFileError` where one is impossible."""
        for k in range(1, self.order + 1):
            keys = self.keys[k]
            limit = len(self.backoff[k - 1]) * self.vocab_size
            if len(keys) and not ((keys[1:] > keys[:-1]).all() and keys[-1] < limit):
                raise ModelFileError(OUT_OF_RANGE)
        if not all(((p >= 0) & (p <= 1)).all() for p in self.probability):
            raise ModelFileError(IMPOSSIBLE)
        if not all((np.isfinite(b) & (b >= 0)).all() for b in self.backoff):
            raise ModelFileError(IMPOSSIBLE)

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a model; names, sizes and types are checked, values when they are used."""
        chosen = {field.name: settings[field.name] for field in fields(NgramConfig)}
        config = NgramConfig(**{**chosen, "prune": tuple(chosen["prune"])})
        order, vocab_size = config.order, settings["vocab_size"]
        lengths = range(1, order + 2)
        if set(arrays) != _names(order) or any(array.ndim != 1 for array in arrays.values()):
            raise ModelFileError(UNFIT)
        probability = tuple(arrays[f"{i}.probability"] for i in lengths)
        backoff = tuple(arrays[f"{i}.backoff"] for i in lengths[:-1])
        keys = (np.empty(0, np.uint32), *(arrays[f"{i}.keys"] for i in lengths[1:]))
        rows = [vocab_size, *map(len, keys[1:])]
        histories = [vocab_size + 1, *rows[1:-1]] if order else []
        fits = list(map(len, probability)) == rows and list(map(len, backoff)) == histories
        floats = all(a.dtype == np.float32 for a in (*probability, *backoff))
        types = [key_type(number, vocab_size) for number in histories]
        if not (fits and floats and types == [key.dtype for key in keys[1:]]):
            raise ModelFileError(UNFIT)
        if not all(isinstance(note, dict) for note in settings["notes"]):
            raise ModelFileError(UNFIT)
        return cls(
            config=config,
            vocab_size=vocab_size,
            end=settings["end"],
            keys=keys,
            probability=probability,
            backoff=backoff,
            notes=tuple(settings["notes"]),
        )


def key_type(histories: int, vocab_size: int) -> type[np.unsignedinteger[Any]]:
    """Give the smaller type that holds every key, and the first that is too large."""
    return np.uint32 if (histories + 1) * vocab_size < 1 << 32 else np.uint64


def _names(order: int) -> set[str]:
    lengths = range(1, order + 2)
    names = {f"{i}.probability" for i in lengths} | {f"{i}.backoff" for i in lengths[:-1]}
    return names | {f"{i}.keys" for i in lengths[1:]}


def _logs(probs: Float64s) -> Float64s:
    """Take logarithms; a `ModelFileError` where a table held what is no probability."""
    if len(probs) and not (probs.min() >= 0 and probs.max() <= 1 + ROUNDING):
        raise ModelFileError(IMPOSSIBLE)
    with np.errstate(divide="ignore"):
        logs: Float64s = np.log(probs)
    return logs
