"""Segments of a text side by side, of which each goes on where the one before ends.

They are read piece by piece, and what each piece began and ended with is kept. A segment that
began with a wrong state is read again only until it comes to the state it had come to before:
what follows is as it was.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.rnn.networks import State

PIECE = 128  # symbols

Streams: TypeAlias = NDArray[np.intp]
Read: TypeAlias = Callable[[Sequence[slice], Streams, State], list[State]]
Differing: TypeAlias = Callable[[State, State], Streams]


class Segments:
    """Streams of some length side by side.

    `read` reads pieces of some streams from a state, and gives the state after each; `differing`
    tells which streams of two states differ.
    """

    def __init__(self, length: int, read: Read, differing: Differing):
        self._read, self._differing = read, differing
        self._pieces = [slice(low, low + PIECE) for low in range(0, length, PIECE)]
        self._starts: list[State] = []
        self._ends: list[State] = []

    def read(self, state: State) -> None:
        """Read all from states that are likely true."""
        everyone = np.arange(state[0].shape[-1])
        self._ends = self._read(self._pieces, everyone, state)
        before = (state, *self._ends[:-1])
        self._starts = [tuple(part.copy() for part in parts) for parts in before]

    def read_again(self, first: State, most: int | None) -> bool:
        """Read again what did not begin as it should have, the first segment with `first`.

        At most so many segments, from the left. Tell whether there were any.
        """
        found, true = False, self._true_starts(first)
        for piece, start, end in zip(self._pieces, self._starts, self._ends, strict=True):
            stale = self._differing(true, start)[:most]
            if not len(stale):
                break
            found, begun = True, streams_of(true, stale)
            (ended,) = self._read([piece], stale, begun)
            for old, new in zip((*start, *end), (*begun, *ended), strict=True):
                old[..., stale] = new
            true = end
        return found

    def _true_starts(self, first: State) -> State:
        ends = self._ends[-1]
        return tuple(
            np.concatenate([a, b[..., :-1]], axis=-1) for a, b in zip(first, ends, strict=True)
        )

    @property
    def last(self) -> State:
        """What the last segment has ended with."""
        return streams_of(self._ends[-1], slice(-1, None))


def streams_of(state: State, streams: slice | Streams) -> State:
    """Give the state of some streams."""
    return tuple(part[..., streams] for part in state)
