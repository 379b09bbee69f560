"""Several histories of a mixture side by side: those of its members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.mixture.evidence import State, mix, mixed
from charlm.mixture.gate import Gate
from charlm.mixture.member import Member
from charlm.model import Beams


@dataclass(frozen=True, eq=False, repr=False)
class MixtureBeams(Holder):
    """The members, their beams, and what weighs them."""

    members: tuple[Member, ...]
    gate: Gate
    beams: tuple[Beams, ...]

    @classmethod
    def of(cls, members: tuple[Member, ...], gate: Gate, states: Sequence[State]) -> Self:
        """Put states side by side."""
        pairs = zip(members, zip(*states, strict=True), strict=True)
        return cls(members, gate, tuple(member.model.beams(own) for member, own in pairs))

    def __len__(self) -> int:
        return len(self.beams[0])

    def states(self) -> list[State]:
        """Return the state of each."""
        return list(zip(*(beams.states() for beams in self.beams), strict=True))

    def take(self, which: Integers) -> "MixtureBeams":
        """Return some of them, in that order; one may be taken more than once."""
        return self._with(tuple(beams.take(which) for beams in self.beams))

    def advance(self, symbols: Ids) -> "MixtureBeams":
        """Advance each member's."""
        pairs = zip(self.members, self.beams, strict=True)
        return self._with(tuple(beams.advance(member.symbols[symbols]) for member, beams in pairs))

    def log_probs(self) -> Float64s:
        """Mix the members' distributions, (B, V)."""
        rows = self._rows()
        return mix(rows, self._log_weights(rows))

    def log_probs_at(self, which: Integers, symbols: Ids) -> Float64s:
        """Return log P of symbols (N,), each after one of the histories, (N,)."""
        rows = self._rows()
        weights = np.broadcast_to(self._log_weights(rows), (len(self), len(rows)))
        return mixed(np.stack([row[which, symbols] for row in rows], axis=1) + weights[which])

    def _rows(self) -> list[Float64s]:
        """Return each member's distributions over the union, M of (B, V)."""
        pairs = zip(self.members, self.beams, strict=True)
        return [member.spread(beams.log_probs()) for member, beams in pairs]

    def _log_weights(self, rows: Sequence[Float64s]) -> Float64s:
        """Return the members' weights, (B, M), or (M,) where they are constant."""
        if self.gate.is_constant:
            return self.gate.log_weights(np.empty(0))
        triples = zip(self.members, rows, self.beams, strict=True)
        features = [member.features_of(row, beams) for member, row, beams in triples]
        return self.gate.log_weights(np.concatenate(features, axis=1))

    def _with(self, beams: tuple[Beams, ...]) -> "MixtureBeams":
        return MixtureBeams(self.members, self.gate, beams)
