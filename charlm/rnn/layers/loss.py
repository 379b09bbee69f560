"""Softmax and its loss: L = -(1/T) sum_t log p(y_t), in natural logarithms."""

import numpy as np

from charlm.arrays import Float64s, Floats, Ids, Integers, log_softmax
from charlm.errors import ModelFileError
from charlm.text.vocabulary import UNKNOWN

KNOWN = slice(UNKNOWN + 1, None)  # every symbol but UNKNOWN, which is the first

# Hidden units without a bound may become infinite. NumPy need not warn: `refuse_overflow` checks.
UNBOUNDED = np.errstate(over="ignore", invalid="ignore")


def refuse_overflow(log_probs: Floats) -> None:
    """Raise a `ModelFileError` if a log-probability is NaN, as its logits were not finite."""
    if np.isnan(log_probs).any():
        raise ModelFileError(
            "the network's outputs are beyond all numbers: its hidden units grow without end"
        )


@UNBOUNDED
def log_probs_of_all(logits: Floats, reserve: float) -> Float64s:
    """Return log P of each next symbol, (..., V): UNKNOWN has `reserve`, the others share the rest.

    Without a reserve the softmax covers UNKNOWN too.
    """
    if reserve == 0:
        log_probs = log_softmax(logits)
    else:
        log_probs = np.empty(logits.shape)
        log_probs[..., UNKNOWN] = np.log(reserve)
        log_probs[..., KNOWN] = log_softmax(logits[..., KNOWN]) + np.log1p(-reserve)
    refuse_overflow(log_probs)
    return log_probs


@UNBOUNDED
def log_softmax_of(logits: Floats, targets: Ids, columns: Integers) -> Float64s:
    """Return the log-softmax of targets, (N,), each in one of the columns of logits, (V, C).

    Exponentials stay in the logits' type and are summed in float64: the error is theirs, 1e-7.
    """
    highest = logits.max(axis=0)
    total = np.exp(logits - highest).sum(axis=0, dtype=np.float64)
    scores: Float64s = logits[targets, columns] - highest[columns] - np.log(total)[columns]
    refuse_overflow(scores)
    return scores


def cross_entropy(logits: Floats, targets: Ids, events: int | None = None) -> tuple[float, Floats]:
    """Return the loss in nats and dL/dlogits = (softmax(logits) - onehot(targets)) / events.

    `logits` is (V, N) and is overwritten, `targets` (N,). The loss is a mean, or a sum divided by
    `events`.
    """
    events = targets.size if events is None else events
    columns = np.arange(targets.size)
    logits -= logits.max(axis=0)
    of_target = logits[targets, columns]
    probability = np.exp(logits, out=logits)
    total = probability.sum(axis=0)
    loss = float(np.sum(np.log(total) - of_target, dtype=np.float64)) / events
    total *= events
    probability /= total
    probability[targets, columns] -= 1 / events
    return loss, probability
