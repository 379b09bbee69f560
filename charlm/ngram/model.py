"""The finished n-gram model: a face for its tables, which know nothing of how they were made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Holder, Ids, Integers
from charlm.errors import ModelFileError
from charlm.model import ModelFacts, NgramsOfLength, Reader
from charlm.ngram.config import NgramConfig
from charlm.ngram.inference import distributions, scoring
from charlm.ngram.inference.adaptive import AdaptiveNgramReader
from charlm.ngram.inference.beams import NgramBeams
from charlm.ngram.inference.drawing import Drawer
from charlm.ngram.tables import UNFIT, State, Tables


@dataclass(frozen=True, eq=False, repr=False)
class NgramModel(Holder):
    """P(x_t | x_(t-n) .. x_(t-1)) for n = `order`; `notes` are the smoother's, one a length."""

    config: NgramConfig
    tables: Tables
    notes: tuple[Mapping[str, Any], ...] = ()

    kind: ClassVar[str] = "ngram"

    @property
    def order(self) -> int:
        """Symbols of context."""
        return self.config.order

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.tables.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.tables.end

    @property
    def ngrams(self) -> tuple[int, ...]:
        """Number of n-grams of 1, 2, ... symbols."""
        return self.tables.ngrams

    @property
    def pruned(self) -> bool:
        """Whether n-grams were left out for their small counts."""
        return any(note.get("pruned") for note in self.notes)

    def initial_state(self) -> State:
        """START is the one context symbol of an empty history."""
        return self.tables.initial_state()

    def advance(self, state: State, symbol: int) -> State:
        """Extend each context by the symbol, as far as the result was seen."""
        return self.tables.advance(state, symbol)

    def probs(self, state: State) -> Float64s:
        """After the longest context: what was seen there, else backoff * the shorter, (V,)."""
        return self.tables.probs(state)

    def log_probs(self, state: State) -> Float64s:
        """Logarithms of `probs`."""
        return distributions.after(self.tables, state)

    def distributions(self, ids: Ids, state: State) -> tuple[Float64s, State]:
        """Return `log_probs` before each symbol, (T, V), and the state after the last."""
        return distributions.before(self.tables, ids, state), self.tables.state_after(ids, state)

    def origins(self, state: State) -> tuple[Integers, Float64s]:
        """Return the order of each symbol, and what its probability is multiplied by."""
        return distributions.origins(self.tables, state)

    def weights(self, state: State) -> list[float]:
        """Return one back-off weight a context."""
        return distributions.weights(self.tables, state)

    def features(self, state: State) -> Float64s:
        """Say how long a context was seen and what it leaves to shorter ones, (F,)."""
        return distributions.features(self.tables, state)

    def features_before(self, ids: Ids, state: State) -> Float64s:
        """Say so before each symbol, (T, F)."""
        return distributions.features_before(self.tables, ids, state)

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Score blocks of the text on all cores."""
        return scoring.score(self.tables, ids, self.initial_state() if state is None else state)

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Score blocks of whole sequences on all cores."""
        return scoring.score_each(self.tables, ids, lengths)

    def beams(self, states: Sequence[State]) -> NgramBeams:
        """Put contexts side by side, in an array."""
        return NgramBeams.of(self.tables, states)

    def draws(self, state: State, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end; see `inference/drawing.py`."""
        return self._drawer.draws(state, rng)

    @cached_property
    def _drawer(self) -> Drawer:
        return Drawer(self.tables)

    def adaptive_reader(self) -> Reader:
        """Return a reader that counts what it reads; see `inference/adaptive.py`."""
        return AdaptiveNgramReader(self.tables)

    def describe(self) -> dict[str, str]:
        """Name what decides the numbers."""
        return self.config.describe()

    def facts(self) -> ModelFacts:
        """Return numbers, bytes and the smoother's notes of the n-grams of each length."""
        tables, orders = self.tables, []
        for length, notes in enumerate(self.notes, start=1):
            orders.append(
                NgramsOfLength(length, tables.ngrams[length - 1], tables.bytes(length), notes)
            )
        return ModelFacts(orders=tuple(orders))

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
        return self.tables.arrays()

    def check(self) -> None:
        """Read every value; a `ModelFileError` where one is impossible."""
        self.tables.check()

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a model; names, sizes and types are checked, values when they are used."""
        chosen = {field.name: settings[field.name] for field in fields(NgramConfig)}
        config = NgramConfig(**{**chosen, "prune": tuple(chosen["prune"])})
        tables = Tables.from_arrays(arrays, config.order, settings["vocab_size"], settings["end"])
        notes = settings["notes"]
        if len(notes) not in (0, config.order + 1) or not all(isinstance(n, dict) for n in notes):
            raise ModelFileError(UNFIT)
        return cls(config, tables, tuple(notes))
