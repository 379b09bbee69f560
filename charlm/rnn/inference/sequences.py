"""Scoring many sequences with a network, each from its start: side by side, and none of it twice.

Two ideas make short sequences fast:

1. Sequences that begin alike are read together until they part. The state after "the q" is the same
   for all that begin so: of ten-letter pieces of a book, a third to a sixth has to be read. For
   that sequences are sorted, and neighbours form a group.
2. When most sequences of a group have parted, each goes on with a state of its own, all side by
   side. Those that are at their end leave from time to time, so that little is read for nothing.
"""

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Floats, Ids, Integers
from charlm.parallel.crew import Crew
from charlm.parallel.processes import shared
from charlm.rnn.inference.scoring import Scorer, workers
from charlm.rnn.inference.segments import Streams, streams_of
from charlm.rnn.layers.loss import UNBOUNDED
from charlm.rnn.networks import State

MOST = 1024  # sequences of a group; wider products are no faster
NUMBERS = 1 << 19  # that a step of a group takes; more leave the cache
PARTED = 0.9  # distinct beginnings a sequence, from which on there is little left to share
LEAVING = 0.25  # of the sequences of a group, before the others are put together anew


def score_each(
    scorer: Scorer, inputs: Ids, targets: Ids, lengths: Integers, state: State
) -> Float64s:
    """Return the log-probability of each target, (T,), in sequences that follow each other.

    The first `lengths[0]` targets are the first sequence, and so on. Each sequence begins with the
    same state, of one stream.

    Raises:
        WorkerError: a worker process was ended from outside.
    """
    starts = np.cumsum(lengths) - lengths
    order = search.by_beginnings(inputs, starts, lengths, scorer.network.vocab_size)
    widest = max(1, min(MOST, NUMBERS // max(1, scorer.network.width)))
    size = max(1, min(widest, -(-len(order) // 2)))  # so that two workers have something to do
    groups = [order[low : low + size] for low in range(0, len(order), size)]
    scored = shared(len(targets), np.float64)

    def score_group(group: Integers) -> None:
        ends = starts[group] + lengths[group]
        _Group(scorer, inputs, targets, scored).read(starts[group], ends, state)

    with Crew(score_group, workers(targets, len(groups))) as crew:
        crew.map(groups)
    return scored


class _Group:
    """Reads the sequences of a group from left to right, and fills `scored`."""

    def __init__(self, scorer: Scorer, inputs: Ids, targets: Ids, scored: Float64s):
        self._scorer, self._scored = scorer, scored
        self._inputs, self._targets = inputs, targets
        self._start = scorer.network.vocab_size

    @UNBOUNDED
    def read(self, places: Integers, ends: Integers, state: State) -> None:
        """Read sequences from one place to another, (N,); they all begin with one state."""
        streams = np.zeros(len(places), np.intp)  # of the state, where each sequence goes on
        hidden = self._scorer.network.top(self._scorer.parameters, state)
        while hidden.shape[-1] < PARTED * len(places):
            targets = self._targets[places]
            self._scored[places] = self._scorer.log_probs_at(hidden[None], streams, targets)
            going_on = places + 1 < ends
            places, ends, streams = places[going_on], ends[going_on], streams[going_on]
            if not len(places):
                return
            hidden, state, streams = self._read_one(self._inputs[places], state, streams)
            places = places + 1
        self._read_apart(places, ends, streams_of(state, streams))

    def _read_one(
        self, symbols: Ids, state: State, streams: Streams
    ) -> tuple[Floats, State, Streams]:
        """Read a symbol of each sequence, (N,), once after each beginning that it follows.

        Return the hidden states (H, B), the state, and where in it each sequence goes on.
        """
        read_after, streams = np.unique(streams * (self._start + 1) + symbols, return_inverse=True)
        before, symbols = np.divmod(read_after, self._start + 1)
        inputs = symbols[None].astype(np.int32)
        unrolled = self._scorer.unroll(inputs)
        parameters = self._scorer.parameters
        hidden, state = unrolled.read(parameters, inputs, streams_of(state, before))
        return hidden[0], state, streams

    def _read_apart(self, places: Integers, ends: Integers, state: State) -> None:
        """Read each sequence by a stream of its own."""
        while len(places):
            left = ends - places
            steps = int(np.quantile(left, LEAVING, method="lower"))
            ahead = np.arange(steps)[:, None]
            inside = ahead < left
            rows = np.where(inside, places + ahead, 0)  # (T, B)
            inputs = np.where(inside, self._inputs[rows], np.int32(self._start))
            log_probs, state = self._scorer.score_block(inputs, self._targets[rows], state)
            self._scored[rows[inside]] = log_probs[inside]
            going_on = np.flatnonzero(left > steps)
            places, ends = places[going_on] + steps, ends[going_on]
            state = streams_of(state, going_on)
