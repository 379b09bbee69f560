"""Scoring a long text with a network, many segments at a time.

A text is cut into segments that are read side by side, half of them on each thread. Each reads
some symbols before its own as a warm-up, since a network usually forgets how it started. That
is checked, not assumed: at each seam the warmed state is compared with the state in which the
segment before ended. Where they differ, as in networks that keep something for long, segments are
read again, first side by side from where the ones before have ended, which forgets over a whole
segment; what differs after some rounds is read in turn, from the true state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s, Floats, Ids, Integers
from charlm.rnn.loss import UNBOUNDED, log_softmax_of
from charlm.rnn.networks import Network, Pass, State
from charlm.rnn.output_layer import outputs
from charlm.text.vocabulary import UNKNOWN
from charlm.threads import in_threads

SEGMENTS = 64
GROUPS = 2  # of segments, read by one thread each
SHORTEST = 512  # symbols of a segment; shorter ones spend too much on warming up
WARM_UP = 256
ROUNDS = 4  # of reading again side by side, before what still differs is read in turn
TOLERANCE = 1e-5  # between states, beside their largest element or 1: float32 rounding
BLOCK_NUMBERS = 1 << 21  # in buffers at once


@dataclass(frozen=True)
class Scorer:
    """A network with its parameters, and the share it reserves for UNKNOWN (0: none)."""

    network: Network
    parameters: Mapping[str, Floats]
    reserve: float

    @UNBOUNDED
    def score(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Give the log-probability of each target, (T,), and the state after the last input.

        `inputs[t]` is read after `targets[t]` is predicted; the state (parts (.., 1)) has read
        everything before.
        """
        segments = min(SEGMENTS, len(targets) // SHORTEST)
        if segments < 2:
            return self.score_one(inputs, targets, state)
        length = len(targets) // segments
        rows = np.arange(length)[:, None] + np.arange(segments) * length  # (T, B)
        starts = self._warm(inputs, rows[0], state)
        scored, ends = self._side_by_side(inputs[rows], targets[rows], starts)
        for _ in range(ROUNDS):
            true = _shifted(ends, state)
            if not len(stale := np.flatnonzero(_distances(true, starts) > TOLERANCE)):
                break
            some, starts = rows[:, stale], true
            again = self._side_by_side(inputs[some], targets[some], _streams(true, stale))
            scored[:, stale], after = again
            for part, value in zip(ends, after, strict=True):
                part[..., stale] = value
        for b in range(1, segments):
            true = _streams(ends, slice(b - 1, b))
            if _distances(true, _streams(starts, slice(b, b + 1)))[0] > TOLERANCE:
                scored[:, b], after = self.score_one(inputs[rows[:, b]], targets[rows[:, b]], true)
                for part, value in zip(ends, after, strict=True):
                    part[..., b : b + 1] = value
        whole = length * segments
        last = _streams(ends, slice(segments - 1, segments))
        rest, state = self.score_one(inputs[whole:], targets[whole:], last)
        in_turn = scored.swapaxes(0, 1).reshape(whole, *scored.shape[2:])
        return np.concatenate([in_turn, rest]), state

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
        scored = np.empty(len(targets))

        def score_group(group: Integers) -> None:
            steps = np.arange(lengths[group].max())[:, None]
            inside = steps < lengths[group]
            rows = np.where(inside, starts[group] + steps, 0)  # (T, B)
            first = tuple(np.repeat(part, len(group), axis=-1) for part in state)
            log_probs, _ = self._score_block(inputs[rows], targets[rows], first)
            scored[rows[inside]] = log_probs[inside]

        for _ in in_threads(score_group, groups):
            pass
        return scored

    def _warm(self, inputs: Ids, firsts: Ids, state: State) -> State:
        """Give the states in which segments start that begin at `firsts`."""
        rows = np.arange(-WARM_UP, 0)[:, None] + firsts[1:]
        zero = self.network.zero_state(len(firsts) - 1, self._dtype)
        warmed = self._read(inputs[rows], zero)
        return tuple(np.concatenate(parts, axis=-1) for parts in zip(state, warmed, strict=True))

    def _read(self, inputs: Ids, state: State) -> State:
        for block in self._blocks(inputs):
            _, state = self._unroll(block).read(self.parameters, block, state)
        return state

    def _side_by_side(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Read streams (T, B) in groups, each on a thread."""
        edges = [inputs.shape[1] * i // GROUPS for i in range(GROUPS + 1)]
        groups = [slice(low, high) for low, high in pairwise(edges)]

        def score_group(group: slice) -> tuple[Float64s, State]:
            return self._score_block(inputs[:, group], targets[:, group], _streams(state, group))

        scored, states = zip(*in_threads(score_group, groups), strict=True)
        parts = zip(*states, strict=True)
        return np.concatenate(scored, axis=1), tuple(np.concatenate(p, axis=-1) for p in parts)

    @UNBOUNDED
    def _score_block(self, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
        """Read streams side by side, (T, B), some steps at a time."""
        scored, low = self.room(targets), 0
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

    def room(self, targets: Ids) -> Float64s:
        """Give an array for what `log_probs` will give."""
        return np.empty(targets.shape)

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Give log P of one symbol after each hidden state: softmax of V h + c, and the reserve."""
        logits = outputs(self.parameters, hidden)
        if self.reserve == 0:
            return log_softmax_of(logits, targets)
        known = targets != UNKNOWN
        among_known = log_softmax_of(logits[:, UNKNOWN + 1 :], np.where(known, targets - 1, 0))
        scored: Float64s = among_known + np.log1p(-self.reserve)
        scored[~known] = np.log(self.reserve)
        return scored

    @property
    def _dtype(self) -> np.dtype[np.floating]:
        return self.parameters["c"].dtype


def _streams(state: State, streams: slice | NDArray[np.intp]) -> State:
    return tuple(part[..., streams] for part in state)


def _shifted(ends: State, first: State) -> State:
    """Give the states in which segments start that begin where the ones before have ended."""
    return tuple(
        np.concatenate([a, b[..., :-1]], axis=-1) for a, b in zip(first, ends, strict=True)
    )


def _distances(a: State, b: State) -> Floats:
    """Give each stream's largest difference, relative to its largest element if above 1, (B,)."""
    distances = []
    for x, y in zip(a, b, strict=True):
        axes = tuple(range(x.ndim - 1))
        distances.append(np.abs(x - y).max(axes) / np.maximum(1.0, np.abs(x).max(axes)))
    largest: Floats = np.max(distances, axis=0)
    return largest
