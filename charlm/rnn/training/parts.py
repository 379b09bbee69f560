"""A batch in parts, each some of its streams: they are learnt apart, and their gradients added.

How many parts there are is a matter of the plan (`plan.py`). A product over other streams, or a sum
in another order, has other last bits, and each part draws dropout masks of its own: so the parts
decide the bits of a network. Who learns them decides nothing (`reduction.py`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from charlm.arrays import Ids
from charlm.rnn.layers.ngram_rows import united
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Learnt, Masks, State, Window


class Part(NamedTuple):
    """Some streams of a window, (T, B) ids each, and their state before it."""

    window: Window
    state: State


def streams_of_parts(batch: int, parts: int) -> list[slice]:
    """Return the streams of each part: a batch divided as evenly as can be."""
    edges = [batch * i // parts for i in range(parts + 1)]
    return [slice(low, high) for low, high in pairwise(edges)]


def divided(
    inputs: Ids,
    targets: Ids,
    state: State,
    streams: Sequence[slice],
    masks: Sequence[Masks] | None = None,
    row_masks: Sequence[Masks] | None = None,
) -> list[Part]:
    """Return the parts of a window, (T, B) ids each; masks have one drawer a part."""
    return [
        Part(
            Window(
                inputs[:, some],
                targets[:, some],
                events=targets.size,
                masks=masks[number] if masks else None,
                row_masks=row_masks[number] if row_masks else None,
            ),
            tuple(array[..., some] for array in state),
        )
        for number, some in enumerate(streams)
    ]


def joined(learnt: Sequence[Learnt]) -> Learnt:
    """Return what came of a whole window; each part's loss is its share of the mean."""
    losses, states, rows = zip(*learnt, strict=True)
    state = tuple(np.concatenate(part, axis=-1) for part in zip(*states, strict=True))
    return Learnt(sum(losses), state, None if rows[0] is None else united(rows))


def total(gradients: Sequence[Parameters]) -> Parameters:
    """Add up gradients in their order, in the first of them."""
    first, *others = gradients
    for other in others:
        first.flat += other.flat
    return first
