"""Tasks over a range of n-grams by their oldest symbols: histories, and rows of the model's tables.

In such a range every history stands with the n-grams that extend it, and is an n-gram of it itself.
Its rows are in the order of keys, which is that of the tables. What comes from the ranges of
suffixes, and goes back to them, is in their order, one range after the other.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Float64s, Holder, Rows
from charlm.ngram import pruning
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.counting.merging import order_of
from charlm.ngram.counting.packing import Words, begins
from charlm.ngram.estimation import smooth_order
from charlm.ngram.ranges.keys import place, places
from charlm.ngram.ranges.plan import Plan
from charlm.ngram.ranges.spool import Stored, Writer
from charlm.ngram.smoothing import Smoother
from charlm.ngram.smoothing.leaving_out import histories_of

NO_LOWER: Float64s = np.empty(0)  # the smoothers that work in ranges do not look below


def gather(plan: Plan, shard: int, classes: int, *, continuation: bool) -> None:
    """Bring the n-grams of a range together from all ranges of suffixes, by history.

    Where discounts are tuned in `classes` of counts, also say of the history of each sampled event
    how many events it has, and how many n-grams of each class.
    """
    spool, sources = plan.spool, plan.ranges
    counted = [spool.open(f"counted-{i}") for i in range(sources)]
    sampled = [spool.open(f"events-{i}") for i in range(sources)] if classes else []
    below: Words = ()
    with spool.writing(f"gathered-{shard}") as file:
        cuts = {}
        for length in plan.lengths:
            bounds = [each.figures[str(length)]["slices"][shard : shard + 2] for each in counted]
            cuts[str(length)] = bounds
            number = -(-length // plan.keys.digits)
            key = tuple(_joined(counted, f"{length}.{i}.key", bounds) for i in range(number))
            order = order_of(key).astype(np.int32)
            key = tuple(word[order] for word in key)
            file.add(f"{length}.order", order)
            count, adjusted = (
                _joined(counted, f"{length}.{name}", bounds)[order]
                for name in ("count", "adjusted")
            )
            file.add(f"{length}.count", count)
            file.add(f"{length}.adjusted", adjusted)
            file.add(f"{length}.newest", plan.keys.newest(key))
            firsts = _add_histories(plan, length, key, below, file)
            if classes:
                used = adjusted if continuation and length < plan.width else count
                _answer(length, order, firsts, used, classes, sampled, bounds, file)
            below = key
        file.figures = {"slices": cuts}


def _joined(stored: list[Stored], name: str, bounds: list[list[int]]) -> NDArray[Any]:
    """Return slices of the same array of several files, one after the other."""
    parts = [each.read(name, *between) for each, between in zip(stored, bounds, strict=True)]
    return np.concatenate(parts)


def _add_histories(plan: Plan, length: int, key: Words, below: Words, file: Writer) -> Booleans:
    """Say where the n-grams of one history end, and where the history is itself, one shorter.

    Those of the shortest are in the head, and named by their keys.
    """
    histories = plan.keys.histories(key, length)
    first = begins(histories)
    distinct = tuple(word[first] for word in histories)
    of_start = place(key, plan.keys.packed((plan.vocab_size,), length))
    file.add(f"{length}.begins", first)
    file.add(f"{length}.history", places(below, distinct) if below else distinct[0])
    file.add(f"{length}.starts", np.array([of_start]))
    return first


def _answer(
    length: int,
    order: NDArray[np.int32],
    firsts: Booleans,
    count: NDArray[Any],
    classes: int,
    sampled: list[Stored],
    bounds: list[list[int]],
    file: Writer,
) -> None:
    """Say of the history of each event of this range what smoothing asks of it."""
    inverse = np.empty(len(order), np.int32)
    inverse[order] = np.arange(len(order), dtype=np.int32)
    asked, base = [np.empty(0, np.int32)], 0
    for events, (low, high) in zip(sampled, bounds, strict=True):
        place = events.read(f"{length}.place")
        place = place[(place >= low) & (place < high)]
        asked.append(inverse[place - low + base])
        base += high - low
    rows = np.concatenate(asked).astype(np.int64)
    history = np.cumsum(firsts) - 1
    number = int(firsts.sum())
    total, members = histories_of(count, history, number, classes, rows)
    file.add(f"{length}.total", total)
    for k in range(classes):
        file.add(f"{length}.{k}.members", members[k])


@dataclass(frozen=True, eq=False, repr=False)
class _Tables(Holder):
    """The rows of one length as they stand in the model's tables."""

    stays: Booleans  # (N,) of the n-grams of the range
    row: Rows  # (N,) among those of the range that stay


