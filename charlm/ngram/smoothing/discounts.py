"""The discounts D_1, D_2, D_3+ of modified Kneser-Ney, for one order.

Closed form (Chen & Goodman 1998, eq. 27), with t_k the number of n-grams whose count is k:

    Y = t_1 / (t_1 + 2 t_2),    D_k = k - (k + 1) Y t_(k+1) / t_k

On characters it often fails: low orders have no n-gram of count 1, or the D_k leave (0, k).
Then the discounts maximise the leave-one-out likelihood (Ney, Essen & Kneser 1994): each event
is predicted from the counts without it. An event whose n-gram has count a, after a history of
total s with N_k n-grams of count k, then has probability

    p = ( [a > 1] (a - 1 - D_(a-1)) + P(x|h') sum_k D_k N'_k ) / (s - 1)

with N' the N_k after the n-gram moved from count a to a - 1. It is linear in D, so its
logarithm is concave and Newton's method finds the one maximum. A prior Beta(2, 2) on each D_k / k
keeps D_k strictly inside (0, k), so that unseen symbols always keep a share.
"""

import numpy as np

from charlm.arrays import Float64s, Integers

CLASSES = np.array([1.0, 2.0, 3.0])  # a count of 3 stands for 3 and more
NEWTON_STEPS = 100
TOLERANCE = 1e-12


def choose_discounts(
    count: Integers, history: Integers, histories: int, lower: Float64s
) -> tuple[Float64s, str]:
    """Give D_1, D_2, D_3+ and how they were found: `closed` or `tuned`.

    `count` and `history` are (N,), and `lower` the probabilities of the order below, (N,).
    """
    closed = closed_form(count)
    if closed is not None:
        return closed, "closed"
    return leave_one_out(count, history, histories, lower), "tuned"


def closed_form(count: Integers) -> Float64s | None:
    """Chen & Goodman's estimate; None where it is undefined or not strictly inside (0, k)."""
    t = np.bincount(np.minimum(count, 5), minlength=6)[1:5].astype(float)
    if not t.all():
        return None
    y = t[0] / (t[0] + 2 * t[1])
    discounts: Float64s = CLASSES - (CLASSES + 1) * y * t[1:] / t[:3]
    return discounts if ((discounts > 0) & (discounts < CLASSES)).all() else None


def leave_one_out(count: Integers, history: Integers, histories: int, lower: Float64s) -> Float64s:
    """Maximise the leave-one-out likelihood under the prior, by Newton's method."""
    constant, slope, weight = _events(count, history, histories, lower)
    discounts = CLASSES / 2
    value = _objective(discounts, constant, slope, weight)
    for _ in range(NEWTON_STEPS):
        probability = constant + slope @ discounts
        scaled = slope / probability[:, None]
        gradient = weight @ scaled + 1 / discounts - 1 / (CLASSES - discounts)
        hessian = (weight[:, None] * scaled).T @ scaled
        hessian += np.diag(1 / discounts**2 + 1 / (CLASSES - discounts) ** 2)
        step = np.linalg.solve(hessian, gradient)
        for _ in range(60):  # halve the step until it stays inside and improves
            trial = discounts + step
            trial_value = _objective(trial, constant, slope, weight)
            if trial_value > value:
                break
            step /= 2
        else:
            break
        discounts, gain, value = trial, trial_value - value, trial_value
        if gain < TOLERANCE * abs(value):
            break
    return discounts


def _events(
    count: Integers, history: Integers, histories: int, lower: Float64s
) -> tuple[Float64s, Float64s, Float64s]:
    """Give p = constant + slope @ D for each n-gram, (N,) and (N, 3), and how often it counts."""
    sizes = np.minimum(count, 3)
    total = np.bincount(history, weights=count, minlength=histories)
    by_size = np.stack(
        [np.bincount(history, weights=sizes == k, minlength=histories) for k in (1, 2, 3)], axis=1
    )
    usable = (count > 0) & (total[history] > 1)  # else the history itself is unseen without it
    count, history, lower, sizes = count[usable], history[usable], lower[usable], sizes[usable]
    smaller = np.minimum(count - 1, 3)
    rows = np.arange(len(count))
    remaining = by_size[history]
    remaining[rows, sizes - 1] -= 1
    repeated = np.flatnonzero(smaller)
    remaining[repeated, smaller[repeated] - 1] += 1
    slope = lower[:, None] * remaining
    slope[repeated, smaller[repeated] - 1] -= 1
    rest = (total[history] - 1)[:, None]
    return (count - 1) / rest[:, 0], slope / rest, count.astype(float)


def _objective(discounts: Float64s, constant: Float64s, slope: Float64s, weight: Float64s) -> float:
    """Log-likelihood and log-prior; minus infinity outside."""
    if not ((discounts > 0) & (discounts < CLASSES)).all():
        return -np.inf
    probability = constant + slope @ discounts
    if (probability <= 0).any():
        return -np.inf
    prior = np.log(discounts) + np.log(CLASSES - discounts)
    return float(weight @ np.log(probability) + prior.sum())
