"""Softmax and its loss: L = -(1/T) sum_t log p(y_t), in natural logarithms."""

import numpy as np

from charlm.arrays import Float64s, Floats, Ids
from charlm.errors import ModelFileError

# Hidden units without a bound may outgrow all floats; `refuse_overflow` tells.
UNBOUNDED = np.errstate(over="ignore", invalid="ignore")


def refuse_overflow(log_probs: Floats) -> None:
    """Raise a `ModelFileError` where logits were no finite numbers, so that these are none."""
    if np.isnan(log_probs).any():
        raise ModelFileError(
            "the network's outputs are beyond all numbers: its hidden units grow without end"
        )


@UNBOUNDED
def log_softmax(logits: Floats, axis: int) -> Float64s:
    """Give logits minus their log-sum-exp, in float64; the maximum is taken off first."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=axis, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    refuse_overflow(shifted)
    return shifted


@UNBOUNDED
def log_softmax_of(logits: Floats, targets: Ids) -> Float64s:
    """Give the log-softmax of one target each, (T, B), of logits (T, V, B).

    Exponentials stay in the logits' type and are summed in float64: the error is theirs, 1e-7.
    """
    highest = logits.max(axis=1, keepdims=True)
    total = np.exp(logits - highest).sum(axis=1, dtype=np.float64)
    chosen = np.take_along_axis(logits, targets[:, None], axis=1) - highest
    scores: Float64s = chosen[:, 0] - np.log(total)
    refuse_overflow(scores)
    return scores


def cross_entropy(logits: Floats, targets: Ids, events: int | None = None) -> tuple[float, Floats]:
    """Give the loss in nats and dL/dlogits = (softmax(logits) - onehot(targets)) / events.

    `logits` is (T, V, B) and is overwritten, `targets` (T, B). The loss is a mean, or a sum divided
    by `events`.
    """
    events = targets.size if events is None else events
    target = targets[:, None, :].astype(np.intp)  # (T, 1, B)
    logits -= logits.max(axis=1, keepdims=True)
    of_target = np.take_along_axis(logits, target, axis=1)
    probability = np.exp(logits, out=logits)
    total = probability.sum(axis=1, keepdims=True)
    loss = float(np.sum(np.log(total) - of_target, dtype=np.float64)) / events
    total *= events
    probability /= total
    chosen = np.take_along_axis(probability, target, axis=1)
    chosen -= 1 / events
    np.put_along_axis(probability, target, chosen, axis=1)
    return loss, probability
