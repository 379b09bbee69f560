"""Discounts of all orders at once, by leave-one-out likelihood: no held-out text is needed.

Each event is predicted from the counts without it (Ney, Essen & Kneser 1994), through the whole
interpolation. From the shortest history to the longest, with a', s' and N'_k as `leaving_out.py`
has them,

    p_0 = 1 / V        p_n = ( a' - D_n(a') + p_(n-1) sum_k D_nk N'_k ) / s'

and p_n = p_(n-1) where nothing else follows the history. So the shorter histories are tuned for
their real task: to predict n-grams that the longer histories have not seen. If each order was tuned
by itself, the discounts would be far too large. For the shorter orders the events would be the
wrong ones; for the longer orders each event would still be counted in the shorter histories that
are to predict it.

The log-likelihood, with a prior Beta(2, 2) on each D_nk / k that keeps D_nk strictly inside (0, k),
is concave in the discounts of each order. All are climbed together, with the outer product of the
events' gradients in place of the Hessian (Berndt, Hall, Hall & Hausman 1974): it is definite, so
each step, halved until it gains, goes up. For one order it is Newton's method. A step costs
O(events (orders K)^2); about ten are enough. Products are left to `einsum`: the order in which a
library for matrices adds hangs on the number of its threads, and a model must not.
"""

from collections.abc import Sequence

import numpy as np

from charlm.arrays import Float64s, Integers, Rows
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.leaving_out import Level, leave_out, take_out

STEPS = 100
HALVINGS = 40
TOLERANCE = 1e-10  # of the log-likelihood, what a step must gain for another


def tune(orders: Sequence[OrderCounts], classes: int, *, continuation: bool) -> Float64s:
    """Return the discounts of every order, shortest first, (orders, K)."""
    levels, weight = leave_out(orders, classes, continuation=continuation)
    return tune_levels(levels, weight, orders[0].vocab_size)


def tune_levels(levels: Sequence[Level], weight: Float64s, vocab_size: int) -> Float64s:
    """Return the discounts of every order, shortest first, from what was left out, (orders, K)."""
    return maximise(levels, weight, np.full(len(weight), 1 / vocab_size))


def tune_one(
    count: Integers, history: Rows, histories: int, lower: Float64s, classes: int
) -> Float64s:
    """Return the discounts of one order by itself, upon finished `lower` probabilities, (K,).

    `count`, `history` and `lower` are (N,).
    """
    rows = np.flatnonzero(count)
    all_leave = np.ones(len(rows), bool)
    only = take_out(count, history, histories, classes, rows, all_leave)
    return np.asarray(maximise([only], count[rows].astype(float), lower[rows])[0])


def maximise(levels: Sequence[Level], weight: Float64s, base: Float64s) -> Float64s:
    """Climb to the maximum, (orders, K).

    `weight` is how often each event occurs, `base` its p_0; both (events,).
    """
    limits = np.arange(1.0, len(levels[0].own) + 1)
    discounts = np.tile(limits / 2, (len(levels), 1))
    value = _objective(discounts, levels, weight, base)
    for _ in range(STEPS):
        scores = _scores(discounts, levels, base)
        slope = (
            np.einsum("ie,e", scores, weight) + (1 / discounts - 1 / (limits - discounts)).ravel()
        )
        curvature = np.einsum("ie,je", scores * weight, scores)
        curvature += np.diag((1 / discounts**2 + 1 / (limits - discounts) ** 2).ravel())
        step = np.linalg.solve(curvature, slope).reshape(discounts.shape)
        for _ in range(HALVINGS):  # until the step stays inside and improves
            trial = _objective(discounts + step, levels, weight, base)
            if trial > value:
                break
            step /= 2
        else:
            break
        discounts, gain, value = discounts + step, trial - value, trial
        if gain < TOLERANCE * abs(value):
            break
    return discounts


def _objective(
    discounts: Float64s, levels: Sequence[Level], weight: Float64s, base: Float64s
) -> float:
    """Log-likelihood and log-prior; minus infinity outside."""
    limits = np.arange(1.0, discounts.shape[1] + 1)
    if not ((discounts > 0) & (discounts < limits)).all():
        return -np.inf
    probability = _recursion(discounts, levels, base)[0]
    prior = np.log(discounts) + np.log(limits - discounts)
    return float(np.einsum("e,e", weight, np.log(probability)) + prior.sum())


def _recursion(
    discounts: Float64s, levels: Sequence[Level], base: Float64s
) -> tuple[Float64s, list[Float64s], list[Float64s]]:
    """Return p of each event, (events,), and by order p_(n-1) and gamma_n of those it knows."""
    probability = base.copy()
    lower, gamma = [], []
    for d, level in zip(discounts, levels, strict=True):
        reached = probability[: len(level.constant)]
        lower.append(reached.copy())
        gamma.append(np.einsum("k,ke", d, level.shares) + level.unseen)
        reached *= gamma[-1]
        reached += level.constant + np.einsum("k,ke", d, level.own)
    return probability, lower, gamma


def _scores(discounts: Float64s, levels: Sequence[Level], base: Float64s) -> Float64s:
    """Return the derivative of each event's log p by each discount, (orders K, events)."""
    probability, lower, gamma = _recursion(discounts, levels, base)
    scores = np.zeros((*discounts.shape, len(probability)))
    above = 1 / probability  # times gamma of all longer histories
    for n in reversed(range(len(levels))):
        events = len(gamma[n])
        slope = levels[n].own + levels[n].shares * lower[n]
        scores[n, :, :events] = slope * above[:events]
        above[:events] *= gamma[n]
    return scores.reshape(discounts.size, -1)
