"""Intervals hold what they say: on series of known law, and on texts new to both models."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.api.training import train_ngram
from charlm.arrays import Float64s
from charlm.evaluation.uncertainty import (
    LENGTHS,
    PERSISTENCE,
    batch_means,
    expected_squares,
    haar_squares,
    half_width,
    interval,
    student,
)
from tests.support.readme import ROOT

SERIES = 400  # of each law; 95 % is known to 1.1 % by chance


def autoregressive(correlation: float, noise: Float64s) -> Float64s:
    """AR(1) series of variance 1 in rows, (number, length): x_t = r x_(t-1) + e_t."""
    x = np.ascontiguousarray(noise.T)
    x[1:] *= math.sqrt(1 - correlation**2)
    for t in range(1, len(x)):
        x[t] += correlation * x[t - 1]
    return np.ascontiguousarray(x.T)


def fractional(exponent: float, length: int) -> Float64s:
    """Covariances of fractional Gaussian noise (Mandelbrot & Van Ness 1968), (length, length)."""
    lags = np.arange(length)
    powers = np.abs(np.arange(-1, length + 1)) ** (2 * exponent)
    covariances: Float64s = (powers[2:] - 2 * powers[1:-1] + powers[:-2]) / 2
    matrix: Float64s = covariances[np.abs(lags[:, None] - lags)]
    return matrix


def scenes(length: int, noise: Float64s, rng: np.random.Generator) -> Float64s:
    """Noise whose mean changes by chance, after `length` values on average."""
    changes = np.cumsum(rng.random(noise.shape) < 1 / length, axis=1, dtype=np.int64)
    levels = 0.3 * rng.standard_normal((len(noise), int(changes.max()) + 1))
    changed: Float64s = noise + np.take_along_axis(levels, changes, axis=1)
    return changed


def lines(noise: Float64s, rng: np.random.Generator) -> Float64s:
    """Lines of 40 values that are harder at their beginning, some harder than others."""
    beginning = np.exp(-np.arange(40) / 5)
    count = noise.shape[1] // 40
    hard = 0.5 * rng.standard_normal((len(noise), count))
    within = np.tile(2 * (beginning - beginning.mean()), count)
    harder: Float64s = noise + np.repeat(hard, 40, axis=1) + within
    return harder


def covered(series: Float64s, mean: float = 0.0) -> tuple[float, float]:
    """Return how often the interval of a row holds the mean, and its width beside the truth's."""
    count = series.shape[1]
    reach = half_width(batch_means(series, 32), count)
    means = series.mean(axis=1)
    return float((np.abs(means - mean) <= reach).mean()), float(np.median(reach) / means.std())


LAWS: dict[str, Callable[[np.random.Generator], Float64s]] = {
    "independent": lambda rng: rng.standard_normal((SERIES, 300)),
    "heavy tails": lambda rng: rng.standard_t(3, (SERIES, 300)),
    "skew": lambda rng: rng.lognormal(0, 1, (SERIES, 300)) - math.exp(0.5),
    "AR(1) 0.8": lambda rng: autoregressive(0.8, rng.standard_normal((SERIES, 400))),
    "AR(1) 0.95": lambda rng: autoregressive(0.95, rng.standard_normal((SERIES, 1000))),
    "short scenes": lambda rng: scenes(100, rng.standard_normal((SERIES, 1000)), rng),
    "long scenes": lambda rng: scenes(1000, rng.standard_normal((SERIES, 10_000)), rng),
    "lines": lambda rng: lines(rng.standard_normal((SERIES, 400)), rng),
}


@pytest.mark.parametrize("law", LAWS)
def test_coverage(law: str) -> None:
    """95 % or a little more: what is not known is held to be wide, but not twice the truth."""
    held, width = covered(LAWS[law](np.random.default_rng(5)))
    assert held >= 0.93
    assert width < 2 * 1.96


@pytest.mark.parametrize("length", [64, 512, 2048])
def test_intervals_are_calibrated(length: int) -> None:
    """Where L is drawn as it is held to be, 95 % is 95 %: no more than it, and no less."""
    rng = np.random.default_rng(5)
    persistent = (
        rng.standard_normal((4 * SERIES, length))
        @ np.linalg.cholesky(fractional(PERSISTENCE, length)).T
    )
    ratio = rng.choice(LENGTHS, (4 * SERIES, 1)) ** (PERSISTENCE - 0.5)  # of standard deviations
    held, _ = covered(persistent + ratio * rng.standard_normal(persistent.shape))
    assert 0.93 <= held <= 0.97


