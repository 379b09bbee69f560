"""A mixture of models, which is a model like any other.

    P(x | h) = sum_m w_m(h) P_m(x | h)

over the vocabulary that all members share (`member.py`), with weights that are constant or depend
on what the members know (`gate.py`). Members are of any family, mixtures among them; they are
stored inside the mixture's file. The state is the tuple of theirs (`evidence.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Holder, Ids, Integers
from charlm.errors import ModelFileError
from charlm.mixture import evidence, parts, sequences
from charlm.mixture.adaptive import AdaptiveMixtureReader
from charlm.mixture.beams import MixtureBeams
from charlm.mixture.evidence import State, mix, mixed
from charlm.mixture.gate import NAMES, Gate
from charlm.mixture.member import Member
from charlm.model import MemberFacts, ModelFacts, Reader

DEEPEST = 8  # mixtures of mixtures


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
        """Return those of the members."""
        return evidence.initial_state(self.members)

    def advance(self, state: State, symbol: int) -> State:
        """Advance each member."""
        return evidence.advance(self.members, state, symbol)

    def log_probs(self, state: State) -> Float64s:
        """Mix the members' distributions."""
        rows = evidence.distributions(self.members, state)
        constant = self.gate.is_constant
        features = np.empty(0) if constant else evidence.features(self.members, state, rows)
        return mix(rows, self.gate.log_weights(features))

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Score by the members' fast paths; a gate sees whole distributions, block by block."""
        state = self.initial_state() if state is None else state
        scored, whole = [np.empty(0)], not self.gate.is_constant
        for block in evidence.before(self.members, ids, state, whole=whole):
            scored.append(mixed(block.log_probs + self.gate.log_weights(block.features)))
            state = block.after
        return np.concatenate(scored), state

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Score by the members' fast paths; a gate sees distributions of many sequences at once."""
        if self.gate.is_constant:
            scored = [member.score_each(ids, lengths) for member in self.members]
            return mixed(np.stack(scored, axis=1) + self.gate.log_weights(np.empty(0)))
        return sequences.score_each(self, ids, lengths)

    def beams(self, states: Sequence[State]) -> MixtureBeams:
        """Put the members' states side by side."""
        return MixtureBeams.of(self.members, self.gate, states)

    def distributions(self, ids: Ids, state: State) -> tuple[Float64s, State]:
        """Return `log_probs` before each symbol, (T, V), and the state after the last."""
        rows, after = evidence.distributions_before(self.members, ids, state)
        features = np.empty(0)
        if not self.gate.is_constant:
            features = evidence.features_before(self.members, ids, rows, state)
        return mix(rows, self.gate.log_weights(features)), after

    def adaptive_reader(self) -> Reader:
        """Return a reader whose members learn, and whose weights do; see `adaptive.py`."""
        return AdaptiveMixtureReader(self.members, self.gate)

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

    def facts(self) -> ModelFacts:
        """Describe each member, with its weight where features are average."""
        return ModelFacts(
            members=tuple(
                MemberFacts(
                    weight=float(weight),
                    kind=member.model.kind,
                    description=member.model.describe(),
                    bytes=sum(array.nbytes for array in member.model.arrays().values()),
                )
                for member, weight in zip(self.members, self.gate.weights, strict=True)
            )
        )

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


def depth(settings: Mapping[str, Any]) -> int:
    """Count mixtures inside each other, level by level, and no further than is allowed."""
    found, level = 0, [settings]
    while level and found <= DEEPEST:
        found += 1
        inside = [member for one in level for member in one["members"]]
        level = [m["settings"] for m in inside if m["kind"] == MixtureModel.kind]
    return found
