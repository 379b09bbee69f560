"""Parts of a batch side by side: one thread and one set of buffers each.

NumPy lets go of the interpreter's lock inside products and arithmetic, so that threads work at
once. Each takes the same streams every time, and gradients are added in a fixed order: the same
number of workers gives the same bits.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats, Ids
from charlm.rnn.networks import Masks, Network, State
from charlm.rnn.parameters import Parameters
from charlm.threads import Threads


class Workers:
    """A pool for windows of one size; use it in a `with` block."""

    def __init__(self, network: Network, window: int, batch: int, number: int, dtype: DTypeLike):
        edges = [batch * i // number for i in range(number + 1)]
        self._parts = [slice(low, high) for low, high in pairwise(edges)]
        self._passes = [network.unroll(window, p.stop - p.start, dtype) for p in self._parts]
        self._gradients = [Parameters(network.shapes(), dtype) for _ in self._parts]
        self._threads = Threads(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.leave()

    def learn(
        self,
        parameters: Mapping[str, Floats],
        inputs: Ids,
        targets: Ids,
        state: State,
        masks: Sequence[Masks] | None = None,
    ) -> tuple[float, Parameters, State]:
        """Give the mean loss, its gradients and the state after a window, (T, B) ids each.

        The gradients are overwritten by the next call. `masks` has one drawer a worker.
        """

        def run(worker: int) -> tuple[float, State]:
            part = self._parts[worker]
            return self._passes[worker].learn(
                parameters,
                inputs[:, part],
                targets[:, part],
                tuple(array[..., part] for array in state),
                self._gradients[worker],
                events=targets.size,
                masks=masks[worker] if masks else None,
            )

        tasks = [self._threads.submit(run, worker) for worker in range(len(self._parts))]
        results = [result() for result in tasks]
        total = self._gradients[0]
        for gradients in self._gradients[1:]:
            total.flat += gradients.flat
        states = zip(*(state for _, state in results), strict=True)
        joined = tuple(np.concatenate(parts, axis=-1) for parts in states)
        return sum(loss for loss, _ in results), total, joined
