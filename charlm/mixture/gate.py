r"""What weighs the members: a softmax over what they know.

    w_m(t) = exp(z_m(t)) / sum_n exp(z_n(t)),    z(t) = W f(t) + b

with f(t) the standardised features before symbol t: a mixture of experts (Jacobs, Jordan, Nowlan &
Hinton 1991). Without features the weights are the same everywhere, exp(b): linear interpolation
(Jelinek & Mercer 1980). b is normalised: sum_m exp(b_m) = 1, the weights at average features.

W is learnt by maximising the likelihood of the tuning text under a Gaussian prior. With the
posteriors r_m(t) = w_m(t) p_m(t) / sum_n w_n(t) p_n(t),

    L = - sum_t log sum_m w_m(t) p_m(t) + |W|^2 / (2 VARIANCE)
    dL/dz_m(t) = w_m(t) - r_m(t)
    d2L/dz_m(t)dz_n(t) = [m = n] (w_m - r_m) - w_m w_n + r_m r_n

L is a difference of convex functions, not convex itself. Newton's method is damped as by Levenberg
(1944), and goes down also where L is bent downwards (absolute eigenvalues: Greenstadt 1967). A
step that does not lower L is taken again, shorter; so L never rises, and the gate is never worse
on the tuning text than the constant weights it starts from.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from charlm.arrays import Arrays, Float64s, Holder, log_softmax
from charlm.errors import ModelFileError
from charlm.progress import Progress, Report, silent

VARIANCE = 1.0  # of the prior
STEPS = 50
ENOUGH = 1e-7  # nats a symbol; a smaller gain ends learning
LEAST, MOST = 1e-9, 1e6  # damping, beside the mean of the diagonal
NORMALISED = 1e-6  # how far from 1 the weights may add up in a file
SMALLEST, LARGEST = 1e-9, 1e30  # scale; and number of any kind, products of which are float64

NAMES = ("bias", "W", "mean", "scale")


@dataclass(frozen=True, eq=False, repr=False)
class Gate(Holder):
    """`bias` (M,), `W` (M, F), and the `mean` and `scale` of features, (F,)."""

    bias: Float64s
    W: Float64s
    mean: Float64s
    scale: Float64s

    @classmethod
    def constant(cls, weights: Float64s) -> Self:
        """Return the gate that needs no features."""
        nothing = np.empty(0)
        log_weights = np.log(np.maximum(weights, np.finfo(float).tiny))
        return cls(log_softmax(log_weights), np.empty((len(weights), 0)), nothing, nothing)

    @property
    def is_constant(self) -> bool:
        """No feature matters."""
        return len(self.mean) == 0

    @property
    def weights(self) -> Float64s:
        """Weights of the members at average features, (M,)."""
        weights: Float64s = np.exp(self.bias)
        return weights

    def standardise(self, features: Float64s) -> Float64s:
        """Return features mean 0 and variance 1 on the tuning text."""
        standardised: Float64s = (features - self.mean) / self.scale
        return standardised

    def log_weights(self, features: Float64s) -> Float64s:
        """Return the logarithm of each member's weight before each symbol, (T, M).

        Raises:
            ModelFileError: a member gave no distribution, so that it has no features.
        """
        if not np.isfinite(features).all():
            raise ModelFileError("is damaged: a member holds impossible probabilities")
        return log_softmax(self.standardise(features) @ self.W.T + self.bias)

    def arrays(self) -> Arrays:
        """By the letters of the formulas."""
        return {name: getattr(self, name) for name in NAMES}

    def check(self, members: int, features: int) -> None:
        """Refuse what cannot be the weights of so many members.

        Raises:
            ModelFileError: sizes, types or values are impossible.
        """
        shapes = [(members,), (members, len(self.mean)), *[(len(self.mean),)] * 2]
        arrays = list(self.arrays().values())
        if [a.shape for a in arrays] != shapes or len(self.mean) not in (0, features):
            raise ModelFileError("is damaged: its weights do not fit its members")
        if not all(a.dtype == np.float64 and (np.abs(a) <= LARGEST).all() for a in arrays):
            raise ModelFileError("is damaged: its weights are not finite numbers, or too large")
        if not (self.scale > SMALLEST).all() or self.bias.max() > NORMALISED:
            raise ModelFileError("is damaged: its weights are not in their range")
        if abs(self.weights.sum() - 1) > NORMALISED:
            raise ModelFileError("is damaged: its weights do not add up to one")


def learn(start: Gate, log_probs: Float64s, features: Float64s, report: Report = silent) -> Gate:
    """Learn from the members' log-probabilities (T, M) and features (T, F) of a tuning text."""
    scale = features.std(axis=0)
    mean, scale = features.mean(axis=0), np.where(scale > SMALLEST, scale, 1.0)
    inputs = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    parameters = np.zeros((log_probs.shape[1], inputs.shape[1]))  # W and b side by side
    parameters[:, -1] = start.bias
    best, damping = loss(parameters, log_probs, inputs), LEAST
    for step in range(STEPS):
        before = best
        slope, curvature = derivatives(parameters, log_probs, inputs)
        while best == before and damping < MOST:
            proposed = parameters - _damped(curvature, slope, damping)
            reached = loss(proposed, log_probs, inputs)
            damping *= 10
            if reached < best:
                parameters, best, damping = proposed, reached, max(LEAST, damping / 100)
        bits = best / len(inputs) / np.log(2)
        report(Progress("gate", step + 1, STEPS, {"tuning": bits}))
        if before - best < ENOUGH * len(inputs):
            break
    return Gate(log_softmax(parameters[:, -1]), parameters[:, :-1], mean, scale)


def loss(parameters: Float64s, log_probs: Float64s, inputs: Float64s) -> float:
    """L, of inputs (T, F + 1) whose last column is one."""
    log_weights = log_softmax(inputs @ parameters.T)
    likelihood = np.logaddexp.reduce(log_weights + log_probs, axis=1).sum()
    return float((parameters[:, :-1] ** 2).sum() / (2 * VARIANCE) - likelihood)


def derivatives(
    parameters: Float64s, log_probs: Float64s, inputs: Float64s
) -> tuple[Float64s, Float64s]:
    """Return dL/d parameters, as they are, and the matrix of second derivatives."""
    log_weights = log_softmax(inputs @ parameters.T)
    weights, posteriors = np.exp(log_weights), np.exp(log_softmax(log_weights + log_probs))  # (T,M)
    prior = np.ones_like(parameters) / VARIANCE
    prior[:, -1] = 0
    slope: Float64s = (weights - posteriors).T @ inputs + prior * parameters
    members, width = parameters.shape
    blocks = np.empty((members, width, members, width))
    for m in range(members):
        for n in range(members):
            own = (m == n) * (weights[:, m] - posteriors[:, m])
            crossed = posteriors[:, m] * posteriors[:, n] - weights[:, m] * weights[:, n]
            blocks[m, :, n] = inputs.T @ ((own + crossed)[:, None] * inputs)
    return slope, blocks.reshape(slope.size, slope.size) + np.diag(prior.ravel())


def _damped(curvature: Float64s, slope: Float64s, damping: float) -> Float64s:
    """Return Newton's step; where L is bent downwards, it goes down all the same."""
    damping *= float(np.abs(np.diag(curvature)).mean())
    matrix = curvature + damping * np.eye(len(curvature))
    values, vectors = np.linalg.eigh(matrix)
    along = vectors.T @ slope.ravel() / np.maximum(np.abs(values), damping)
    step: Float64s = (vectors @ along).reshape(slope.shape)
    return step
