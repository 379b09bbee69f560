"""What smoothers add up over the n-grams of a history, and divide by it."""

import numpy as np

from charlm.arrays import Booleans, Float64s, Integers
from charlm.ngram.counting.counts import OrderCounts


def per_history(counts: OrderCounts, values: Integers | Float64s | Booleans) -> Float64s:
    """Sum a value of each n-gram over the n-grams of its history, (histories,)."""
    sums = np.bincount(counts.history, weights=values, minlength=counts.histories)
    return sums.astype(np.float64, copy=False)


def share(numerator: Float64s, denominator: Float64s) -> Float64s:
    """Divide, and give 1 where the denominator is 0: an unseen history hands everything down."""
    return np.divide(numerator, denominator, out=np.ones(len(denominator)), where=denominator > 0)
