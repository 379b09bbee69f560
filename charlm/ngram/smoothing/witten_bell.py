"""Witten-Bell smoothing (Witten & Bell 1991, method C; Chen & Goodman 1998, eq. 17).

What followed a history for the first time is as likely to happen again as it was so far: T(h)
distinct symbols followed h in c(h) occurrences, so T / (c + T) goes to the shorter history.

    P(x|h) = (c(hx) + T(h) P(x|h')) / (c(h) + T(h))
"""

import numpy as np

from charlm.arrays import Float64s
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.histories import per_history, share
from charlm.ngram.smoothing.registry import Smoothed, smoother


@smoother("witten-bell")
def witten_bell(
    counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
) -> Smoothed:
    """Interpolate by the number of distinct successors."""
    total = per_history(counts, counts.count)
    successors = per_history(counts, np.sign(counts.count))
    own = counts.count / (total + successors)[counts.history]
    return Smoothed(own, share(successors, total + successors))
