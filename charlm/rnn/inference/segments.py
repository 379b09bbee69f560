"""Segments of a text that are read side by side, though each goes on where the one before ends.

The idea: guess the state in which each segment begins, read all of them, and then correct. The
true start of segment 3, say, is the end of segment 2. If the guess was different, segment 3 is
read again from its true start. A network soon forgets how it began, so this second reading soon
comes to a state that the first one came to as well. From there on all is as it was, and the
second reading stops.

1. `Segments.read` reads all segments piece by piece, and keeps the states before and after each
   piece.
2. `Segments.read_again` compares each start with the end of the segment before, and reads again
   what began wrong. Where that changes the end of a segment, the next one began wrong too. So it
   is called until it finds nothing more to do.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.rnn.networks import State

PIECE_STEPS = 128  # symbols of a segment between two states that are kept

Streams: TypeAlias = NDArray[np.intp]  # which of the segments, counted from 0
Read: TypeAlias = Callable[[Sequence[slice], Streams, State], list[State]]
Differing: TypeAlias = Callable[[State, State], Streams]


class Segments:
    """Segments of one length, which are the streams (B) of the states.

    `read(pieces, streams, state)` reads some pieces of some segments, from a state of these
    streams, and returns the state after each piece. `differing(a, b)` returns the streams in
    which two states differ.
    """

    def __init__(self, length: int, read: Read, differing: Differing):
        self._read, self._differing = read, differing
        self._pieces = [slice(low, low + PIECE_STEPS) for low in range(0, length, PIECE_STEPS)]
        self._starts: list[State] = []  # before each piece
        self._ends: list[State] = []  # after each piece

    def read(self, state: State) -> None:
        """Read all segments, each from a guess of its start."""
        everyone = np.arange(state[0].shape[-1])
        self._ends = self._read(self._pieces, everyone, state)
        before = (state, *self._ends[:-1])
        self._starts = [tuple(part.copy() for part in parts) for parts in before]

    def read_again(self, first: State, most: int | None) -> bool:
        """Read again the segments that began wrong; return whether there were any.

        The first segment begins with the state `first`. No more than `most` segments, from the
        left, are read again (None: all).
        """
        found, true = False, self._true_starts(first)
        for piece, start, end in zip(self._pieces, self._starts, self._ends, strict=True):
            wrong = self._differing(true, start)[:most]
            if not len(wrong):
                break  # the rest follows from these starts, and so is right
            found, begun = True, streams_of(true, wrong)
            (ended,) = self._read([piece], wrong, begun)
            for old, new in zip((*start, *end), (*begun, *ended), strict=True):
                old[..., wrong] = new
            true = end
        return found

    def _true_starts(self, first: State) -> State:
        """Return `first` and then the end of each segment but the last."""
        ends = self._ends[-1]
        return tuple(
            np.concatenate([a, b[..., :-1]], axis=-1) for a, b in zip(first, ends, strict=True)
        )

    @property
    def last(self) -> State:
        """The state after the last segment."""
        return streams_of(self._ends[-1], slice(-1, None))


def streams_of(state: State, streams: slice | Streams) -> State:
    """Return the state of some streams."""
    return tuple(part[..., streams] for part in state)
