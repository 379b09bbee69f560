"""The finished n-gram model: probabilities and back-off weights in rows.

An n-gram is a row number. Unigrams are dense, row = symbol (START has the last row, as a history
only). For longer n-grams

    key = row of the history * V + symbol

is sorted, so that the successors of a history are neighbours and one binary search finds an
n-gram. The state is the tuple of rows of the contexts that were seen, of length 1, 2, ... up to
the order. The model does not know which smoother made it.

Probabilities are linear, float32, and combined in float64. A float32 is off by 2^-24 of itself, so
a distribution sums to one but for some 1e-7. It is not normalised: a score would need all of V.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Holder, Ids, Integers
from charlm.errors import ModelFileError
from charlm.model import Reader
from charlm.ngram import tables
from charlm.ngram.config import NgramConfig
from charlm.ngram.inference import distributions, drawing, scoring
from charlm.ngram.inference.scoring import IMPOSSIBLE, OUT_OF_RANGE, State
from charlm.parallel.threads import in_threads

REMEMBERED = 1 << 21  # probabilities of shorter contexts, 16 MB


@dataclass(frozen=True, eq=False, repr=False)
class NgramModel(Holder):
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

    @scoring.DAMAGED
    def log_probs(self, state: State) -> Float64s:
        """Logarithms of `probs`."""
        return scoring.logs(self.probs(state))

    def probs(self, state: State) -> Float64s:
        """After the longest context: what was seen there, else backoff * the shorter, (V,)."""
        if not state:
            return self.probability[0].astype(np.float64)
        k, row = len(state), state[-1]
        probs: Float64s = self._probs_of_shorter(state[:-1]) * self.backoff[k - 1][row]
        symbols, seen = self._successors(k, row)
        probs[symbols] = seen
        return probs

    @cached_property
    def _probs_of_shorter(self) -> Callable[[State], Float64s]:
        """Give `probs` of contexts that many longer ones share; the last ones are remembered."""
        return lru_cache(max(1, REMEMBERED // self.vocab_size))(self.probs)

    @scoring.DAMAGED
    def origins(self, state: State) -> tuple[Integers, Float64s]:
        """Follow the same recursion for the order of each symbol, and what it is multiplied by."""
        orders, weights = np.zeros(self.vocab_size, np.int64), np.ones(self.vocab_size)
        for k, row in enumerate(state):
            weights *= self.backoff[k][row]
            symbols, _ = self._successors(k + 1, row)
            orders[symbols], weights[symbols] = k + 1, 1.0
        return orders, weights

    def weights(self, state: State) -> list[float]:
        """One back-off weight a context."""
        return [float(self.backoff[k][row]) for k, row in enumerate(state)]

    def _successors(self, k: int, row: int) -> tuple[Integers, NDArray[np.float32]]:
        """Give what was seen after a context of length k, and its probabilities."""
        first = row * self.vocab_size
        low, high = self._place(k, first), self._place(k, first + self.vocab_size)
        symbols = self.keys[k][low:high].astype(np.int64) - first
        if len(symbols) and not 0 <= symbols.min() <= symbols.max() < self.vocab_size:
            raise ModelFileError(OUT_OF_RANGE)
        return symbols, self.probability[k][low:high]

    def _place(self, k: int, key: int) -> int:
        """Where a key stands, or would stand, among those of the (k+1)-grams."""
        return bisect_left(self.keys[k].data, key)  # for one key twice as fast as NumPy's search

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

    def row(self, k: int, key: int) -> int | None:
        """Find the row of a (k+1)-gram."""
        found = self._place(k, key)
        return found if found < len(self.keys[k]) and self.keys[k][found] == key else None

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Score blocks of the text on all cores; what a block must know is the state before it."""
        start = self.initial_state() if state is None else state
        if len(ids) <= scoring.FEW:
            return scoring.score_few(self, ids, start)

        def score_block(low: int) -> Float64s:
            block = ids[low : low + scoring.BLOCK_SYMBOLS]
            return scoring.score_block(self, block, self._state_after(ids[:low], start))

        blocks = range(0, len(ids), scoring.BLOCK_SYMBOLS)
        scored = [np.empty(0), *in_threads(score_block, blocks)]
        return np.concatenate(scored), self._state_after(ids, start)

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Read blocks of whole sequences."""
        return scoring.score_each(self, ids, lengths)

    def draws(self, state: State, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end; see `inference/drawing.py`."""
        return drawing.draws(self, state, rng)

    @cached_property
    def drawing_tables(self) -> drawing.Tables:
        """What long samples are drawn from."""
        return drawing.make_tables(self)

    def adaptive_reader(self) -> Reader:
        """Give a reader that counts what it reads; see `adaptive.py`."""
        from charlm.ngram.inference.adaptive import AdaptiveNgramReader  # which knows the model

        return AdaptiveNgramReader(self)

    def matched(self, ids: Ids, state: State) -> Integers:
        """Give the length of the longest context seen before each symbol, (T,)."""
        return scoring.matched(self, ids, state)

    def distributions(self, ids: Ids, state: State) -> tuple[Float64s, State]:
        """Give `log_probs` before each symbol, (T, V), and the state after; see there."""
        return distributions.before(self, ids, state), self._state_after(ids, state)

    def features(self, state: State) -> Float64s:
        """Say how long a context was seen and what it leaves to shorter ones, (F,)."""
        return distributions.features(self, state)

    def features_before(self, ids: Ids, state: State) -> Float64s:
        """Say so before each symbol, (T, F)."""
        return distributions.features_before(self, ids, state)

    @cached_property
    def direct_tables(self) -> dict[int, NDArray[np.int32]]:
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
        return tables.pack(self.keys, self.probability, self.backoff)

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
        keys, probability, backoff = tables.unpack(arrays, order, vocab_size)
        notes = settings["notes"]
        if len(notes) not in (0, order + 1) or not all(isinstance(note, dict) for note in notes):
            raise ModelFileError(tables.UNFIT)
        return cls(
            config=config,
            vocab_size=vocab_size,
            end=settings["end"],
            keys=keys,
            probability=probability,
            backoff=backoff,
            notes=tuple(notes),
        )
