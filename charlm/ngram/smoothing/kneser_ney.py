"""Absolute discounting and Kneser-Ney smoothing, interpolated.

Every count gives up a discount, and what a history collects goes to the shorter history:

    P(x|h) = max(a(hx) - D(a(hx)), 0) / a(h) + gamma(h) P(x|h')
    gamma(h) = sum over x of D(a(hx)) / a(h)

* `absolute` (Ney, Essen & Kneser 1994): a is the count, and one D serves all.
* `kneser-ney` (Kneser & Ney 1995): below the longest order a(hx) is the number of distinct
  symbols seen to the left of hx: a symbol that only ever followed one history is a poor guess
  elsewhere. One D serves all.
* `modified-kneser-ney` (Chen & Goodman 1998, eq. 26): as before, with D_1, D_2 and D_3+ for
  counts of 1, 2, and 3 or more.

The discounts of an order are found in `discounts.py`.
"""

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import OrderCounts
from charlm.ngram.smoothing.discounts import choose_discounts
from charlm.ngram.smoothing.registry import Smoothed, per_history, share, smoother


@smoother("absolute")
def absolute(counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig) -> Smoothed:
    """Discount counts by one constant."""
    return _discount(counts.count, counts, lower, config.discounts, classes=1)


@smoother("kneser-ney")
def kneser_ney(counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig) -> Smoothed:
    """Discount by one constant, with continuation counts below the longest order."""
    adjusted = counts.count if top else counts.adjusted
    return _discount(adjusted, counts, lower, config.discounts, classes=1)


@smoother("modified-kneser-ney")
def modified_kneser_ney(
    counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
) -> Smoothed:
    """Discount by count, with continuation counts below the longest order."""
    adjusted = counts.count if top else counts.adjusted
    return _discount(adjusted, counts, lower, config.discounts, classes=3)


def _discount(
    count: Integers, counts: OrderCounts, lower: Float64s, method: str, *, classes: int
) -> Smoothed:
    discounts, source = choose_discounts(method, classes, count, counts, lower)
    discount = np.concatenate([[0.0], discounts])[np.minimum(count, classes)]  # (N,)
    total = per_history(counts, count)
    backoff = share(per_history(counts, discount), total)
    kept = (count - discount) / total[counts.history]
    probability = kept + backoff[counts.history] * lower
    return Smoothed(probability, backoff, {"discounts": discounts.tolist(), "source": source})
