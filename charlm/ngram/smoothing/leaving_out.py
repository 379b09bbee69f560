"""Leaving one out: the counts of all orders as they are for an event that is not counted itself.

Discounts are chosen such that each event of the text is predicted well from all other events. An
event is one occurrence of an n-gram that is not part of a longer one: an n-gram of the longest
order, or one whose history reaches the start of its sequence. Without the event, the n-gram's count
a and the total s of its history are one less.

The shorter n-grams at its end lose something too. How much depends on what is counted. If all
orders count occurrences, each order loses one. If orders below the longest count distinct left
neighbours (Kneser & Ney 1995), such an order loses one only if the longer n-gram has disappeared
altogether: if "abc" occurs once and is left out, "bc" has one left neighbour less; if "abc" occurs
twice, "bc" loses nothing.

Of a large text only every k-th n-gram is taken. Time O(N), memory O(events orders), bounded.
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Booleans, Float64s, Holder, Integers, Rows
from charlm.ngram.counting.counts import OrderCounts

MOST_ROWS = 1 << 19  # events times orders, about: with more, bits of unseen text change by 0.001


@dataclass(frozen=True, eq=False, repr=False)
class Level(Holder):
    """What one order says of M events without them: P = constant + D own + gamma P(x|h').

    a' and s' are what is left of count and total, N'_k the n-grams of class k after the history:
    those of count k, or of K and more.
    """

    constant: Float64s  # (M,) a' / s'
    own: Float64s  # (K, M) -1 / s' in the row of the class of a'
    shares: Float64s  # (K, M) N'_k / s'; gamma = D shares + unseen
    unseen: Booleans  # (M,) nothing else follows the history


def leave_out(
    orders: Sequence[OrderCounts], classes: int, *, continuation: bool
) -> tuple[list[Level], Float64s]:
    """Return a level for each order, shortest first, and how often each event occurs.

    Events are ordered by their length, longest first, so that a level of M events is about the
    first M of them. `continuation`: orders below the longest count distinct left neighbours.
    """
    top = orders[-1]
    events = sum(len(maximal(counts, top=counts is top)) for counts in orders)
    none = np.empty(0, np.int64), np.empty(0, bool)
    levels, weights = descend(
        orders, classes, *none, continuation=continuation, top=top, stride=stride_of(events, orders)
    )
    return levels[::-1], np.concatenate(weights)


def stride_of(events: int, orders: Sized) -> int:
    """Return the k of which every k-th event is taken."""
    return max(1, events * len(orders) // MOST_ROWS)


def descend(
    orders: Sequence[OrderCounts],
    classes: int,
    rows: Integers,
    leaves: Booleans,
    *,
    continuation: bool,
    top: OrderCounts | None,
    stride: int,
) -> tuple[list[Level], list[Float64s]]:
    """Return a level for each order and how often its events occur, the longest first.

    `rows` are the n-grams in the longest of these orders of events that are longer still; `leaves`
    tells where the order loses one. `top` is the longest order of all.
    """
    levels, weights = [], []
    for counts in reversed(orders):
        begin = maximal(counts, top=counts is top)[::stride]
        rows = np.concatenate([rows, begin])
        leaves = np.concatenate([leaves, np.ones(len(begin), bool)])
        weights.append(counts.count[begin].astype(float))
        count = counts.adjusted if continuation and counts is not top else counts.count
        levels.append(take_out(count, counts.history, counts.histories, classes, rows, leaves))
        if continuation:
            leaves = leaves & (count[rows] == 1)
        rows = counts.suffix[rows]
    return levels, weights


def maximal(counts: OrderCounts, *, top: bool) -> Integers:
    """Return the rows of the n-grams that are not part of a longer one."""
    return np.flatnonzero(counts.count > 0 if top else counts.from_start)


def take_out(
    count: Integers, history: Rows, histories: int, classes: int, rows: Integers, leaves: Booleans
) -> Level:
    """Return the level of M events, each taken out by itself.

    Event m is an occurrence of the n-gram in row `rows[m]`; this order loses it only if
    `leaves[m]`. `count` and `history` are those of all n-grams of the order, (N,).
    """
    total, members = histories_of(count, history, histories, classes, rows)
    return without(count[rows], leaves, total, members)


def without(before: Integers, leaves: Booleans, total: Float64s, members: Float64s) -> Level:
    """Return the level of M events from what was counted with them.

    `before` is the count of each event's n-gram, `total` that of its history, (M,), and `members`
    are the n-grams of its history by class, (K, M).
    """
    classes, after = len(members), before - leaves
    total, members = total - leaves, members.copy()
    for occurrences, change in ((before, -1), (after, 1)):
        moved = np.flatnonzero(leaves & (occurrences > 0))
        members[np.minimum(occurrences[moved], classes) - 1, moved] += change
    inverse = 1 / np.maximum(total, 1)
    own = np.zeros_like(members)
    stays = np.flatnonzero(after)
    own[np.minimum(after[stays], classes) - 1, stays] = -inverse[stays]
    return Level(after * inverse, own, members * inverse, total == 0)


def histories_of(
    count: Integers, history: Rows, histories: int, classes: int, rows: Integers
) -> tuple[Float64s, Float64s]:
    """Return of the history of each of `rows` the total, (M,), and the n-grams by class, (K, M)."""
    asked = np.zeros(histories, bool)
    asked[history[rows]] = True
    place = np.cumsum(asked) - 1  # only what is asked for is summed
    siblings = np.flatnonzero(asked[history])
    shared, count = place[history[siblings]], count[siblings]
    total = np.bincount(shared, weights=count)
    class_ = np.minimum(count, classes)
    members = np.array([np.bincount(shared, weights=class_ == k) for k in range(1, classes + 1)])
    where = place[history[rows]]
    return total[where], members.take(where, axis=1)
