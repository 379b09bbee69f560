"""Several histories of a network side by side: they are the streams of one state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.rnn.inference.scoring import Distributor, joined
from charlm.rnn.inference.segments import streams_of
from charlm.rnn.layers.embedding import inputs_of
from charlm.rnn.layers.loss import UNBOUNDED
from charlm.rnn.networks import State


@dataclass(frozen=True, eq=False, repr=False)
class RnnBeams(Holder):
    """A network by its `distributor`, and a state whose parts are (..., B)."""

    distributor: Distributor
    end: int | None
    state: State

    @classmethod
    def of(cls, distributor: Distributor, end: int | None, states: Sequence[State]) -> Self:
        """Put states side by side, each of one stream."""
        return cls(distributor, end, joined(states))

    def __len__(self) -> int:
        return int(self.state[0].shape[-1])

    def states(self) -> list[State]:
        """Return the state of each, in memory of its own."""
        return [
            tuple(np.ascontiguousarray(part[..., b : b + 1]) for part in self.state)
            for b in range(len(self))
        ]

    def take(self, which: Integers) -> "RnnBeams":
        """Return some of them, in that order; one may be taken more than once."""
        return RnnBeams(self.distributor, self.end, streams_of(self.state, which))

    @UNBOUNDED
    def advance(self, symbols: Ids) -> "RnnBeams":
        """Read a symbol in each stream; END starts a new sequence."""
        network, parameters = self.distributor.network, self.distributor.parameters
        inputs = inputs_of(symbols[None], self.end, network.vocab_size)
        _, state = self.distributor.unroll(inputs).read(parameters, inputs, self.state)
        return RnnBeams(self.distributor, self.end, state)

    @UNBOUNDED
    def log_probs(self) -> Float64s:
        """Return the natural log-probability of each next symbol, (B, V)."""
        network, parameters = self.distributor.network, self.distributor.parameters
        hidden = network.top(parameters, self.state)[None]
        rows: Float64s = self.distributor.log_probs(hidden, np.empty((1, len(self)), np.int32))[0]
        return rows
