"""Who learns the parts of a batch, and how their gradients become one.

Gradients are added in the order of the parts, wherever each was learnt: so any number of workers
gives the same bits. Here the workers are those of this machine, this process first among them;
others can be on other machines (`ranks.py`).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol, Self, TypeAlias

from charlm.errors import UsageError
from charlm.parallel import cores
from charlm.parallel.crew import Crew
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Learnt, Network, dense
from charlm.rnn.training.parts import Part, streams_of_parts, total
from charlm.rnn.training.run import Run


class Reduction(Protocol):
    """Learns windows of one size. Use it in a `with` block, and not again after an error."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def reduce(self, parts: Sequence[Part]) -> tuple[list[Learnt], Parameters]:
        """Return what came of each part of a window, and the sum of their gradients.

        The gradients are overwritten by the next call.

        Raises:
            WorkerError: a worker was ended from outside, or can do no more.
        """
        ...


# Makes the reduction for a run, whose parameters may be moved to shared memory.
Reductions: TypeAlias = Callable[[Run], Reduction]


class Share(NamedTuple):
    """What one worker is to learn from: some parts, and where the first of them stands."""

    worker: int
    first: int
    parts: Sequence[Part]


class LocalReduction:
    """A crew of this machine, for parts of so many streams each.

    Each worker takes some parts that follow each other, and learns them one after the other. The
    parameters are moved to shared memory, where all workers see them change.
    """

    def __init__(
        self,
        network: Network,
        parameters: Parameters,
        window: int,
        streams: Sequence[int],
        workers: int,
    ):
        workers = max(1, min(workers, len(streams)))
        dtype = parameters.flat.dtype
        self._parameters = parameters
        self._gradients = [Parameters(dense(network.shapes()), dtype) for _ in streams]
        if workers > 1:
            for vector in (parameters, *self._gradients):
                vector.share()
        self._edges = [len(streams) * i // workers for i in range(workers + 1)]
        self._passes = [
            {size: network.unroll(window, size, dtype) for size in set(streams[low:high])}
            for low, high in pairwise(self._edges)
        ]
        self._crew = Crew(self._learn, workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._crew.leave()

    def reduce(self, parts: Sequence[Part]) -> tuple[list[Learnt], Parameters]:
        """Return what came of each part, and the sum of their gradients."""
        learnt = self.learn(parts)
        return learnt, total(self._gradients)

    def learn(self, parts: Sequence[Part]) -> list[Learnt]:
        """Return what came of each part; its gradients are in `gradients`."""
        shares = [
            Share(worker, low, parts[low:high])
            for worker, (low, high) in enumerate(pairwise(self._edges))
        ]
        return [one for some in self._crew.map(shares) for one in some]

    @property
    def gradients(self) -> Sequence[Parameters]:
        """Those of each part."""
        return self._gradients

    def _learn(self, share: Share) -> list[Learnt]:
        passes = self._passes[share.worker]
        return [
            passes[part.window.inputs.shape[1]].learn(
                self._parameters, part.window, part.state, self._gradients[share.first + at]
            )
            for at, part in enumerate(share.parts)
        ]


def here(threads: int | None = None) -> Reductions:
    """Return what makes reductions by so many workers of this machine: its cores, if not said.

    There are never more of them than parts.

    Raises:
        UsageError: that is no number of workers.
    """
    if threads is not None and (type(threads) is not int or threads < 1):
        raise UsageError("threads must be a whole number, at least 1")

    def make(run: Run) -> LocalReduction:
        plan = run.plan
        streams = [some.stop - some.start for some in streams_of_parts(plan.batch, plan.parts)]
        workers = threads or cores.usable()
        return LocalReduction(run.network, run.parameters, plan.window, streams, workers)

    return make
