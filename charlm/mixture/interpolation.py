r"""Constant weights: the best there are on a text, and proof of it.

The likelihood of T symbols that M members predict with probabilities p_m(t), nats a symbol,

    f(w) = mean over t of log p(t),    p(t) = sum_m w_m p_m(t)    (Jelinek & Mercer 1980)

is concave in the weights. So it is known how far some weights w (which add up to one) are from the
best ones. With g_m = df/dw_m = mean of p_m(t) / p(t), what more weight for member m would gain,

    gap(w) = max_m g_m - 1 >= f(best) - f(w),    since f(v) - f(w) <= sum_m v_m g_m - 1.

Learning ends when this gap is below `ENOUGH`. Short steps would be no proof: those of expectation
maximisation (Dempster, Laird & Rubin 1977), w_m <- w_m g_m, get shorter the more alike members are.

Instead f(w) - sum_m w_m is maximised over w >= 0, whose best weights add up to one by themselves
(Kim, Carbonetto, Stephens & Anitescu 2020), by Newton's method through the interior (Mehrotra
1992; Nocedal & Wright 2006, 19.2). z_m = 1 - g_m >= 0 is what a member's weight would lose, and
at the best w_m z_m = 0; it is led there by w_m z_m = mu, mu ever smaller:

    (H + diag(z / w)) dw = g - 1 + mu / w,    dz = mu / w - z - (z / w) dw,
    H_mn = mean of p_m p_n / p^2 = -d2f/dw_m dw_n

Ten to twenty steps of T M^2 products are enough, however alike or unlike the members are.
"""

import numpy as np

from charlm.arrays import Float64s
from charlm.progress import Progress, Report, silent

STEPS = 100  # never reached yet
ENOUGH = 1e-9  # nats a symbol, that the best weights may be better by
CENTRE = 0.1  # what a step leaves of mu
INSIDE = 0.99  # of the way to where a weight would be zero


def learn(log_probs: Float64s, report: Report = silent) -> Float64s:
    """Return the weights (M,) from the members' log-probabilities (T, M) of a tuning text."""
    largest = log_probs.max(axis=1, keepdims=True)
    possible = np.isfinite(largest[:, 0])  # what is impossible to all teaches nothing
    log_probs, largest = log_probs[possible], largest[possible]
    probs, members = np.exp(log_probs - largest), log_probs.shape[1]
    best = weights = np.full(members, 1 / members)
    losses, narrowest = np.ones(members), np.inf
    for step in range(STEPS if len(probs) else 0):
        mixed = probs @ weights
        ratios = probs / mixed[:, None]
        worth = ratios.mean(axis=0)
        total = weights.sum()
        gap = worth.max() * total - 1
        if gap < narrowest:
            best, narrowest = weights / total, gap
        nats = np.log(total) - (np.log(mixed) + largest[:, 0]).mean()
        report(Progress("weights", step + 1, STEPS, {"tuning": nats / np.log(2)}))
        if gap < ENOUGH:
            break
        curvature = ratios.T @ ratios / len(ratios)
        weights, losses = _step(weights, losses, worth, curvature)
    return best


def _step(
    weights: Float64s, losses: Float64s, worth: Float64s, curvature: Float64s
) -> tuple[Float64s, Float64s]:
    """Take a step of Newton's, so far that weights and losses stay above zero."""
    wanted = CENTRE * (weights @ losses) / len(weights)
    slope = worth - 1 + wanted / weights
    step = np.asarray(np.linalg.solve(curvature + np.diag(losses / weights), slope), np.float64)
    turn: Float64s = wanted / weights - losses - losses / weights * step
    return weights + _most(weights, step) * step, losses + _most(losses, turn) * turn


def _most(numbers: Float64s, step: Float64s) -> float:
    """Return how much of a step, at most all, leaves positive numbers positive."""
    falling = step < 0
    return min(1.0, INSIDE * float((-numbers[falling] / step[falling]).min(initial=np.inf)))
