"""Scoring a long text with a network, many segments at a time.

A text is cut into segments that are read side by side. Each reads some symbols before its own as
a warm-up, since a network usually forgets how it started. That is checked, not assumed: at
each seam the warmed state is compared with the state in which the segment before ended, and
where they differ the segment is read again from the true one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Float64s, Floats, Ids
from charlm.rnn.cells import State

SEGMENTS = 64
SHORTEST = 512  # symbols of a segment; shorter ones spend too much on warming up
WARM_UP = 256
TOLERANCE = 1e-5  # between states, beside their largest element or 1: float32 rounding
BLOCK_NUMBERS = 1 << 21  # logits held at once


@dataclass(frozen=True)
class Functions:
    """What scoring needs of a model.

    `recur(inputs, state)` reads ids (T, B) and gives hidden states (T, H, B) and the last state;
    `top(state)` gives the hidden state (H, B) that the next output depends on;
    `log_probs(hidden, targets)` gives the log-probabilities of targets (T, B) after hidden states
    (T, H, B); `zero_state(B)` is where a warm-up starts.
    """

    vocab_size: int
    recur: Callable[[Ids, State], tuple[Floats, State]]
    top: Callable[[State], Floats]
    log_probs: Callable[[Floats, Ids], Float64s]
    zero_state: Callable[[int], State]


def score(model: Functions, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
    """Give the log-probability of each target, (T,), and the state after the last input.

    `inputs[t]` is read after `targets[t]` is predicted; the state (parts (H, 1)) has read
    everything before.
    """
    segments = min(SEGMENTS, len(targets) // SHORTEST)
    if segments < 2:
        return _score_one(model, inputs, targets, state)
    length = len(targets) // segments
    rows = np.arange(length)[:, None] + np.arange(segments) * length  # (T, B)
    warm_rows = np.arange(-WARM_UP, 0)[:, None] + rows[0, 1:]
    _, warmed = model.recur(inputs[warm_rows], model.zero_state(segments - 1))
    starts = tuple(np.concatenate(parts, axis=1) for parts in zip(state, warmed, strict=True))
    scored, ends = _score_block(model, inputs[rows], targets[rows], starts)
    for b in range(1, segments):
        true = _stream(ends, b - 1)
        if _distance(true, _stream(starts, b)) > TOLERANCE:
            scored[:, b], after = _score_one(model, inputs[rows[:, b]], targets[rows[:, b]], true)
            for part, value in zip(ends, after, strict=True):
                part[:, b : b + 1] = value
    whole = length * segments
    rest, state = _score_one(model, inputs[whole:], targets[whole:], _stream(ends, segments - 1))
    return np.concatenate([scored.T.ravel(), rest]), state


def _score_one(model: Functions, inputs: Ids, targets: Ids, state: State) -> tuple[Float64s, State]:
    scored, state = _score_block(model, inputs[:, None], targets[:, None], state)
    return scored[:, 0], state


def _score_block(
    model: Functions, inputs: Ids, targets: Ids, state: State
) -> tuple[Float64s, State]:
    """Read streams side by side, (T, B), some steps at a time."""
    scored = np.empty(targets.shape)
    steps = max(1, BLOCK_NUMBERS // (model.vocab_size * targets.shape[1]))
    for low in range(0, len(targets), steps):
        block = slice(low, low + steps)
        hidden, after = model.recur(inputs[block], state)
        before = np.concatenate([model.top(state)[None], hidden[:-1]])  # what predicts each target
        scored[block] = model.log_probs(before, targets[block])
        state = after
    return scored, state


def _stream(state: State, b: int) -> State:
    return tuple(part[:, b : b + 1] for part in state)


def _distance(a: State, b: State) -> float:
    """Largest difference, relative to the largest element where that is above 1."""
    return max(
        float(np.abs(x - y).max() / max(1.0, np.abs(x).max())) for x, y in zip(a, b, strict=True)
    )
