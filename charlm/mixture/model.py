"""A mixture of models, which is a model like any other.

    P(x | h) = sum_m w_m(h) P_m(x | h)

over the vocabulary that all members share (`member.py`), with weights that are constant or depend
on what the members know (`gate.py`). Members are of any family, mixtures among them; they are
stored inside the mixture's file. The state is the tuple of theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Holder, Ids, Integers
from charlm.errors import ModelFileError
from charlm.mixture import parts
from charlm.mixture.gate import NAMES, Gate
from charlm.mixture.member import Member
from charlm.model import Reader

BLOCK_NUMBERS = 1 << 22  # of a distribution that are held at once, for each member
DEEPEST = 8  # mixtures of mixtures

State = tuple[Any, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Holder):
    """What members say before each symbol of a text.

    `log_probs` (T, M) of the symbol, `features` (T, F), and the states after the last.
    """

    log_probs: Float64s
    features: Float64s
    after: State


@dataclass(frozen=True, eq=False, repr=False)
class MixtureModel(Holder):
    """Members and what weighs them."""

    vocab_size: int
    end: int | None
    members: tuple[Member, ...]
    gate: Gate

    kind: ClassVar[str] = "mixture"

    @property
    def number_of_features(self) -> int:
        """F, of all members together."""
        return sum(member.number_of_features for member in self.members)

    def initial_state(self) -> State:
        """Give those of the members."""
        return tuple(member.model.initial_state() for member in self.members)

    def log_probs(self, state: State) -> Float64s:
        """Mix the members' distributions."""
        rows = [m.log_probs(s) for m, s in zip(self.members, state, strict=True)]
        features = np.empty(0) if self.gate.is_constant else self.features(state, rows)
        return mix(rows, self.gate.log_weights(features))

    def features(self, state: State, rows: Sequence[Float64s]) -> Float64s:
        """Say what members know whose distributions are `rows` (V,), (F,)."""
        triples = zip(self.members, rows, state, strict=True)
        return np.concatenate([m.features(row, s) for m, row, s in triples])

    def advance(self, state: State, symbol: int) -> State:
        """Advance each member."""
        return tuple(m.advance(s, symbol) for m, s in zip(self.members, state, strict=True))

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Score by the members' fast paths; a gate sees whole distributions, block by block."""
        state = self.initial_state() if state is None else state
        scored = [np.empty(0)]
        for evidence in self.evidence(ids, state, whole=not self.gate.is_constant):
            scored.append(mixed(evidence.log_probs + self.gate.log_weights(evidence.features)))
            state = evidence.after
        return np.concatenate(scored), state

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Score by the members' fast paths; a gate sees one sequence after the other."""
        if self.gate.is_constant:
            scored = [member.score_each(ids, lengths) for member in self.members]
            return mixed(np.stack(scored, axis=1) + self.gate.log_weights(np.empty(0)))
        sequences = np.split(ids, np.cumsum(lengths)[:-1])
        return np.concatenate([self.score(sequence)[0] for sequence in sequences])

    def evidence(self, ids: Ids, state: State, *, whole: bool) -> Iterator[Evidence]:
        """Say what members give each symbol, a block at a time; features only with `whole`."""
        witness = self._distributions if whole else self._scores
        size = BLOCK_NUMBERS // self.vocab_size + 1 if whole else max(1, len(ids))
        for low in range(0, len(ids), size):
            evidence = witness(ids[low : low + size], state)
            state = evidence.after
            yield evidence

    def _scores(self, ids: Ids, state: State) -> Evidence:
        pairs = [m.score(ids, s) for m, s in zip(self.members, state, strict=True)]
        scored, after = zip(*pairs, strict=True)
        return Evidence(np.stack(scored, axis=1), np.empty((len(ids), 0)), after)

    def _distributions(self, ids: Ids, state: State) -> Evidence:
        rows, after = self._rows(ids, state)
        log_probs = np.stack([row[np.arange(len(ids)), ids] for row in rows], axis=1)
        return Evidence(log_probs, self._features_before(ids, rows, state), after)

    def _rows(self, ids: Ids, state: State) -> tuple[Sequence[Float64s], State]:
        """Give the members' distributions before each symbol, M of (T, V), and the states after."""
        pairs = [m.distributions(ids, s) for m, s in zip(self.members, state, strict=True)]
        rows, after = zip(*pairs, strict=True)
        return rows, after

    def _features_before(self, ids: Ids, rows: Sequence[Float64s], state: State) -> Float64s:
        """Give `features` before each symbol, (T, F)."""
        triples = zip(self.members, rows, state, strict=True)
        return np.concatenate([m.features_before(ids, row, s) for m, row, s in triples], axis=1)

    def distributions(self, ids: Ids, state: State) -> tuple[Float64s, State]:
        """Give `log_probs` before each symbol, (T, V), and the state after the last."""
        rows, after = self._rows(ids, state)
        constant = self.gate.is_constant
        features = np.empty(0) if constant else self._features_before(ids, rows, state)
        return mix(rows, self.gate.log_weights(features)), after

    def adaptive_reader(self) -> Reader:
        """Give a reader whose members learn, and whose weights do; see `adaptive.py`."""
        from charlm.mixture.adaptive import AdaptiveMixtureReader  # which knows the model

        return AdaptiveMixtureReader(self)

    def describe(self) -> dict[str, str]:
        """Name each member with all that decides its numbers."""
        members = [
            f"{m.model.kind}({','.join(f'{k}={v}' for k, v in m.model.describe().items())})"
            for m in self.members
        ]
        return {
            "members": "+".join(members),
            "weights": "constant" if self.gate.is_constant else "gate",
        }

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays; those of members are nested."""
        return {
            "vocab_size": self.vocab_size,
            "end": self.end,
            "members": [
                {"kind": member.model.kind, "settings": member.model.settings()}
                for member in self.members
            ],
        }

    def arrays(self) -> Arrays:
        """`gate.bias` ..., and for each member `0.symbols`, `0.shares`, `0.model. ...`."""
        return parts.named("gate", self.gate.arrays()) | parts.arrays(self.members)

    def check(self) -> None:
        """Read every value of every member."""
        for member in self.members:
            member.model.check()

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a mixture and its members; a `ModelFileError` where they do not fit."""
        if depth(settings) > DEEPEST:
            raise ModelFileError(f"holds more than {DEEPEST} mixtures inside each other")
        gate, rest = parts.taken(arrays, "gate")
        if set(gate) != set(NAMES):
            raise ModelFileError("is damaged: its weights are not there")
        mixture = cls(
            vocab_size=settings["vocab_size"],
            end=settings["end"],
            members=parts.members(settings, rest),
            gate=Gate(**gate),
        )
        mixture.gate.check(len(mixture.members), mixture.number_of_features)
        return mixture


def mix(rows: Sequence[Float64s], log_weights: Float64s) -> Float64s:
    """Mix M distributions (..., V) by weights (..., M)."""
    together = rows[0] + log_weights[..., 0, None]
    for m, row in enumerate(rows[1:], start=1):
        np.logaddexp(together, row + log_weights[..., m, None], out=together)
    return np.minimum(together, 0.0, out=together)


def mixed(joint: Float64s) -> Float64s:
    """Give log sum_m exp of joint log-probabilities (T, M), (T,)."""
    together: Float64s = np.minimum(np.logaddexp.reduce(joint, axis=1), 0.0)
    return together


def depth(settings: Mapping[str, Any]) -> int:
    """Count mixtures inside each other, level by level, and no further than is allowed."""
    found, level = 0, [settings]
    while level and found <= DEEPEST:
        found += 1
        inside = [member for one in level for member in one["members"]]
        level = [m["settings"] for m in inside if m["kind"] == MixtureModel.kind]
    return found
