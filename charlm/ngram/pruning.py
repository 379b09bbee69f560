"""Leaving rare n-grams out of a model, as KenLM does.

An n-gram is removed if its count is at most the threshold of its length. The probability that it
had beyond the shorter history's estimate is added to the back-off weight, so that the sum is still
one. With P(x|h) = own(hx) + gamma(h) P(x|h') and "x goes" for "hx is removed",

    gamma'(h) = gamma(h) + sum of own(hx) over the x that go
    P'(x|h)   = [hx stays] own(hx) + gamma'(h) P(x|h')

(Heafield et al. 2013; Seymore & Rosenfeld 1996 for cutting by count.) A smoother that backs off for
unseen symbols only, Katz's, keeps its probabilities, and its weights are made anew:

    alpha'(h) = (1 - sum of P(x|h)) / (1 - sum of P(x|h')) over the x that stay

Lengths are smoothed one after the other, each upon the pruned one below. Thresholds may not fall
with the length: then no n-gram stays whose history or suffix goes.
"""

from dataclasses import replace

import numpy as np

from charlm.arrays import Booleans, Float64s
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing import Smoothed
from charlm.ngram.smoothing.histories import per_history, share


def kept(counts: OrderCounts, config: NgramConfig) -> Booleans:
    """Tell which n-grams of one length stay, (N,)."""
    threshold = config.threshold(counts.length - 1)
    return counts.count > threshold if threshold else np.ones(len(counts.count), bool)


def prune(smoothed: Smoothed, counts: OrderCounts, lower: Float64s, stays: Booleans) -> Smoothed:
    """Return the shares and back-off weights of an order of which only some n-grams stay.

    Those that go have nothing of their own: what the model says of them is backoff * lower. A
    smoother that interpolates does not look at `lower`.
    """
    if stays.all():
        return smoothed
    if smoothed.interpolated:
        backoff = smoothed.backoff + per_history(counts, np.where(stays, 0.0, smoothed.own))
    else:
        probability = smoothed.probability(counts.history, lower)
        left = 1 - per_history(counts, np.where(stays, probability, 0.0))
        unseen = 1 - per_history(counts, np.where(stays, lower, 0.0))
        changed = per_history(counts, ~stays) > 0
        backoff = np.where(changed, share(np.maximum(left, 0), unseen), smoothed.backoff)
    notes = {**smoothed.notes, "pruned": int(len(stays) - stays.sum())}
    return replace(smoothed, own=np.where(stays, smoothed.own, 0.0), backoff=backoff, notes=notes)