def test_coverage_can_fail() -> None:
    """Fewer neighbours than the scenes have values show no scenes at all."""
    rng = np.random.default_rng(5)
    held, _ = covered(scenes(10_000, rng.standard_normal((SERIES, 1000)), rng))
    assert held < 0.7


@pytest.mark.parametrize(
    ("value", "freedom", "share"),
    [(12.7062, 1, 0.95), (3.1824, 3, 0.95), (2.3646, 7, 0.95), (2.0395, 31, 0.95), (0.711, 7, 0.5)],
)
def test_student_is_that_of_tables(value: float, freedom: int, share: float) -> None:
    assert student(np.array([value]), freedom)[0] == pytest.approx(share, abs=1e-4)


@given(st.lists(st.floats(-10, 10), min_size=16, max_size=16).map(np.array))
def test_haar_squares_are_all_there_is(means: Float64s) -> None:
    """Parseval: in unit length, the squares around the mean, by octave."""
    squares = haar_squares(means)
    assert squares.shape == (4,)
    total = np.square(means - means.mean()).sum()
    assert squares @ 2.0 ** np.arange(-1, 3) == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("place", [0, 7, len(LENGTHS) - 1])
def test_expected_squares_are_those_of_the_law(place: int) -> None:
    """By the covariances of 64 values of noise and of 1/f noise; the mean of all has variance 1."""
    long = 1 / (1 + (LENGTHS[place] / 64) ** (2 * PERSISTENCE - 1))  # w
    persistent = fractional(PERSISTENCE, 64) * 64 ** (2 - 2 * PERSISTENCE)
    covariances = (1 - long) * 64 * np.eye(64) + long * persistent
    assert covariances.mean() == pytest.approx(1)
    found = expected_squares(4, 64)[place]
    for octave, length in enumerate((4, 8, 16, 32)):
        difference = np.repeat([1 / length, -1 / length], length)
        own = covariances[: 2 * length, : 2 * length]
        assert found[octave] == pytest.approx(difference @ own @ difference)


def test_batches_are_equal_but_for_one_value() -> None:
    means = batch_means(np.arange(11.0), 4)
    np.testing.assert_allclose(means, [0.5, 3, 6, 9])


@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_interval_moves_and_grows_with_the_series(shift: float, scale: float) -> None:
    series = np.random.default_rng(0).standard_normal(3000)
    before, after = interval(series), interval(scale * series + shift)
    assert (after.block, after.blocks) == (before.block, before.blocks) == (93, 32)
    assert after.low == pytest.approx(scale * (before.low or 0) + shift, abs=1e-9 * (1 + scale))
    assert after.high == pytest.approx(scale * (before.high or 0) + shift, abs=1e-9 * (1 + scale))


@pytest.mark.parametrize(
    ("length", "blocks", "enough"), [(0, 0, False), (7, 7, False), (8, 8, True), (29, 16, True)]
)
def test_too_few_values_give_no_interval(length: int, blocks: int, enough: bool) -> None:
    found = interval(np.zeros(length))
    assert (found.block, found.blocks) == (1, blocks)
    assert (found.low is not None, found.high is not None) == (enough, enough)


@pytest.mark.parametrize("value", [0.0, 2.5, -1e300, 1e-300])
def test_a_constant_is_known_for_sure(value: float) -> None:
    found = interval(np.full(64, value))
    assert found.low == found.high == value


@pytest.mark.slow
@pytest.mark.parametrize("text", ["austen", "shakespeare"])
@pytest.mark.parametrize("models", ["orders", "smoothers"])
def test_coverage_on_texts(text: str, models: str) -> None:
    """Stretches of a text against its mean; both models are trained on every other part of it."""
    whole = (ROOT / "corpora" / f"{text}.txt").read_text()
    parts = [whole[i * len(whole) // 16 : (i + 1) * len(whole) // 16] for i in range(16)]
    known, new = "".join(parts[::2]), "".join(parts[1::2])
    first = train_ngram(known, order=6)
    if models == "orders":
        second = train_ngram(known, order=3)
    else:
        second = train_ngram(known, order=6, smoothing="witten-bell")
    series = first.score(new).bits - second.score(new).bits
    for length in (300, 1000, 3000, 10_000):
        starts = np.linspace(0, len(series) - length, 300).astype(int)
        held, width = covered(
            np.stack([series[start : start + length] for start in starts]), series.mean()
        )
        assert held >= 0.93, length
        assert width < 2.2 * 1.96, length
