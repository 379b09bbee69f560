"""Discounts of all orders where n-grams lie in ranges: the same events, the same sums."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers
from charlm.errors import UsageError
from charlm.ngram.ranges.head import Head
from charlm.ngram.ranges.spool import Stored
from charlm.ngram.smoothing.discounts import counts_of_counts, without_tuning
from charlm.ngram.smoothing.kneser_ney import Discounting
from charlm.ngram.smoothing.leaving_out import descend, without
from charlm.ngram.smoothing.tuning import tune_levels


def tuned(smooth: Discounting, head: Head, stride: int) -> Discounting:
    """Tune the discounts of all orders together, as `smoothing/tuning.py` does."""
    plan, classes, continuation = head.plan, smooth.classes, smooth.continuation
    sources = range(plan.ranges)
    sampled = [plan.spool.open(f"events-{i}") for i in sources]
    counted = [plan.spool.open(f"counted-{i}") for i in sources]
    gathered = [plan.spool.open(f"gathered-{i}") for i in sources]
    longest_first = list(reversed(plan.lengths))
    begun = [[events.figures["begun"][str(k)] for k in longest_first] for events in sampled]
    levels, weights = [], []
    for i, length in enumerate(longest_first):
        order = _by_length([each[: i + 1] for each in begun])
        by_range = np.argsort(_ranges(counted, sampled, length), kind="stable")
        total, *members = (
            _joined(gathered, f"{length}.{name}")
            for name in ("total", *(f"{k}.members" for k in range(classes)))
        )
        before, leaves = (_joined(sampled, f"{length}.{name}") for name in ("count", "leaves"))
        of_histories = np.empty((1 + classes, len(order)))
        of_histories[:, by_range] = [total, *members]
        total, *members = of_histories.take(order, axis=1)
        levels.append(without(before[order], leaves[order], total, np.array(members)))
        weights.append(_joined(sampled, f"{length}.weight").astype(float))
    order = _by_length(begun)
    rows = [
        head.offset(events.read("head.row"), i) for i, events in zip(sources, sampled, strict=True)
    ]
    leaves = _joined(sampled, "head.leaves")[order]
    shorter, more = descend(
        head.orders,
        classes,
        np.concatenate(rows)[order],
        leaves,
        continuation=continuation,
        top=None,
        stride=stride,
    )
    found = tune_levels(
        [*levels, *shorter][::-1], np.concatenate([*weights, *more]), plan.vocab_size
    )
    return replace(smooth, known=tuple((discounts, "tuned") for discounts in found))


def _by_length(begun: list[list[int]]) -> Integers:
    """Return the order of events by length, longest first, and then by range.

    `begun` is how many there are of each length in each range, where they stand longest first.
    """
    lengths = [np.repeat(np.arange(len(numbers)), numbers) for numbers in begun]
    return np.argsort(np.concatenate(lengths), kind="stable")


def _ranges(counted: list[Stored], sampled: list[Stored], length: int) -> Integers:
    """Return the range of contexts in which the n-gram of each event lies."""
    found = []
    for stored, events in zip(counted, sampled, strict=True):
        bounds = stored.figures[str(length)]["slices"][1:-1]
        found.append(np.searchsorted(bounds, events.read(f"{length}.place"), "right"))
    return np.concatenate(found)


def _joined(stored: list[Stored], name: str) -> NDArray[Any]:
    """Return the arrays of that name of all files, one after the other."""
    return np.concatenate([each.read(name) for each in stored])


def found_without_tuning(
    smooth: Discounting, head: Head, counts: Mapping[int, Mapping[str, list[int]]]
) -> Discounting:
    """Find the discounts of each order by its counts alone.

    `counts` are, of each length in ranges, how many n-grams have the small counts.

    Raises:
        UsageError: those of an order would have to be tuned by itself.
    """
    plan, method, known = head.plan, head.plan.config.discounts, []
    for length in range(1, plan.width + 1):
        if length <= plan.prefix:
            t = counts_of_counts(smooth.counts(head.orders[length - 1], top=False))
        else:
            adjusted = smooth.continuation and length < plan.width
            t = np.array(counts[length]["adjusted" if adjusted else "counts"][1:5], float)
        found = without_tuning(method, smooth.classes, t)
        if found is None:
            raise UsageError(
                f"discounts by closed forms fail for n-grams of {length} symbols, and to tune them "
                "takes all in memory; choose tuned or fallback discounts, or allow more memory"
            )
        known.append(found)
    return replace(smooth, known=tuple(known))
