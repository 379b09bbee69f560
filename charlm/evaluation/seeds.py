"""How surely a mean over seeds is known: Student's t of a few numbers.

Two networks of the same settings differ by the seed alone, which draws their first parameters and
what they read together. An interval over texts says nothing of that: it is of two networks as they
are. What another seed would give is known from several only.
"""

from collections.abc import Sequence
from functools import cache
from math import sqrt
from statistics import fmean, variance
from typing import NamedTuple

import numpy as np

from charlm.evaluation.uncertainty import HALVINGS, LEVEL, student

WIDEST = 100.0  # t of one degree of freedom stays below 12.8 in 95 %


class Spread(NamedTuple):
    """The mean of figures over seeds, and how far the interval of it reaches; None for one seed."""

    mean: float
    reach: float | None
    seeds: int


def spread(figures: Sequence[float]) -> Spread:
    """Return the mean of figures and, from two on, half the width of its 95 % interval."""
    count, mean = len(figures), fmean(figures)
    if count < 2:
        return Spread(mean, None, count)
    return Spread(mean, quantile(count - 1) * sqrt(variance(figures) / count), count)


def difference(
    first: Sequence[float], second: Sequence[float], seeded: tuple[bool, bool]
) -> Spread:
    """Return the mean of the first less that of the second, and half its 95 % interval.

    Their variances may differ (Welch 1947); the degrees of freedom are those of the smaller one,
    which is on the safe side. What is not `seeded` is known exactly, and needs one figure only.
    """
    means = fmean(first) - fmean(second)
    drawn = [figures for figures, is_drawn in zip((first, second), seeded, strict=True) if is_drawn]
    fewest = min((len(figures) for figures in drawn), default=0)
    if not drawn:
        return Spread(means, 0.0, 0)
    if fewest < 2:
        return Spread(means, None, fewest)
    squared = sum(variance(figures) / len(figures) for figures in drawn)
    return Spread(means, quantile(fewest - 1) * sqrt(squared), fewest)


@cache
def quantile(freedom: int) -> float:
    """Return what |t| stays below with a probability of `LEVEL`; there is a degree of freedom."""
    low, high = 0.0, WIDEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = float(student(np.array(middle), freedom))
        low, high = (middle, high) if inside < LEVEL else (low, middle)
    return high
