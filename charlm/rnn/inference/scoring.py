"""Scoring a long text with a network, many segments at a time.

The idea: a network reads 64 streams side by side almost as fast as one. So a long text is cut into
64 segments, which are read like 64 texts. The difficulty: segment 2 must begin with the state in
which segment 1 ends, and that is not known yet.

1. The first symbols of the text are read alone. The state after them is the guess with which all
   segments begin, except the first, whose true state is known. The zero state would be a worse
   guess: in training only START is ever read from it. A network that begins there within a text
   may never find back to its usual states.
2. All segments are read side by side, half of them by each of two workers.
3. Each segment is read again from the true end of the one before, but only until the network has
   forgotten its wrong start, which it mostly does soon. `segments.py` does this.
4. If some segments still began wrong after five rounds of this, they are read one by one, from left
   to right. Then each begins with its true state.

Whether a wrong start is forgotten is checked, not assumed. The whole states are compared, not only
the scores: a cell can count for a long time before any score shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s, Floats, Holder, Ids, Integers
from charlm.parallel import cores
from charlm.parallel.crew import Crew
from charlm.parallel.processes import shared
from charlm.rnn.inference.segments import Segments, Streams, streams_of
from charlm.rnn.layers.loss import UNBOUNDED, log_probs_of_all, log_softmax_of
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.layers.products import side_by_side
from charlm.rnn.networks import Network, Pass, State
from charlm.text.vocabulary import UNKNOWN

SEGMENTS = 64
GROUPS = 2  # of segments; each group is read by one worker
WORTH_MORE = 1 << 14  # symbols of a text for which a second worker, a process, is started
SHORTEST = 512  # symbols of a segment; most of a shorter one would be read twice
LEAD = 256  # symbols that are read alone to guess a state
ROUNDS = 5  # of reading again side by side; what still differs then is read one by one
TOLERANCE = 1e-5  # relative difference of states that float32 rounding may cause
BLOCK_NUMBERS = 1 << 20  # numbers in the buffers of a block of steps


class GroupReading(NamedTuple):
    """What one worker is to read: pieces of a group of segments, from a state of theirs."""

    pieces: Sequence[slice]
    streams: Streams
    state: State


@dataclass(frozen=True, eq=False, repr=False)
class Scorer(Holder):
    """A network with its parameters, and the probability that it reserves for UNKNOWN (0: none)."""

    network: Network
    parameters: Mapping[str, Floats]
    reserve: float

    @UNBOUNDED
    def score(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Return the log-probability of each target, (T,), and the state after the last input.

        The state, whose parts are (..., 1), has read everything before. Target t is predicted
        first, then input t is read.

        Raises:
            WorkerError: a worker process was ended from outside.
        """
        segments = min(SEGMENTS, len(targets) // SHORTEST)
        if segments < 2:
            return self.score_one(inputs, targets, state)
        whole = len(targets) // segments * segments

        def cut(ids: Ids) -> Ids:
            return ids[:whole].reshape(segments, -1).T  # (T, B)

        scored, state = self._score_segments(cut(inputs), cut(targets), state)
        rest, state = self.score_one(inputs[whole:], targets[whole:], state)
        in_turn = scored.swapaxes(0, 1).reshape(whole, *scored.shape[2:])
        return np.concatenate([in_turn, rest]), state

    def _score_segments(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Score segments, (T, B); each goes on where the one before ends."""
        scored = shared(prod(self.shape(targets)), np.float64).reshape(self.shape(targets))

        def read(task: GroupReading) -> list[State]:
            states = [task.state]
            for rows in task.pieces:
                here = rows, task.streams
                scored[here], after = self.score_block(inputs[here], targets[here], states[-1])
                states.append(after)
            return states[1:]

        with Crew(read, workers(targets, GROUPS)) as crew:

            def read_in_groups(
                pieces: Sequence[slice], streams: Streams, first: State
            ) -> list[State]:
                groups = _groups(len(streams))
                tasks = [
                    GroupReading(pieces, streams[group], streams_of(first, group))
                    for group in groups
                ]
                return [joined(states) for states in zip(*crew.map(tasks), strict=True)]

            segments = Segments(len(inputs), read_in_groups, self._differing)
            lead = self._read(inputs[:LEAD, :1], state)
            segments.read(joined([state, *[lead] * (inputs.shape[1] - 1)]))
            readings = 0
            while segments.read_again(state, most=None if readings < ROUNDS else 1):
                readings += 1
        return scored, segments.last

    def score_one(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Score a single stream from its start to its end; return what `score` does."""
        scored, state = self.score_block(inputs[:, None], targets[:, None], state)
        return scored[:, 0], state

    def _read(self, inputs: Ids, state: State) -> State:
        """Read streams, (T, B), a block of steps at a time; return the state after them."""
        for block in self._blocks(inputs):
            _, state = self.unroll(block).read(self.parameters, block, state)
        return state

    @UNBOUNDED
    def score_block(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Score streams, (T, B), a block of steps at a time; return scores and state."""
        scored, low = np.empty(self.shape(targets)), 0
        unrolled: Pass | None = None
        for block in self._blocks(inputs):
            if unrolled is None or low + len(block) == len(inputs):  # the last block may be shorter
                unrolled = self.unroll(block)
            first = self.network.top(self.parameters, state)
            hidden, state = unrolled.read(self.parameters, block, state)
            before = np.concatenate([first[None], hidden[:-1]])  # what predicts each target
            high = low + len(block)
            scored[low:high] = self.log_probs(before, targets[low:high])
            low = high
        return scored, state

    def unroll(self, block: Ids) -> Pass:
        """Make the buffers that reading symbols (T, B) takes."""
        steps, streams = block.shape
        return self.network.unroll(steps, streams, self._dtype)

    def _blocks(self, inputs: Ids) -> list[Ids]:
        """Cut inputs, (T, B), into blocks of steps, so that buffers stay small."""
        numbers = inputs.shape[1] * (self.network.width + len(self.parameters["c"]))
        steps = max(1, BLOCK_NUMBERS // max(1, numbers))
        return [inputs[low : low + steps] for low in range(0, len(inputs), steps)]

    def shape(self, targets: Ids) -> tuple[int, ...]:
        """Return the shape of what `log_probs` returns."""
        return targets.shape

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Return log P of one symbol after each hidden state (T, H, B): (T, B), as the targets.

        P is the softmax of V h + c. If the model reserves a share r for UNKNOWN, P(UNKNOWN) = r,
        and the softmax among the other symbols is multiplied by 1 - r.
        """
        steps, _, streams = hidden.shape
        columns = np.arange(steps * streams)
        return self.log_probs_at(hidden, columns, targets.ravel()).reshape(targets.shape)

    def log_probs_at(self, hidden: Floats, columns: Integers, symbols: Ids) -> Float64s:
        """Return log P of symbols (N,), each after one of the hidden states (T, H, B).

        `columns` (N,) says which: t B + b is that of step t and stream b.
        """
        logits = self.logits(hidden)
        if self.reserve == 0:
            return log_softmax_of(logits, symbols, columns)
        known = symbols != UNKNOWN
        among_known = log_softmax_of(
            logits[UNKNOWN + 1 :], np.where(known, symbols - 1, 0), columns
        )
        scored: Float64s = among_known + np.log1p(-self.reserve)
        scored[~known] = np.log(self.reserve)
        return scored

    def logits(self, hidden: Floats) -> Floats:
        """Return V h + c, (V, T B), for hidden states (T, H, B)."""
        steps, units, streams = hidden.shape
        columns = np.empty((units, steps * streams), self._dtype)
        return outputs(self.parameters, side_by_side(hidden, columns))

    def _differing(self, a: State, b: State) -> Streams:
        """Return the streams in which two states differ by more than rounding.

        Ids (integers) in a state must be equal.
        """
        differ = np.zeros(a[0].shape[-1], bool)
        for x, y in zip(a, b, strict=True):
            axes = tuple(range(x.ndim - 1))
            unlike = x != y if x.dtype.kind in "iu" else self._unlike(x, y, axes)
            differ |= unlike.any(axes)
        return np.flatnonzero(differ)

    def _unlike(self, x: Floats, y: Floats, axes: tuple[int, ...]) -> NDArray[np.bool_]:
        """Tell which numbers differ by more than rounding.

        The tolerance is relative: to the size of the number itself, if hidden units stay between
        -1 and 1. If they do not, a matrix product carries the rounding error of the largest number
        to all others; then it is relative to the largest. Numbers smaller than 1 count as 1.
        """
        size = np.abs(x) if self.network.squashes else np.abs(x).max(axes)
        return np.abs(x - y) > TOLERANCE * np.maximum(1.0, size)

    @property
    def _dtype(self) -> np.dtype[np.floating]:
        return self.parameters["c"].dtype


class Distributor(Scorer):
    """A scorer whose scores are whole distributions: `score` returns (T, V) instead of (T,)."""

    def shape(self, targets: Ids) -> tuple[int, ...]:
        """Return (T, B, V)."""
        return (*targets.shape, len(self.parameters["c"]))

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Return the log-probabilities of all symbols after each hidden state, (T, B, V)."""
        logits = self.logits(hidden).T.reshape(self.shape(targets))
        return log_probs_of_all(logits, self.reserve)


def workers(targets: Ids, groups: int) -> int:
    """Return how many workers are worth starting for so many groups of targets."""
    return min(groups, cores.usable()) if targets.size >= WORTH_MORE else 1


def _groups(streams: int) -> list[slice]:
    """Divide streams into groups of about the same size."""
    edges = [streams * i // GROUPS for i in range(GROUPS + 1)]
    return [slice(low, high) for low, high in pairwise(edges) if low < high]


def joined(states: Iterable[State]) -> State:
    """Return one state with the streams of several."""
    return tuple(np.concatenate(parts, axis=-1) for parts in zip(*states, strict=True))
