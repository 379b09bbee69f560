"""A batch in parts, each some of its streams: they are learnt apart, and their gradients added.

How many parts there are is a matter of the plan (`plan.py`). A product over other streams, or a sum
in another order, has other last bits, and each part draws dropout masks of its own: so the parts
decide the bits of a network. Who learns them decides nothing (`reduction.py`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from charlm.arrays import Ids
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Masks, State, Window

Learnt: TypeAlias = tuple[float, State]  # a part's share of the mean loss, and its state after


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
) -> list[Part]:
    """Return the parts of a window, (T, B) ids each; `masks` has one drawer a part."""
    return [
        Part(
            Window(
                inputs[:, some],
                targets[:, some],
                events=targets.size,
                masks=masks[number] if masks else None,
            ),
            tuple(array[..., some] for array in state),
        )
        for number, some in enumerate(streams)
    ]


def joined(learnt: Sequence[Learnt]) -> Learnt:
    """Return the loss of a whole window, and the state after it."""
    losses, states = zip(*learnt, strict=True)
    return sum(losses), tuple(np.concatenate(part, axis=-1) for part in zip(*states, strict=True))


def total(gradients: Sequence[Parameters]) -> Parameters:
    """Add up gradients in their order, in the first of them."""
    first, *others = gradients
    for other in others:
        first.flat += other.flat
    return first