def weigh(plan: Plan, shard: int, smooth: Smoother) -> dict[str, Any]:
    """Smooth the n-grams of a range: what each has of its own, and what its history hands down.

    The figures are, by length, how many n-grams stay in the model, how many go, and the notes.
    """
    gathered, head = plan.spool.open(f"gathered-{shard}"), plan.spool.open("head")
    figures: dict[str, Any] = {"slices": _own_slices(plan, gathered)}
    below: _Tables | None = None
    with (
        plan.spool.writing(f"weighed-{shard}") as weighed,
        plan.spool.writing(f"rows-{shard}") as rows,
    ):
        for length in plan.lengths:
            order = gathered.read(f"{length}.order")
            counts = _counts(plan, gathered, length)
            stays = pruning.kept(counts, plan.config)
            smoothed = smooth_order(smooth, counts, NO_LOWER, stays, plan.config)
            for name, values in (
                ("own", smoothed.own),
                ("backoff", smoothed.backoff[counts.history]),
            ):
                in_sources = np.empty(len(order))
                in_sources[order] = values
                weighed.add(f"{length}.{name}", in_sources)
            histories = gathered.read(f"{length}.history")
            backoff, row = _of_histories(plan, shard, head, below, histories, smoothed.backoff)
            rows.add(f"{length - 1}.backoff", backoff.astype(np.float32))
            key = row[counts.history[stays]] * plan.vocab_size + counts.newest[stays]
            rows.add(f"{length}.key", key)
            rows.add(f"{length}.order", order[stays])
            below = _Tables(stays, np.cumsum(stays) - 1)
            gone = int(len(stays) - stays.sum())
            notes = {**smoothed.notes, "pruned": gone}
            figures[str(length)] = {"rows": len(key), "notes": notes}
        weighed.figures = figures
        rows.figures = figures | {"cuts": gathered.figures["slices"]}
    return figures


def _own_slices(plan: Plan, gathered: Stored) -> dict[str, list[tuple[int, int]]]:
    """Return, by length, where the n-grams of each range of suffixes are among all of this one."""
    found = {}
    for length in plan.lengths:
        bounds = gathered.figures["slices"][str(length)]
        ends = np.cumsum([0, *(high - low for low, high in bounds)]).tolist()
        found[str(length)] = list(pairwise(ends))
    return found


def _counts(plan: Plan, gathered: Stored, length: int) -> OrderCounts:
    """Return the n-grams of a range of one length as smoothers know them."""
    firsts = gathered.read(f"{length}.begins")
    size, starts = len(firsts), int(gathered.read(f"{length}.starts")[0])
    return OrderCounts(
        length=length,
        vocab_size=plan.vocab_size,
        histories=int(firsts.sum()),
        newest=gathered.read(f"{length}.newest"),
        history=np.cumsum(firsts) - 1,
        suffix=np.empty(0, np.int64),
        count=gathered.read(f"{length}.count").astype(np.int64),
        adjusted=gathered.read(f"{length}.adjusted").astype(np.int64),
        from_start=np.arange(size) >= starts,
    )


def _of_histories(
    plan: Plan,
    shard: int,
    head: Stored,
    below: _Tables | None,
    histories: NDArray[Any],
    backoff: Float64s,
) -> tuple[Float64s, Rows]:
    """Return the back-off weight of each row of the length below, and the row of each history.

    What nothing follows hands everything down. Rows of the head are known; others are numbered from
    the first of this range.
    """
    if below is None:
        low, high = head.figures["contexts"][shard]
        keys = head.read("key", low, high)
        place = np.searchsorted(keys, histories)
        weights = np.ones(high - low)
        there = place < len(keys)
        there[there] = keys[place[there]] == histories[there]
        weights[place[there]] = backoff[there]
        return weights, place + low
    weights = np.ones(len(below.stays))
    weights[histories] = backoff
    return weights[below.stays], below.row[histories]


def lay_out(plan: Plan, shard: int) -> None:
    """Bring the probabilities of a range into the order of the model's tables."""
    rows = plan.spool.open(f"rows-{shard}")
    sources = [plan.spool.open(f"interpolated-{i}") for i in range(plan.ranges)]
    cuts = rows.figures["cuts"]
    with plan.spool.writing(f"laid-{shard}") as file:
        for length in plan.lengths:
            probability = _joined(sources, f"{length}.probability", cuts[str(length)])
            file.add(f"{length}.probability", probability[rows.read(f"{length}.order")])
