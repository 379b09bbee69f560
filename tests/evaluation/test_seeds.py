"""Intervals over seeds, beside the tables of Student's t and Welch's formula."""

from math import sqrt
from statistics import stdev

import numpy as np
import pytest

from charlm.evaluation.seeds import difference, quantile, spread

# The 97.5 % points of t, from the tables of Fisher & Yates (1938).
TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 30: 2.042}
FIRST, SECOND = [2.10, 2.14, 2.12], [2.0, 2.06, 2.0, 2.02]


@pytest.mark.parametrize("freedom", TABLE)
def test_quantiles_are_those_of_the_tables(freedom: int) -> None:
    assert quantile(freedom) == pytest.approx(TABLE[freedom], abs=5e-4)


def test_the_mean_over_seeds_has_the_interval_of_the_textbook() -> None:
    found = spread(FIRST)
    assert found.seeds == 3
    assert found.mean == pytest.approx(2.12)
    assert found.reach == pytest.approx(TABLE[2] * stdev(FIRST) / sqrt(3), rel=1e-3)
    assert spread([2.0]).reach is None


def test_the_difference_is_as_sure_as_the_fewer_seeds_make_it() -> None:
    found = difference(FIRST, SECOND, (True, True))
    squared = stdev(FIRST) ** 2 / 3 + stdev(SECOND) ** 2 / 4
    assert found.mean == pytest.approx(0.1)
    assert found.reach == pytest.approx(TABLE[2] * sqrt(squared), rel=1e-3)
    assert difference(FIRST, [2.0], (True, True)).reach is None
    beside_ngrams = difference(FIRST, [2.0], (True, False))
    assert beside_ngrams.reach == pytest.approx(spread(FIRST).reach)
    assert difference([2.0], [1.0], (False, False)) == (1.0, 0.0, 0)


def test_intervals_hold_the_true_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.0, 1.0, (1000, 2, 3))
    held = [
        abs(found.mean) <= (found.reach or 0)
        for first, second in drawn.tolist()
        for found in [difference(first, second, (True, True))]
    ]
    assert 0.94 < np.mean(held) < 1.0  # the safe side of 95 %
