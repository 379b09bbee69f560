"""The likeliest texts, by beam search.

The likeliest symbol after each other (greedy) does not make the likeliest text. Nor can all texts
be tried; a beam goes on with the `width` likeliest beginnings of each length. It finds the
likeliest text of all if it is wide enough to hold every beginning, and mostly if it is not.
"""

import heapq
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from charlm.arrays import Holder
from charlm.errors import UsageError
from charlm.sampling.course import Course, Position


@dataclass(frozen=True, eq=False, repr=False)
class Likely(Holder):
    """The symbols of a text, and the natural logarithm of its probability."""

    ids: tuple[int, ...]
    log_prob: float


def likeliest(course: Course, width: int, number: int = 1) -> list[Likely]:
    """Return the likeliest samples found, the likeliest first; fewer where there are no more.

    Raises:
        UsageError: there is none, or the width is no whole number from 1.
    """
    if not (isinstance(width, Integral) and width >= 1):
        raise UsageError("a beam is a number of texts that are followed, at least 1")
    beam: list[tuple[float, Position]] = [(0.0, course.start)]
    found: list[Likely] = []
    while beam:
        beam, whole = _step(course, beam, width)
        found = heapq.nlargest(number, [*found, *whole], key=lambda one: one.log_prob)
        if len(found) == number and beam and beam[0][0] <= found[-1].log_prob:
            break  # whatever follows is no likelier
    if not found:
        raise UsageError("no text that was found is such as is wanted; try a wider beam")
    return found


def _step(
    course: Course, beam: list[tuple[float, Position]], width: int
) -> tuple[list[tuple[float, Position]], list[Likely]]:
    """Go on by one symbol: the likeliest beginnings, and what is whole."""
    whole: list[Likely] = []
    going: list[tuple[float, int, int]] = []
    for i, (log_prob, position) in enumerate(beam):
        probs = course.probs(position)
        live = course.live(position, probs)
        if course.is_whole(position):
            whole.append(Likely(position.ids, log_prob))
            continue
        symbols = np.flatnonzero(live)
        costs = log_prob + np.log(probs[symbols])
        going += [(cost, i, symbol) for cost, symbol in zip(costs, symbols.tolist(), strict=True)]
    following: list[tuple[float, Position]] = []
    for cost, i, symbol in sorted(going, key=lambda one: -one[0]):
        position = beam[i][1]
        if course.ends(position, symbol):
            whole.append(Likely((*position.ids, symbol), float(cost)))
        elif len(following) < width:
            following.append((float(cost), course.after(position, symbol)))
    return following, whole
