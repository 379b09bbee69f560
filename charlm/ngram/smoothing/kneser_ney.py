"""Absolute discounting and Kneser-Ney smoothing, interpolated.

A discount D is taken off every count, and what is saved at a history goes to the shorter history:

    P(x|h) = max(a(hx) - D(a(hx)), 0) / a(h) + gamma(h) P(x|h')
    gamma(h) = sum over x of D(a(hx)) / a(h)

* `absolute` (Ney, Essen & Kneser 1994): a is the count, and one D serves all.
* `kneser-ney` (Kneser & Ney 1995): below the longest order a(hx) is the number of distinct
  symbols seen to the left of hx: a symbol that only ever followed one history is a poor guess
  elsewhere. One D serves all.
* `modified-kneser-ney` (Chen & Goodman 1998, eq. 26): as before, with D_1, D_2 and D_3+ for
  counts of 1, 2, and 3 or more.

The discounts are tuned for all orders together (`tuning.py`), or found for each order by itself
(`discounts.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from charlm.arrays import Float64s, Holder, Rows
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.discounts import choose_discounts
from charlm.ngram.smoothing.histories import per_history, share
from charlm.ngram.smoothing.registry import Smoothed, smoother
from charlm.ngram.smoothing.tuning import tune


@dataclass(frozen=True, eq=False, repr=False)
class Discounting(Holder):
    """One smoother of the family.

    `classes` is the number of discounts of an order; `continuation` says that shorter n-grams
    count their left neighbours; `known` are the discounts, (K,), of each order, and how they were
    found, where all orders were seen beforehand.
    """

    classes: int
    continuation: bool
    known: tuple[tuple[Float64s, str], ...] = ()

    def learns(self, config: NgramConfig) -> bool:
        """Tell whether all orders are to be seen before the first is smoothed."""
        return config.discounts == "tuned"

    def learn(self, orders: Sequence[OrderCounts]) -> "Discounting":
        """Tune the discounts of all orders together."""
        tuned = tune(orders, self.classes, continuation=self.continuation)
        return replace(self, known=tuple((discounts, "tuned") for discounts in tuned))

    def counts(self, counts: OrderCounts, *, top: bool) -> Rows:
        """Return what is counted of each n-gram."""
        return counts.adjusted if self.continuation and not top else counts.count

    def __call__(
        self, counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
    ) -> Smoothed:
        """Discount, and interpolate."""
        count = self.counts(counts, top=top)
        discounts, source = (
            self.known[counts.length - 1]
            if self.known
            else choose_discounts(config.discounts, self.classes, count, counts, lower)
        )
        discount = np.concatenate([[0.0], discounts])[np.minimum(count, self.classes)]  # (N,)
        total = per_history(counts, count)
        backoff = share(per_history(counts, discount), total)
        own = (count - discount) / total[counts.history]
        return Smoothed(own, backoff, {"discounts": discounts.tolist(), "source": source})


smoother("absolute")(Discounting(classes=1, continuation=False))
smoother("kneser-ney")(Discounting(classes=1, continuation=True))
smoother("modified-kneser-ney")(Discounting(classes=3, continuation=True))
