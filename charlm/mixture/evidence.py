"""What the members of a mixture say of a text, and how that is mixed.

Functions take the members, and the tuple of their states; nothing is weighed before `mix`. What
whole distributions take of memory is bounded: a long text is read in blocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from charlm.arrays import Float64s, Holder, Ids
from charlm.mixture.member import Member

BLOCK_NUMBERS = 1 << 22  # of a distribution that are held at once, for each member

State: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Holder):
    """What members say before each symbol of a text.

    `log_probs` (T, M) of the symbol, `features` (T, F), and the states after the last.
    """

    log_probs: Float64s
    features: Float64s
    after: State


def initial_state(members: Sequence[Member]) -> State:
    """Return those of the members."""
    return tuple(member.model.initial_state() for member in members)


def advance(members: Sequence[Member], state: State, symbol: int) -> State:
    """Advance each member."""
    return tuple(m.advance(s, symbol) for m, s in zip(members, state, strict=True))


def distributions(members: Sequence[Member], state: State) -> list[Float64s]:
    """Return each member's log-probabilities of the next symbol, M of (V,)."""
    return [m.log_probs(s) for m, s in zip(members, state, strict=True)]


def features(members: Sequence[Member], state: State, rows: Sequence[Float64s]) -> Float64s:
    """Return what members know whose distributions are `rows` (V,), (F,)."""
    triples = zip(members, rows, state, strict=True)
    return np.concatenate([m.features(row, s) for m, row, s in triples])


def before(members: Sequence[Member], ids: Ids, state: State, *, whole: bool) -> Iterator[Evidence]:
    """Yield what members say before each symbol, a block at a time; features only with `whole`."""
    witness = _of_distributions if whole else _of_scores
    vocab_size = len(members[0].symbols)
    size = BLOCK_NUMBERS // vocab_size + 1 if whole else max(1, len(ids))
    for low in range(0, len(ids), size):
        evidence = witness(members, ids[low : low + size], state)
        state = evidence.after
        yield evidence


def _of_scores(members: Sequence[Member], ids: Ids, state: State) -> Evidence:
    pairs = [m.score(ids, s) for m, s in zip(members, state, strict=True)]
    scored, after = zip(*pairs, strict=True)
    return Evidence(np.stack(scored, axis=1), np.empty((len(ids), 0)), after)


def _of_distributions(members: Sequence[Member], ids: Ids, state: State) -> Evidence:
    rows, after = distributions_before(members, ids, state)
    log_probs = np.stack([row[np.arange(len(ids)), ids] for row in rows], axis=1)
    return Evidence(log_probs, features_before(members, ids, rows, state), after)


def distributions_before(
    members: Sequence[Member], ids: Ids, state: State
) -> tuple[Sequence[Float64s], State]:
    """Return the members' distributions before each symbol, M of (T, V), and the states after."""
    pairs = [m.distributions(ids, s) for m, s in zip(members, state, strict=True)]
    rows, after = zip(*pairs, strict=True)
    return rows, after


def features_before(
    members: Sequence[Member], ids: Ids, rows: Sequence[Float64s], state: State
) -> Float64s:
    """Return `features` before each symbol, (T, F)."""
    triples = zip(members, rows, state, strict=True)
    return np.concatenate([m.features_before(ids, row, s) for m, row, s in triples], axis=1)


def mix(rows: Sequence[Float64s], log_weights: Float64s) -> Float64s:
    """Mix M distributions (..., V) by weights (..., M)."""
    together = rows[0] + log_weights[..., 0, None]
    for m, row in enumerate(rows[1:], start=1):
        np.logaddexp(together, row + log_weights[..., m, None], out=together)
    return np.minimum(together, 0.0, out=together)


def mixed(joint: Float64s) -> Float64s:
    """Return log sum_m exp of joint log-probabilities (T, M), (T,)."""
    together: Float64s = np.minimum(np.logaddexp.reduce(joint, axis=1), 0.0)
    return together
