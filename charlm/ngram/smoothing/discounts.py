"""The discounts of absolute discounting and of Kneser-Ney, for one order.

One discount D for all counts, or three, D_1, D_2, D_3+, by whether the count is 1, 2 or more.
With t_k the number of n-grams whose count is k, and Y = t_1 / (t_1 + 2 t_2), the closed forms are

    D = Y                                   (Ney, Essen & Kneser 1994)
    D_k = k - (k + 1) Y t_(k+1) / t_k       (Chen & Goodman 1998, eq. 27)

On characters they often fail: low orders have no n-gram of count 1, or a D_k leaves (0, k). Then,
or on demand, the discounts maximise the leave-one-out likelihood (Ney, Essen & Kneser 1994): each
event is predicted from the counts without it. An event whose n-gram has count a, after a history
of total s with N_k n-grams of class k, then has probability

    p = ( [a > 1] (a - 1 - D(a - 1)) + P(x|h') sum_k D_k N'_k ) / (s - 1)

with N' the N_k after the n-gram moved from count a to a - 1. It is linear in D, so its
logarithm is concave and Newton's method finds the one maximum. A prior Beta(2, 2) on each D_k / k
keeps D_k strictly inside (0, k), so that unseen symbols always keep a share.
"""

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.errors import UsageError
from charlm.ngram.counts import OrderCounts

METHODS = ("closed", "tuned", "fallback")
FALLBACK = (0.5, 1.0, 1.5)  # KenLM's, where its closed form fails
NEWTON_STEPS = 100
HALVINGS = 60
TOLERANCE = 1e-12


def choose_discounts(
    method: str, classes: int, count: Integers, counts: OrderCounts, lower: Float64s
) -> tuple[Float64s, str]:
    """Give the discounts of 1 or 3 classes of counts, and how they were found.

    `closed`: the closed form, `tuned` where it fails. `tuned`: by leave-one-out likelihood.
    `fallback`: as KenLM does, fixed discounts where the closed form fails.

    Raises:
        UsageError: there is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"unknown discounts {method!r}; there are {', '.join(METHODS)}")
    if method == "fallback":
        found = closed_form(count, classes, strict=False)
        fixed = np.array(FALLBACK[:classes])
        return (fixed, "fallback") if found is None else (found, "closed")
    found = closed_form(count, classes) if method == "closed" else None
    if found is not None:
        return found, "closed"
    return leave_one_out(count, counts.history, counts.histories, lower, classes), "tuned"


def closed_form(count: Integers, classes: int = 3, *, strict: bool = True) -> Float64s | None:
    """Give the closed form; None where it is undefined or a D_k is not inside (0, k).

    Not strict, D_k may be 0 or k, and t_4 may be 0, as in KenLM.
    """
    t = np.bincount(np.minimum(count, 5), minlength=6)[1:5].astype(float)
    if not t[: classes + strict].all() or not t[0]:
        return None
    y = t[0] / (t[0] + 2 * t[1])
    if classes == 1:
        return np.array([y]) if y < 1 else None
    limits = _limits(classes)
    discounts: Float64s = limits - (limits + 1) * y * t[1:] / t[:3]
    inside = (discounts > 0) & (discounts < limits)
    allowed = inside if strict else inside | (discounts == 0) | (discounts == limits)
    return discounts if allowed.all() else None


def leave_one_out(
    count: Integers, history: Integers, histories: int, lower: Float64s, classes: int = 3
) -> Float64s:
    """Maximise the leave-one-out likelihood under the prior, by Newton's method.

    `count` and `history` are (N,), and `lower` the probabilities of the order below, (N,).
    """
    constant, slope, weight = _events(count, history, histories, lower, classes)
    limits = _limits(classes)
    discounts = limits / 2
    value = _objective(discounts, constant, slope, weight)
    for _ in range(NEWTON_STEPS):
        probability = constant + slope @ discounts
        scaled = slope / probability[:, None]
        gradient = weight @ scaled + 1 / discounts - 1 / (limits - discounts)
        hessian = (weight[:, None] * scaled).T @ scaled
        hessian += np.diag(1 / discounts**2 + 1 / (limits - discounts) ** 2)
        step = np.linalg.solve(hessian, gradient)
        for _ in range(HALVINGS):  # until the step stays inside and improves
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


def _limits(classes: int) -> Float64s:
    """Give the smallest count of each class, which its discount must stay below."""
    return np.arange(1.0, classes + 1)


def _events(
    count: Integers, history: Integers, histories: int, lower: Float64s, classes: int
) -> tuple[Float64s, Float64s, Float64s]:
    """Give p = constant + slope @ D for each n-gram, (N,) and (N, K), and how often it counts."""
    class_ = np.minimum(count, classes)
    total = np.bincount(history, weights=count, minlength=histories)
    members = [
        np.bincount(history, weights=class_ == k, minlength=histories)
        for k in range(1, classes + 1)
    ]
    usable = (count > 0) & (total[history] > 1)  # else the history itself is unseen without it
    count, history, lower, class_ = count[usable], history[usable], lower[usable], class_[usable]
    smaller = np.minimum(count - 1, classes)
    rows = np.arange(len(count))
    remaining = np.stack(members, axis=1)[history]
    remaining[rows, class_ - 1] -= 1
    repeated = np.flatnonzero(smaller)
    remaining[repeated, smaller[repeated] - 1] += 1
    slope = lower[:, None] * remaining
    slope[repeated, smaller[repeated] - 1] -= 1
    rest = (total[history] - 1)[:, None]
    return (count - 1) / rest[:, 0], slope / rest, count.astype(float)


def _objective(discounts: Float64s, constant: Float64s, slope: Float64s, weight: Float64s) -> float:
    """Log-likelihood and log-prior; minus infinity outside."""
    limits = _limits(len(discounts))
    if not ((discounts > 0) & (discounts < limits)).all():
        return -np.inf
    probability = constant + slope @ discounts
    if (probability <= 0).any():
        return -np.inf
    prior = np.log(discounts) + np.log(limits - discounts)
    return float(weight @ np.log(probability) + prior.sum())
