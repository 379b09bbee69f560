r"""A mixture that learns while it reads: its members, and what weighs them.

Members are read by their own adaptive readers. The gate goes on learning from each symbol after
it was predicted, by a step up the gradient of log P (Jacobs, Jordan, Nowlan & Hinton 1991; the
mixers of PAQ learn so, Mahoney 2005):

    z(t) = W f(t) + b        (W, b) <- (W, b) + RATE (r(t) - w(t)) (f(t), 1)

with w the weights and r the posteriors of `gate.py`. A constant rate forgets by itself: what was
learnt long ago fades. Features are those of the frozen members, which the gate was made for; so
a mixture of constant weights adapts b alone.

RATE was chosen on the blocks held out of tinyshakespeare's training text, with an n-gram model of
order 6 and a gru of 256 units. The constant weights were learnt on one half of the blocks and the
other half was read, and the other way round. Rates from 0.001 to 0.01 differ by less than 0.001
nats a symbol; 0.002 and 0.003 are best, within 0.0001 of each other. A text unlike the training
text wants a higher rate: a play set in another style costs 0.001 to 0.002 nats less with 0.003 than
with 0.002. Hence 0.003.
"""

from collections.abc import Sequence

import numpy as np

from charlm.arrays import Float64s, Ids, log_softmax
from charlm.mixture import evidence
from charlm.mixture.evidence import mix
from charlm.mixture.gate import Gate
from charlm.mixture.member import Member

RATE = 0.003


class AdaptiveMixtureReader:
    """Reads through a mixture, which is untouched."""

    def __init__(self, members: Sequence[Member], gate: Gate):
        self._members, self._gate = members, gate
        self._state = evidence.initial_state(members)  # of the frozen members
        self._readers = [member.model.adaptive_reader() for member in members]
        self._parameters = np.column_stack([gate.W, gate.bias])  # (M, F + 1)
        self._next: tuple[list[Float64s], Float64s] | None = None  # see `_ahead`

    def describe(self) -> dict[str, str]:
        """Name what learns."""
        learns = [reader.describe()["adaptive"] for reader in self._readers]
        return {"adaptive": f"{'+'.join(learns)}+weights({RATE})"}

    def log_probs(self) -> Float64s:
        """Mix the distributions of the members' readers."""
        rows, inputs = self._ahead()
        return mix(rows, log_softmax(self._parameters @ inputs))

    def observe(self, symbol: int) -> None:
        """Learn from the next symbol, and go on."""
        rows, inputs = self._ahead()
        self._learn(np.array([row[symbol] for row in rows]), inputs)
        for member, reader in zip(self._members, self._readers, strict=True):
            reader.observe(int(member.symbols[symbol]))
        if not self._gate.is_constant:
            self._state = evidence.advance(self._members, self._state, symbol)
        self._next = None

    def score(self, ids: Ids) -> Float64s:
        """Score by the members' readers, then weigh and learn one symbol after the other."""
        pairs = zip(self._members, self._readers, strict=True)
        scored = [m.shared(ids, reader.score(m.symbols[ids])) for m, reader in pairs]
        events = zip(np.stack(scored, axis=1), self._inputs_before(ids), strict=True)
        self._next = None
        return np.array([self._learn(log_probs, inputs) for log_probs, inputs in events])

    def _ahead(self) -> tuple[list[Float64s], Float64s]:
        """Return the readers' distributions of the next symbol, and the gate's inputs."""
        if self._next is None:
            pairs = zip(self._members, self._readers, strict=True)
            self._next = [m.spread(r.log_probs()) for m, r in pairs], self._inputs()
        return self._next

    def _inputs(self) -> Float64s:
        """Return the gate's features before the next symbol, and one, (F + 1,)."""
        if self._gate.is_constant:
            return np.ones(1)
        rows = evidence.distributions(self._members, self._state)
        features = evidence.features(self._members, self._state, rows)
        return np.append(self._gate.standardise(features), 1.0)

    def _inputs_before(self, ids: Ids) -> Float64s:
        """Return them before each symbol, (T, F + 1), and advance the frozen members."""
        inputs = np.ones((len(ids), self._parameters.shape[1]))
        if self._gate.is_constant:
            return inputs
        low = 0
        for block in evidence.before(self._members, ids, self._state, whole=True):
            high = low + len(block.features)
            inputs[low:high, :-1] = self._gate.standardise(block.features)
            low, self._state = high, block.after
        return inputs

    def _learn(self, log_probs: Float64s, inputs: Float64s) -> float:
        """Return log P of a symbol from the members' log P of it, (M,); then teach the weights."""
        log_weights = log_softmax(self._parameters @ inputs)
        joint = log_weights + log_probs
        largest = joint.max()
        if largest == -np.inf:  # what is impossible to all teaches nothing
            return -np.inf
        posteriors = np.exp(joint - largest)
        total = posteriors.sum()
        slope = posteriors / total - np.exp(log_weights)
        self._parameters += RATE * slope[:, None] * inputs
        return min(float(largest + np.log(total)), 0.0)
