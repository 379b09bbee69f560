r"""A model as one of several, over the vocabulary that all of them share.

A member A knows some symbols of the union U. What it has never seen is one of the symbols that
its UNKNOWN stands for:

    P_U(x) = P_A(x)                      x known to A
           = P_A(UNKNOWN) q_A(x)         x known to the union, not to A
           = P_A(UNKNOWN) (1 - sum q_A)  x = UNKNOWN: what is left

q_A(x) = 2^-(the bits that A's tokenizer needs to spell x), 1 / R_A where a symbol is one of the
R_A code points outside its vocabulary. So a text costs A as much on the union as alone.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.model import Beams, FeaturedBeams, FeaturedModel, StorableModel


@dataclass(frozen=True, eq=False, repr=False)
class Member(Holder):
    """P_U(x) = P(symbols[x]) * shares[x].

    `symbols` (V,) gives the member's id of each symbol of the union, UNKNOWN where it has none;
    `shares` (V,) is 1 where it has one, else the share of its UNKNOWN.
    """

    model: StorableModel
    symbols: Ids
    shares: Float64s

    @cached_property
    def _log_shares(self) -> Float64s:
        with np.errstate(divide="ignore"):  # a union of all code points leaves nothing unknown
            log_shares: Float64s = np.log(self.shares)
        return log_shares

    @cached_property
    def _featured(self) -> FeaturedModel | None:
        """The model, if it has features; asked once, as a protocol takes long to answer."""
        return self.model if isinstance(self.model, FeaturedModel) else None

    @property
    def _knows_all(self) -> bool:
        return self.model.vocab_size == len(self.symbols)

    def spread(self, log_probs: Float64s) -> Float64s:
        """Take distributions to the union, (..., V of the member) to (..., V)."""
        if self._knows_all:
            return log_probs
        spread: Float64s = log_probs[..., self.symbols] + self._log_shares
        return spread

    def log_probs(self, state: Any) -> Float64s:
        """Return those of each next symbol of the union, (V,)."""
        return self.spread(self.model.log_probs(state))

    def advance(self, state: Any, symbol: int) -> Any:
        """Read one symbol of the union."""
        return self.model.advance(state, int(self.symbols[symbol]))

    def score(self, ids: Ids, state: Any) -> tuple[Float64s, Any]:
        """Score by the model's fast path, (T,)."""
        scored, after = self.model.score(self.symbols[ids], state)
        return self.shared(ids, scored), after

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Score sequences that follow each other in `ids`, each by itself, (T,)."""
        return self.shared(ids, self.model.score_each(self.symbols[ids], lengths))

    def shared(self, ids: Ids, scored: Float64s) -> Float64s:
        """Take log-probabilities of symbols, as the member has them, to the union, (T,)."""
        return scored + self._log_shares[ids]

    def distributions(self, ids: Ids, state: Any) -> tuple[Float64s, Any]:
        """Return `log_probs` before each symbol, (T, V), and the state after the last."""
        rows, after = self.model.distributions(self.symbols[ids], state)
        return self.spread(rows), after

    def features(self, row: Float64s, state: Any) -> Float64s:
        """Say how much the member knows in a state: of its distribution (V,), and its own, (F,)."""
        known = of_distributions(row)
        if self._featured is None:
            return known
        return np.concatenate([known, self._featured.features(state)])

    def features_before(self, ids: Ids, rows: Float64s, state: Any) -> Float64s:
        """Say so before each symbol, from its distributions (T, V), (T, F)."""
        known = of_distributions(rows)
        if self._featured is None:
            return known
        own = self._featured.features_before(self.symbols[ids], state)
        return np.concatenate([known, own], axis=1)

    def features_of(self, rows: Float64s, beams: Beams) -> Float64s:
        """Say so of histories side by side, from the distributions after them, (B, F)."""
        known = of_distributions(rows)
        if self._featured is None:
            return known
        assert isinstance(beams, FeaturedBeams)
        return np.concatenate([known, beams.features()], axis=1)

    @cached_property
    def number_of_features(self) -> int:
        """F."""
        row = np.zeros(len(self.symbols))
        return len(self.features(row, self.model.initial_state()))


def of_distributions(rows: Float64s) -> Float64s:
    """Return the entropy of log-probabilities (..., V) and their largest, (..., 2)."""
    probs = np.exp(rows)
    terms = np.multiply(probs, rows, out=np.zeros_like(rows), where=probs > 0)
    return np.stack([-terms.sum(axis=-1), rows.max(axis=-1)], axis=-1)
