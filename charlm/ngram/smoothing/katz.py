"""Katz's back-off (Katz 1987; Chen & Goodman 1998, 2.4).

Counts up to K are too high, by Good and Turing's estimate, and are lowered by as much. What a
history saves in this way is divided among the symbols that did not follow it, in proportion to the
shorter history's probabilities:

    P(x|h) = d_r r / c(h)           r = c(hx) > 0
           = alpha(h) P(x|h')       otherwise

    d_r = (r* / r - g) / (1 - g)    1 <= r <= K,    r* = (r + 1) n_(r+1) / n_r
    g = (K + 1) n_(K+1) / n_1       d_r = 1 for r > K

with n_r the number of n-grams of count r, and alpha(h) such that the whole sums to one. K is 5,
or the largest below it for which every d_r is inside (0, 1). On characters there may be none:
low orders have no n-gram of count 1. Then d_r = (r - D) / r, with D as in absolute discounting.

Two exceptions, as in Stolcke's SRILM (2002): if a history would save nothing for the symbols that
did not follow it, its total is raised by one; if every symbol followed it, its counts are not
lowered.
"""

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.discounts import choose_discounts
from charlm.ngram.smoothing.histories import per_history
from charlm.ngram.smoothing.registry import Smoothed, smoother

HIGHEST_DISCOUNTED = 5  # Katz's own choice of K


@smoother("katz", looks_below=True)
def katz(counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig) -> Smoothed:
    """Back off to the shorter history, for unseen symbols only."""
    count, h = counts.count, counts.history
    kept, notes = _kept(counts, lower, config)
    total = per_history(counts, count)
    unseen = 1 - per_history(counts, np.where(count > 0, lower, 0.0))  # share of unseen symbols
    everything_seen = unseen < 1e-12
    kept = np.where(everything_seen[h], count, kept)
    left = total - per_history(counts, kept)
    nothing_left = (left < 1e-9 * total) & ~everything_seen
    total, left = total + nothing_left, left + nothing_left
    open_ = (total > 0) & ~everything_seen
    backoff = np.ones(counts.histories)
    backoff[open_] = left[open_] / total[open_] / unseen[open_]
    backoff[everything_seen & (total > 0)] = 0.0
    own = np.where(count > 0, kept / np.maximum(total, 1)[h], 0.0)
    return Smoothed(own, backoff, notes, interpolated=False)


def _kept(
    counts: OrderCounts, lower: Float64s, config: NgramConfig
) -> tuple[Float64s, dict[str, object]]:
    """Return d_r r for each n-gram, (N,), and what to say of it."""
    ratios = good_turing(np.bincount(np.minimum(counts.count, HIGHEST_DISCOUNTED + 2)))
    if ratios is not None:
        by_count = np.concatenate([[0.0], ratios, [1.0]])
        kept = counts.count * by_count[np.minimum(counts.count, len(by_count) - 1)]
        return kept, {"ratios": ratios.tolist(), "source": "good-turing"}
    discounts, source = choose_discounts(config.discounts, 1, counts.count, counts, lower)
    kept = np.maximum(counts.count - discounts[0], 0)
    return kept, {"discounts": discounts.tolist(), "source": source}


def good_turing(n: Integers) -> Float64s | None:
    """Return d_1 .. d_K where n[r] n-grams have count r; None if no K will do."""
    n = np.concatenate([n, np.zeros(HIGHEST_DISCOUNTED + 2, np.int64)])
    for highest in range(HIGHEST_DISCOUNTED, 0, -1):
        r = np.arange(1, highest + 1)
        if not n[1 : highest + 2].all():
            continue
        g = (highest + 1) * n[highest + 1] / n[1]
        ratios = ((r + 1) * n[r + 1] / n[r] / r - g) / (1 - g) if g != 1 else np.zeros(highest)
        if ((ratios > 0) & (ratios < 1)).all():
            return np.asarray(ratios, np.float64)
    return None
