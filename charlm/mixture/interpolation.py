r"""Constant weights by expectation maximisation (Dempster, Laird & Rubin 1977).

    r_m(t) = w_m p_m(t) / sum_n w_n p_n(t),    w_m = mean over t of r_m(t)

The likelihood sum_t log sum_m w_m p_m(t) is concave in w, and no step lowers it: it comes to
the best weights there are (Jelinek & Mercer 1980).
"""

import numpy as np

from charlm.arrays import Float64s
from charlm.progress import Progress, Report, silent

STEPS = 500
ENOUGH = 1e-10  # nats a symbol; a smaller gain ends learning


def learn(log_probs: Float64s, report: Report = silent) -> Float64s:
    """Give the weights (M,) from the members' log-probabilities (T, M) of a tuning text."""
    largest = log_probs.max(axis=1, keepdims=True)
    possible = np.isfinite(largest[:, 0])  # what is impossible to all teaches nothing
    log_probs, largest = log_probs[possible], largest[possible]
    probs = np.exp(log_probs - largest)
    weights = np.full(probs.shape[1], 1 / probs.shape[1])
    before = -np.inf
    for step in range(STEPS if len(probs) else 0):
        joint = probs * weights
        total = joint.sum(axis=1, keepdims=True)
        likelihood = float((np.log(total) + largest).mean())
        report(Progress("weights", step + 1, STEPS, {"tuning": -likelihood / np.log(2)}))
        if likelihood - before < ENOUGH:
            break
        weights, before = (joint / total).mean(axis=0), likelihood
    return weights
