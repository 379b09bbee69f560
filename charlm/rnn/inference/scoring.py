"""Scoring a long text with a network, many segments at a time.

A text is cut into segments that are read side by side, half of them by each worker. The first
begins with the true state, each other with one that the network came to in this very text: from
zero, where training never starts but at START, it may settle elsewhere for good. Then each is read
again from where the one before it has ended, but only until nothing is left of the wrong start,
for a network usually forgets how it started.

That all is forgotten is checked, not assumed (`segments.py`): states are compared, and not only
what is seen of them now: a cell may count for long and show it late. What a reading of whole
segments side by side has not forgotten is after some rounds read in turn, from the true state.
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
GROUPS = 2  # of segments, read by one worker each
WORTH_MORE = 1 << 14  # symbols; workers besides the first are processes
SHORTEST = 512  # symbols of a segment; shorter ones are mostly read twice
LEAD = 256  # symbols that are read alone first, for a state to begin with
ROUNDS = 5  # of reading again side by side, before what still differs is read in turn
TOLERANCE = 1e-5  # between states, relative: float32 rounding
BLOCK_NUMBERS = 1 << 20  # in buffers at once


class Task(NamedTuple):
    """What one worker is to read: some steps of some streams, from a state."""

    pieces: Sequence[slice]
    streams: Streams
    state: State


@dataclass(frozen=True, eq=False, repr=False)
class Scorer(Holder):
    """A network with its parameters, and the share it reserves for UNKNOWN (0: none)."""

    network: Network
    parameters: Mapping[str, Floats]
    reserve: float

    @UNBOUNDED
    def score(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Give the log-probability of each target, (T,), and the state after the last input.

        `inputs[t]` is read after `targets[t]` is predicted; the state (parts (.., 1)) has read
        everything before.

        Raises:
            WorkerError: a worker is no more.
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
        """Score segments, (T, B), of which each goes on where the one before ends."""
        scored = shared(prod(self.shape(targets)), np.float64).reshape(self.shape(targets))

        def read(task: Task) -> list[State]:
            states = [task.state]
            for rows in task.pieces:
                here = rows, task.streams
                scored[here], after = self._score_block(inputs[here], targets[here], states[-1])
                states.append(after)
            return states[1:]

        with Crew(read, _workers(targets, GROUPS)) as crew:

            def read_in_groups(
                pieces: Sequence[slice], streams: Streams, first: State
            ) -> list[State]:
                groups = _groups(len(streams))
                tasks = [Task(pieces, streams[group], streams_of(first, group)) for group in groups]
                return [_joined(states) for states in zip(*crew.map(tasks), strict=True)]

            segments = Segments(len(inputs), read_in_groups, self._differing)
            lead = self._read(inputs[:LEAD, :1], state)
            segments.read(_joined([state, *[lead] * (inputs.shape[1] - 1)]))
            readings = 0
            while segments.read_again(state, most=None if readings < ROUNDS else 1):
                readings += 1
        return scored, segments.last

    def score_one(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Read a single stream from its start."""
        scored, state = self._score_block(inputs[:, None], targets[:, None], state)
        return scored[:, 0], state

    def score_each(self, inputs: Ids, targets: Ids, lengths: Integers, state: State) -> Float64s:
        """Score sequences that follow each other, each from a state of one stream, (T,).

        Those of like length are read side by side, up to the end of the longest.
        """
        starts = np.cumsum(lengths) - lengths
        ranked = np.argsort(lengths, kind="stable")[np.count_nonzero(lengths == 0) :]
        groups = [ranked[low : low + SEGMENTS] for low in range(0, len(ranked), SEGMENTS)]
        scored = shared(len(targets), np.float64)

        def score_group(group: Integers) -> None:
            steps = np.arange(lengths[group].max())[:, None]
            inside = steps < lengths[group]
            rows = np.where(inside, starts[group] + steps, 0)  # (T, B)
            first = tuple(np.repeat(part, len(group), axis=-1) for part in state)
            log_probs, _ = self._score_block(inputs[rows], targets[rows], first)
            scored[rows[inside]] = log_probs[inside]

        with Crew(score_group, _workers(targets, len(groups))) as crew:
            crew.map(groups)
        return scored

    def _read(self, inputs: Ids, state: State) -> State:
        """Read streams, (T, B), some steps at a time."""
        for block in self._blocks(inputs):
            _, state = self._unroll(block).read(self.parameters, block, state)
        return state

    @UNBOUNDED
    def _score_block(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Read streams side by side, (T, B), some steps at a time."""
        scored, low = np.empty(self.shape(targets)), 0
        unrolled: Pass | None = None
        for block in self._blocks(inputs):
            if unrolled is None or low + len(block) == len(inputs):  # the last may be shorter
                unrolled = self._unroll(block)
            first = self.network.top(self.parameters, state)
            hidden, state = unrolled.read(self.parameters, block, state)
            before = np.concatenate([first[None], hidden[:-1]])  # what predicts each target
            high = low + len(block)
            scored[low:high] = self.log_probs(before, targets[low:high])
            low = high
        return scored, state

    def _unroll(self, block: Ids) -> Pass:
        steps, streams = block.shape
        return self.network.unroll(steps, streams, self._dtype)

    def _blocks(self, inputs: Ids) -> list[Ids]:
        numbers = inputs.shape[1] * (self.network.width + len(self.parameters["c"]))
        steps = max(1, BLOCK_NUMBERS // max(1, numbers))
        return [inputs[low : low + steps] for low in range(0, len(inputs), steps)]

    def shape(self, targets: Ids) -> tuple[int, ...]:
        """Give the shape of what `log_probs` will give."""
        return targets.shape

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Give log P of one symbol after each hidden state: softmax of V h + c, and the reserve."""
        symbols, logits = targets.ravel(), self.logits(hidden)
        if self.reserve == 0:
            return log_softmax_of(logits, symbols).reshape(targets.shape)
        known = symbols != UNKNOWN
        among_known = log_softmax_of(logits[UNKNOWN + 1 :], np.where(known, symbols - 1, 0))
        scored: Float64s = among_known + np.log1p(-self.reserve)
        scored[~known] = np.log(self.reserve)
        return scored.reshape(targets.shape)

    def logits(self, hidden: Floats) -> Floats:
        """Give V h + c of hidden states (T, H, B), (V, T B)."""
        steps, units, streams = hidden.shape
        columns = np.empty((units, steps * streams), self._dtype)
        return outputs(self.parameters, side_by_side(hidden, columns))

    def _differing(self, a: State, b: State) -> Streams:
        """Give the streams whose states differ, each number by its own size or 1.

        Where no function squashes them, products carry rounding from the largest to all. Ids are
        not rounded: they are the same or not.
        """
        differ = np.zeros(a[0].shape[-1], bool)
        for x, y in zip(a, b, strict=True):
            axes = tuple(range(x.ndim - 1))
            unlike = x != y if x.dtype.kind in "iu" else self._unlike(x, y, axes)
            differ |= unlike.any(axes)
        return np.flatnonzero(differ)

    def _unlike(self, x: Floats, y: Floats, axes: tuple[int, ...]) -> NDArray[np.bool_]:
        """Tell which numbers differ by more than rounding."""
        size = np.abs(x) if self.network.squashes else np.abs(x).max(axes)
        return np.abs(x - y) > TOLERANCE * np.maximum(1.0, size)

    @property
    def _dtype(self) -> np.dtype[np.floating]:
        return self.parameters["c"].dtype


class Distributor(Scorer):
    """Reads as a scorer does, segments side by side; its scores are distributions, (T, V)."""

    def shape(self, targets: Ids) -> tuple[int, ...]:
        """Give (T, B, V)."""
        return (*targets.shape, len(self.parameters["c"]))

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Give all log-probabilities after each hidden state, (T, B, V)."""
        logits = self.logits(hidden).T.reshape(self.shape(targets))
        return log_probs_of_all(logits, self.reserve)


def _workers(targets: Ids, groups: int) -> int:
    return min(groups, cores.usable()) if targets.size >= WORTH_MORE else 1


def _groups(streams: int) -> list[slice]:
    """Divide so many streams."""
    edges = [streams * i // GROUPS for i in range(GROUPS + 1)]
    return [slice(low, high) for low, high in pairwise(edges) if low < high]


def _joined(states: Iterable[State]) -> State:
    """Put streams together again."""
    return tuple(np.concatenate(parts, axis=-1) for parts in zip(*states, strict=True))
