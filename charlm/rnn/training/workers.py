"""Parts of a batch side by side: one worker of a crew and one set of buffers each.

Parameters and gradients are shared. Each worker takes the same streams every time, and gradients
are added in a fixed order: the same number of workers gives the same bits.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from charlm.arrays import Ids
from charlm.parallel.crew import Crew
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Masks, Network, State, Window


class Part(NamedTuple):
    """What one worker learns from: its streams of a window, whose loss is a share of the mean."""

    worker: int
    window: Window
    state: State


class Workers:
    """A crew for windows of one size. Use it in a `with` block, and not again after an error.

    The parameters are moved to shared memory, where all workers see them change.
    """

    def __init__(
        self, network: Network, parameters: Parameters, window: int, batch: int, number: int
    ):
        edges = [batch * i // number for i in range(number + 1)]
        self._streams = [slice(low, high) for low, high in pairwise(edges)]
        dtype = parameters.flat.dtype
        self._passes = [
            network.unroll(window, part.stop - part.start, dtype) for part in self._streams
        ]
        self._parameters = parameters
        self._gradients = [Parameters(network.shapes(), dtype) for _ in self._streams]
        if number > 1:
            for vector in (parameters, *self._gradients):
                vector.share()
        self._crew = Crew(self._learn, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._crew.leave()

    def learn(
        self,
        inputs: Ids,
        targets: Ids,
        state: State,
        masks: Sequence[Masks] | None = None,
    ) -> tuple[float, Parameters, State]:
        """Return the mean loss, its gradients and the state after a window, (T, B) ids each.

        The gradients are overwritten by the next call. `masks` has one drawer a worker.

        Raises:
            WorkerError: a worker was ended from outside.
        """
        parts = [
            Part(
                worker,
                Window(
                    inputs[:, streams],
                    targets[:, streams],
                    events=targets.size,
                    masks=masks[worker] if masks else None,
                ),
                tuple(array[..., streams] for array in state),
            )
            for worker, streams in enumerate(self._streams)
        ]
        losses, states = zip(*self._crew.map(parts), strict=True)
        total = self._gradients[0]
        for gradients in self._gradients[1:]:
            total.flat += gradients.flat
        joined = tuple(np.concatenate(part, axis=-1) for part in zip(*states, strict=True))
        return sum(losses), total, joined

    def _learn(self, part: Part) -> tuple[float, State]:
        return self._passes[part.worker].learn(
            self._parameters, part.window, part.state, self._gradients[part.worker]
        )
