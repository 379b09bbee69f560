import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm import bootstrap
from charlm.arrays import Float64s
from charlm.bootstrap import autocovariances, block_length, interval, optimal_block

series_of = st.lists(st.floats(-10, 10, width=16), min_size=3, max_size=60).map(np.array)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def autoregressive(correlation: float, length: int, number: int, seed: int = 0) -> Float64s:
    """AR(1) series of variance 1 in rows, (number, length): x_t = r x_(t-1) + e_t."""
    x = np.random.default_rng(seed).standard_normal((length, number))
    x[1:] *= math.sqrt(1 - correlation**2)
    for t in range(1, length):
        x[t] += correlation * x[t - 1]
    return np.ascontiguousarray(x.T)


@pytest.mark.parametrize("segment", [1, 5, 1 << 16])
@given(series=series_of, data=st.data())
def test_autocovariances_by_definition(segment: int, series: Float64s, data: st.DataObject) -> None:
    lags = data.draw(st.integers(0, len(series) - 1))
    centred = series - series.mean()
    pairs = ((centred[: len(series) - k], centred[k:]) for k in range(lags + 1))
    expected = [(early * late).sum() / len(series) for early, late in pairs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SEGMENT", segment)
        found = autocovariances(series, lags)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@given(series_of, st.integers(1, 7))
def test_resampled_means_by_definition(series: Float64s, block: int) -> None:
    """Blocks start anywhere on the circle; each resample is as long as whole blocks are."""
    block = min(block, len(series))
    found = bootstrap.resampled_means(series, block, 4, rng())
    drawn, count = rng(), len(series)
    for mean in found:
        starts = drawn.integers(count, size=count // block)
        chosen = [series[(s + i) % count] for s in starts for i in range(block)]
        assert mean == pytest.approx(np.mean(chosen), abs=1e-9)


@pytest.mark.parametrize("correlation", [0.3, 0.5, 0.9, -0.5])
def test_optimal_block_of_autoregressions(correlation: float) -> None:
    """R(k) = r^|k|, so G = 2r / (1-r)^2 and g = (1+r) / (1-r)."""
    found = [optimal_block(x) for x in autoregressive(correlation, 50_000, 30)]
    expected = (1.5 * (2 * correlation / (1 - correlation**2)) ** 2 * 50_000) ** (1 / 3)
    assert np.mean(found) == pytest.approx(expected, rel=0.06)


def test_optimal_block_of_independent_and_of_constant_series() -> None:
    found = [optimal_block(x) for x in autoregressive(0.0, 50_000, 30)]
    assert np.mean(found) < 2
    assert optimal_block(np.full(1000, 2.5)) == optimal_block(np.array([1.0])) == 1


def test_optimal_block_is_bounded() -> None:
    """A series that only rises has no block long enough."""
    assert optimal_block(np.arange(90_000.0)) == 3 * 300
    assert 1 <= optimal_block(np.arange(9.0)) <= 3


def test_optimal_block_where_the_sum_of_autocovariances_is_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of differences of independent numbers: R(1) = -R(0) / 2. The longest block is right."""
    covariances = np.zeros(60)
    covariances[:2] = 1, -0.5
    monkeypatch.setattr(bootstrap, "autocovariances", lambda series, lags: covariances)
    assert optimal_block(np.arange(2500.0)) == 3 * 50


@pytest.mark.slow
def test_slow_changes_are_seen_in_sums() -> None:
    """A weak slow wave under noise shows in no correlation of neighbours, but between sums."""
    slow, noise = autoregressive(0.999, 200_000, 1)[0], autoregressive(0.0, 200_000, 1, seed=1)[0]
    series = noise + 0.06 * slow
    assert optimal_block(series) < 30
    assert block_length(series) > 200
    assert block_length(noise) == optimal_block(noise)


def test_width_is_that_of_the_long_run_variance() -> None:
    """The mean of an AR(1) series has the variance (1+r) / (1-r) / N, 19 times that of noise."""
    (series,) = autoregressive(0.9, 200_000, 1)
    found = interval(series, rng())
    assert found.low is not None
    assert found.high is not None
    assert found.low < series.mean() < found.high
    expected = 2 * 1.96 * math.sqrt(19 / 200_000)
    assert found.high - found.low == pytest.approx(expected, rel=0.1)


@pytest.mark.slow
@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_interval_moves_and_grows_with_the_series(shift: float, scale: float) -> None:
    (series,) = autoregressive(0.5, 3000, 1)
    before, after = interval(series, rng(), 50), interval(scale * series + shift, rng(), 50)
    assert after.block == before.block
    assert after.low == pytest.approx(scale * (before.low or 0) + shift, abs=1e-9 * (1 + scale))


def test_same_seed_same_interval() -> None:
    (series,) = autoregressive(0.5, 3000, 1)
    assert interval(series, rng()) == interval(series, rng())


@pytest.mark.parametrize(("length", "enough"), [(29, False), (30, True), (0, False)])
def test_too_few_blocks_give_no_interval(length: int, enough: bool) -> None:
    found = interval(np.zeros(length), rng())
    assert (found.block, found.blocks) == (1, length)
    assert (found.low is not None, found.high is not None) == (enough, enough)


@pytest.mark.slow
def test_more_blocks_than_needed_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long blocks do no harm where there are many: the interval stays what it was."""
    (series,) = autoregressive(0.0, 20_000, 1)
    long = interval(series, rng())
    assert (long.block, long.blocks) == (4, 5000)
    monkeypatch.setattr(bootstrap, "MOST_BLOCKS", 1 << 30)
    short = interval(series, rng())
    assert short.block == 1
    assert long.high == pytest.approx(short.high or 0, abs=0.1 * math.sqrt(1 / 20_000))


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_coverage(correlation: float) -> None:
    """Of 1000 intervals for a mean that is 0, nominally 95 % hold it (+- 1.4 % by chance)."""
    held = 0
    for seed in range(10):
        for series in autoregressive(correlation, 50_000, 100, seed):
            found = interval(series, rng(), 500)
            held += (found.low or 0) <= 0 <= (found.high or 0)
    assert 920 <= held <= 980
