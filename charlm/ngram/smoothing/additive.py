"""Maximum likelihood, and adding a constant to every count (Lidstone; Laplace where k = 1).

With c(hx) the count, c(h) its sum over x, and V the size of the vocabulary:

    MLE      P(x|h) = c(hx) / c(h)
    add-k    P(x|h) = (c(hx) + k) / (c(h) + k V)

Shorter histories are uniform, so that of an unseen symbol `backoff * lower` is its share
k / (c(h) + k V), and of a seen one it is what is added to the count. (A history that
reaches the start of its sequence is not a shortened one: it is smoothed as the longest are.) MLE
gives unseen symbols probability 0. After a history that nothing followed, MLE relies on its longest
suffix with successors, add-k on the uniform distribution.
"""

import numpy as np

from charlm.arrays import Float64s
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.histories import per_history
from charlm.ngram.smoothing.registry import Smoothed, smoother


@smoother("mle")
def mle(counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig) -> Smoothed:
    """Return relative frequencies."""
    total = per_history(counts, counts.count)
    return Smoothed(counts.count / total[counts.history], np.where(total > 0, 0.0, 1.0))


@smoother("add-k")
def add_k(counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig) -> Smoothed:
    """Pretend that every symbol occurred k times more after every history."""
    whole = counts.from_start | top
    total = per_history(counts, np.where(whole, counts.count, 0))
    added = config.k * counts.vocab_size
    own = np.where(whole, counts.count, 0) / (total[counts.history] + added)
    return Smoothed(own, added / (total + added), {"k": config.k} if top else {})
