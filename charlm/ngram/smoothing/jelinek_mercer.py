"""Jelinek-Mercer smoothing (Jelinek & Mercer 1980; Chen & Goodman 1998, 2.3).

    P(x|h) = lambda_b c(hx) / c(h) + (1 - lambda_b) P(x|h')

with a weight for each bucket b of histories, by the logarithm of c(h). The weights maximise the
likelihood of each event under the counts without it (deleted interpolation, one event at a time),
so that no held-out text is needed. An event taken from a history of count s is predicted by one of
count s - 1, whose bucket it therefore teaches:

    p = lambda_b(s-1) (c - 1) / (s - 1) + (1 - lambda_b(s-1)) P(x|h')

The likelihood is concave in each weight. Its maximum is found by bisection, since expectation
maximisation would approach it only slowly. One event added on either side keeps every weight away
from 0 and 1.
"""

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.histories import per_history, share
from charlm.ngram.smoothing.registry import Smoothed, smoother

BUCKETS = 32  # by powers of two of the history's count
BISECTIONS = 50


@smoother("jelinek-mercer", looks_below=True)
def jelinek_mercer(
    counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
) -> Smoothed:
    """Interpolate with weights by how often the history was seen."""
    total = per_history(counts, counts.count)
    weights = _weights(counts, total, lower)
    weight = np.where(total > 0, weights[_bucket(np.maximum(total, 1))], 0.0)  # (histories,)
    frequency = share(counts.count.astype(float), total[counts.history])
    own = weight[counts.history] * frequency
    used = int(_bucket(np.maximum(total.max(initial=1), 1)[None])[0]) + 1
    return Smoothed(own, 1 - weight, {"weights": weights[:used].tolist()})


def _bucket(count: Float64s) -> Integers:
    return np.minimum(np.log2(count).astype(np.int64), BUCKETS - 1)


def _weights(counts: OrderCounts, total: Float64s, lower: Float64s) -> Float64s:
    """Return lambda of each bucket: where the derivative of its concave likelihood is zero.

    Sum of c (m - P) / (lambda m + (1 - lambda) P) + 1 / lambda - 1 / (1 - lambda), with
    m = (c - 1) / (s - 1).
    """
    rest = total[counts.history] - 1
    usable = (counts.count > 0) & (rest > 0)
    events, rest, lower = counts.count[usable], rest[usable], lower[usable]
    bucket, excess = _bucket(rest), (events - 1) / rest - lower
    low, high = np.zeros(BUCKETS), np.ones(BUCKETS)
    for _ in range(BISECTIONS):
        weights = (low + high) / 2
        slopes = events * excess / (lower + weights[bucket] * excess)
        slope = np.bincount(bucket, weights=slopes, minlength=BUCKETS)
        rising = slope + 1 / weights - 1 / (1 - weights) > 0
        low, high = np.where(rising, weights, low), np.where(rising, high, weights)
    return (low + high) / 2
