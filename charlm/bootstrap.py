r"""How surely a mean is known, where neighbours depend on each other: the circular block bootstrap.

Bits of neighbouring characters are alike: a rare name costs at each of its letters. An interval
that treats them as independent is several times too narrow. So whole blocks of a series x_1 .. x_N
are drawn, with replacement, and within a block everything stays as it was (Kuensch 1989). The
series is bent into a circle, so that each x_t is drawn as often as any other and the mean of the
resamples is the mean itself (Politis & Romano 1992). The interval holds the middle 95 % of the
resampled means (Efron 1979).

How long is a block? The variance of the resampled mean has a bias of -G / b and a variance of
D b / N. Their sum of squares is least at (Politis & White 2004, eq. 9 and 14; the constant D as
corrected by Patton, Politis & White 2009)

    b = (2 G^2 / D)^(1/3) N^(1/3)      G = sum_k |k| R(k)      D = 4/3 g^2      g = sum_k R(k)

with R(k) the autocovariance at lag k, over all k from -inf to inf. G and g are estimated with the
flat-top window lambda(k / M) of Politis & Romano (1995): 1 up to a half, then falling to 0 at 1.
M is twice the lag m after which K_N autocorrelations in a row are below 2 sqrt(log10(N) / N).
For an AR(1) series of correlation r this is b = (6 r^2 / (1 - r^2)^2 N)^(1/3).

Texts also change from page to page: names, scenes, quotations. That shows in no single correlation
between characters, though all of them together double the variance. It does show between sums of
`SCALE` characters. So the length is estimated for those too, and the longer one is taken.

Cost: FFTs of segments, and `resamples` times the number of blocks, which is bounded.
"""

from dataclasses import dataclass
from math import ceil, log10, sqrt

import numpy as np

from charlm.arrays import Float64s

LEVEL = 0.95
FEWEST_BLOCKS = 30  # with fewer, how much they vary is itself not known
MOST_BLOCKS = 5000  # from here on, blocks are longer than need be: the variance errs by 2 %
RESAMPLES = 5000  # the ends of the interval err by 2 % of its width
SCALE = 64  # characters, about a line of print
FEWEST_SUMS = 100  # of so many characters, before their correlations are asked for
SEGMENT = 1 << 16  # multiplied by one FFT; shorter ones stay near the cache
LEAST_RUN = 5  # autocorrelations in a row that must be small, at least


@dataclass(frozen=True)
class Interval:
    """Where a mean lies with a probability of `LEVEL`, and the blocks that say so.

    `low` and `high` are None where there are fewer than `FEWEST_BLOCKS`.
    """

    low: float | None
    high: float | None
    block: int
    blocks: int


def interval(series: Float64s, rng: np.random.Generator, resamples: int = RESAMPLES) -> Interval:
    """Give the interval of the mean of a series, (N,), whose order matters."""
    count = len(series)
    block = max(1, round(block_length(series)), count // MOST_BLOCKS)
    blocks = count // block
    if blocks < FEWEST_BLOCKS:
        return Interval(None, None, block, blocks)
    means = resampled_means(series, block, resamples, rng)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail]).tolist()
    return Interval(low, high, block, blocks)


def resampled_means(
    series: Float64s, block: int, resamples: int, rng: np.random.Generator
) -> Float64s:
    """Draw means of N // block blocks each, (resamples,): gathers of the sums of blocks."""
    count = len(series)
    blocks = count // block
    mean = series.mean()
    around = np.concatenate([[0.0], np.cumsum(np.resize(series - mean, count + block - 1))])
    sums = around[block:] - around[:-block]  # of the block that starts at each place, (N,)
    means = np.empty(resamples)
    for i in range(resamples):
        means[i] = sums[rng.integers(count, size=blocks)].sum()
    drawn: Float64s = mean + means / (blocks * block)
    return drawn


def block_length(series: Float64s) -> float:
    """Give the longer of the optimal blocks of a series, (N,), and of its sums of `SCALE`."""
    sums = len(series) // SCALE
    length = optimal_block(series)
    if sums < FEWEST_SUMS:
        return length
    coarse = optimal_block(series[: sums * SCALE].reshape(sums, SCALE).sum(axis=1))
    return max(length, SCALE * coarse) if coarse > 1 else length


def optimal_block(series: Float64s) -> float:
    """Give b for a series, (N,): at least 1, at most 3 sqrt(N) and N / 3 (as Patton's program)."""
    count = len(series)
    if count < 2 or np.ptp(series) == 0:
        return 1.0
    run = max(LEAST_RUN, ceil(sqrt(log10(count))))
    covariances = autocovariances(series, min(count - 1, ceil(sqrt(count)) + 2 * run))
    bandwidth = min(2 * _last_lag(covariances / covariances[0], count, run), len(covariances) - 1)
    lags = np.arange(1, bandwidth + 1)
    window = np.minimum(1.0, 2 * (1 - lags / max(1, bandwidth)))  # lambda
    weighted = window * covariances[1 : bandwidth + 1]
    spread = float(covariances[0] + 2 * weighted.sum())  # g
    slope = float(2 * (lags * weighted).sum())  # G
    longest = min(3 * sqrt(count), count / 3)
    if spread == 0:
        return longest
    best: float = max(1.0, min(longest, (1.5 * (slope / spread) ** 2 * count) ** (1 / 3)))
    return best


def _last_lag(correlations: Float64s, count: int, run: int) -> int:
    """Give the lag m after which `run` autocorrelations in a row are small: the first such."""
    small = np.abs(correlations[1:]) < 2 * sqrt(log10(count) / count)
    rows = np.convolve(small, np.ones(run), "valid") if len(small) >= run else np.empty(0)
    quiet = np.flatnonzero(rows == run)
    if len(quiet):
        return int(quiet[0])  # lags are counted from 1, so place i means that lag i was the last
    return int(np.flatnonzero(~small)[-1]) + 1 if not small.all() else 0


def autocovariances(series: Float64s, lags: int) -> Float64s:
    """Give R(0) .. R(lags) = (1/N) sum_t (x_t - mean) (x_(t+k) - mean), by FFT, (lags + 1,).

    Each segment is multiplied with itself and the `lags` that follow it.
    """
    centred, sums = series - series.mean(), np.zeros(lags + 1)
    segment = max(SEGMENT, 4 * lags)
    size = 1 << (min(segment, len(series)) + lags - 1).bit_length()  # so nothing wraps around
    for low in range(0, len(series), segment):
        own = np.fft.rfft(centred[low : low + segment], size)
        following = np.fft.rfft(centred[low : low + segment + lags], size)
        sums += np.fft.irfft(own.conj() * following, size)[: lags + 1]
    return sums / len(series)
