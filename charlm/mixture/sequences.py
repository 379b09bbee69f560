"""Scoring many sequences by a mixture whose gate wants whole distributions, each from its start.

Sequences are sorted and read side by side, symbol by symbol. Where some begin alike, what the
members say after that beginning is asked for once. Where few are left, each goes on by itself.
"""

from typing import Any, Protocol

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Ids, Integers
from charlm.mixture.beams import MixtureBeams
from charlm.mixture.evidence import BLOCK_NUMBERS
from charlm.parallel.threads import in_threads

MOST = 4096  # sequences read side by side
FEW = 8  # sequences that are better read one after the other


class Mixture(Protocol):
    """What is needed of a mixture."""

    @property
    def vocab_size(self) -> int:
        """V."""
        ...

    def initial_state(self) -> Any:
        """Return the state at the start of a sequence."""
        ...

    def beams(self, states: Any) -> MixtureBeams:
        """Put histories side by side."""
        ...

    def score(self, ids: Ids, state: Any) -> tuple[Float64s, Any]:
        """Return log P of each symbol, (T,), and the state after the last."""
        ...


def score_each(mixture: Mixture, ids: Ids, lengths: Integers) -> Float64s:
    """Return log P of each symbol, (T,), in sequences that follow each other."""
    starts = np.cumsum(lengths) - lengths
    order = search.by_beginnings(ids, starts, lengths, mixture.vocab_size)
    size = max(1, min(MOST, BLOCK_NUMBERS // mixture.vocab_size, -(-len(order) // 2)))
    scored = np.empty(len(ids))

    def read(low: int) -> None:
        group = order[low : low + size]
        _read(mixture, ids, starts[group], starts[group] + lengths[group], scored)

    for _ in in_threads(read, range(0, len(order), size)):
        pass
    return scored


def _read(mixture: Mixture, ids: Ids, places: Integers, ends: Integers, scored: Float64s) -> None:
    """Fill `scored` from places to ends, (N,), of a group of sequences."""
    beams = mixture.beams([mixture.initial_state()])
    which = np.zeros(len(places), np.int64)  # of the beams each sequence has come to
    while len(places) > FEW:
        scored[places] = beams.log_probs_at(which, ids[places])
        going_on = places + 1 < ends
        places, ends, which = places[going_on], ends[going_on], which[going_on]
        if len(places):
            read_after = which * mixture.vocab_size + ids[places]
            distinct, which = np.unique(read_after, return_inverse=True)
            before, symbols = np.divmod(distinct, mixture.vocab_size)
            beams = beams.take(before).advance(symbols.astype(np.int32))
            places = places + 1
    states = beams.take(which).states() if len(places) else []
    for low, high, state in zip(places.tolist(), ends.tolist(), states, strict=True):
        scored[low:high], _ = mixture.score(ids[low:high], state)
