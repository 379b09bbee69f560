"""Batches for truncated BPTT: streams read side by side, each going on where it stopped.

The corpus is a ring: after its last event comes its first. It is divided into B equal parts; stream
b starts at the beginning of part b and reads on around the ring. So no event is left out, the state
carried to a window is always that of the symbol before it, and the step's number alone tells the
position.
"""

from collections.abc import Sequence

import numpy as np

from charlm.arrays import Ids


def as_events(streams: Sequence[Ids], start: int, end: int | None) -> tuple[Ids, Ids]:
    """Return what is read, and what is to be predicted, at each event, each (N,).

    START is read at the beginning of each stream and after each END; otherwise the symbol before.
    """
    targets = np.concatenate([*streams, np.empty(0, np.int32)]).astype(np.int32)
    inputs = np.empty_like(targets)
    inputs[1:] = targets[:-1]
    first = np.cumsum([0, *map(len, streams)])[:-1]
    inputs[first[first < len(inputs)]] = start
    if end is not None:
        inputs[inputs == end] = start
    return inputs, targets


class Batches:
    """Windows of inputs and targets, (T, B) each, by step number."""

    def __init__(self, inputs: Ids, targets: Ids, batch: int, window: int):
        self.inputs, self.targets = inputs, targets
        self.window = window
        self.offsets = np.arange(batch) * len(inputs) // batch

    def __getitem__(self, step: int) -> tuple[Ids, Ids]:
        """Return the window of a step, for all streams."""
        times = step * self.window + np.arange(self.window)
        events = (times[:, None] + self.offsets) % len(self.inputs)  # (T, B)
        return self.inputs[events], self.targets[events]
