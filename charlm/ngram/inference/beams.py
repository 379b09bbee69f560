"""Several histories of an n-gram model side by side: contexts in an array instead of tuples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.ngram.inference import distributions
from charlm.ngram.inference.distributions import Contexts
from charlm.ngram.inference.scoring import rows_of
from charlm.ngram.tables import State, Tables
from charlm.search import NOT_FOUND


@dataclass(frozen=True, eq=False, repr=False)
class NgramBeams(Holder):
    """`rows` (order, B) are those of each history's contexts of 1, 2, ... symbols, or NOT_FOUND."""

    tables: Tables
    rows: Integers

    @classmethod
    def of(cls, tables: Tables, states: Sequence[State]) -> Self:
        """Put states side by side."""
        rows = np.full((tables.order, len(states)), NOT_FOUND)
        for b, state in enumerate(states):
            rows[: len(state), b] = state
        return cls(tables, rows)

    def __len__(self) -> int:
        return int(self.rows.shape[1])

    def states(self) -> list[State]:
        """Return the state of each."""
        lengths = (self.rows != NOT_FOUND).sum(axis=0).tolist()
        columns = zip(self.rows.T.tolist(), lengths, strict=True)
        return [tuple(column[:length]) for column, length in columns]

    def take(self, which: Integers) -> "NgramBeams":
        """Return some of them, in that order; one may be taken more than once."""
        return NgramBeams(self.tables, self.rows[:, which])

    def advance(self, symbols: Ids) -> "NgramBeams":
        """Extend each context by its history's symbol, as far as the result was seen."""
        tables = self.tables
        rows = np.full_like(self.rows, NOT_FOUND)
        rows[:1] = symbols
        for k in range(1, tables.order):
            places = np.flatnonzero((self.rows[k - 1] != NOT_FOUND) & (rows[k - 1] != NOT_FOUND))
            rows[k, places] = rows_of(tables, k, self.rows[k - 1, places], symbols[places])
        if tables.end is not None:
            ended = symbols == tables.end
            rows[:, ended] = NOT_FOUND
            rows[:1, ended] = tables.vocab_size  # START
        return NgramBeams(tables, rows)

    def log_probs(self) -> Float64s:
        """Return the natural log-probability of each next symbol, (B, V)."""
        return distributions.of_contexts(self.tables, len(self), self._contexts())

    def features(self) -> Float64s:
        """Return what tells how well the model knows each history, (B, F)."""
        return distributions.features_of(self.tables, len(self), self._contexts())

    def _contexts(self) -> Iterator[Contexts]:
        for k, rows in enumerate(self.rows, start=1):
            places = np.flatnonzero(rows != NOT_FOUND)
            yield k, places, rows[places]
