"""Parts of a batch on several machines: each rank of MPI learns some of them.

Rank 0 leads. It has the texts, the state of all streams, the optimiser and its memory, and so all
that a checkpoint holds; the others have the parameters and space for gradients, and know nothing of
texts and files. In each step rank 0 sends the parameters, and to each rank its parts of the window;
what comes back are losses, states, and the gradients of each part, which are added in the order of
the parts. So any number of ranks gives the bits of one process, and there is one truth: ranks on
unlike processors cannot drift apart.

Sent and received by rank 0 are the parameters and the gradients of all parts but its own. States
are a small share of that: 2 % for a layer of 256 units and 16 streams a part.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from charlm.errors import CharlmError, WorkerError
from charlm.parallel.ranks import Ranks
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Learnt, dense
from charlm.rnn.training.parts import Part, streams_of_parts, total
from charlm.rnn.training.reduction import LocalReduction, Reduction
from charlm.rnn.training.run import Run
from charlm.version import __version__

if TYPE_CHECKING:
    from mpi4py.MPI import Request


class Begin(NamedTuple):
    """Says what will be learnt: windows of so many steps, in parts of so many streams."""

    versions: str  # of rank 0
    vocab_size: int
    config: RnnConfig
    window: int
    streams: Sequence[int]
    first: int  # part


class Learn(NamedTuple):
    """Says what to learn from now; `errors` is what NumPy does on overflow."""

    parts: Sequence[Part]
    errors: Any


class Answer(NamedTuple):
    """Says what came of some parts, whose gradients follow; or why nothing did."""

    learnt: list[Learnt]
    failure: str | None = None


class Leave(NamedTuple):
    """Says that there is nothing left to do; `code` is the exit code."""

    code: int


class Leader:
    """Rank 0's view of the ranks; while they are `asked`, they can be told nothing."""

    def __init__(self, ranks: Ranks, threads: int = 1):
        self.ranks, self.threads = ranks, threads
        self.asked = False

    def reduction(self, run: Run) -> Reduction:
        """Have the parts of a run's batches learnt by all ranks, each by so many threads.

        Raises:
            WorkerError: a rank lacks the memory for its share, or has another charlm or NumPy.
        """
        return _RankReduction(self, run)

    def dismiss(self, code: int) -> None:
        """Let all ranks end with an exit code; where they are at work, at once."""
        if self.asked:
            self.ranks.abort(code)
        self.ranks.tell(Leave(code))


class _RankReduction:
    """Each rank has parts that follow each other; those of rank 0 are learnt here."""

    def __init__(self, leader: Leader, run: Run):
        plan, ranks = run.plan, leader.ranks
        self._leader, self._ranks, self._parameters = leader, ranks, run.parameters
        self._shares = _shares(plan.parts, ranks.size)
        streams = [some.stop - some.start for some in streams_of_parts(plan.batch, plan.parts)]
        for rank, share in enumerate(self._shares[1:], start=1):
            sizes = plan.window, streams[share], share.start
            ranks.send(Begin(_versions(), run.vocab_size, run.config, *sizes), rank)
        _refuse([ranks.receive(rank) for rank in range(1, ranks.size)])
        network, own = run.network, self._shares[0]
        dtype = run.parameters.flat.dtype
        self._foreign = {  # gradients, by part
            part: Parameters(dense(network.shapes()), dtype) for part in range(own.stop, plan.parts)
        }
        self._here = LocalReduction(
            network, run.parameters, plan.window, streams[own], leader.threads
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._here.__exit__()

    def reduce(self, parts: Sequence[Part]) -> tuple[list[Learnt], Parameters]:
        """Return what came of each part, and the sum of their gradients.

        After an error, too, all ranks wait for what they are asked next.
        """
        self._leader.asked = True
        coming = self._ask(parts)
        try:
            learnt = self._here.learn(parts[self._shares[0]])
        finally:
            answers = [self._answer(rank, theirs) for rank, theirs in coming.items()]
            self._leader.asked = False
        _refuse([answer.failure for answer in answers])
        for answer in answers:
            learnt += answer.learnt
        return learnt, total([*self._here.gradients, *self._foreign.values()])

    def _ask(self, parts: Sequence[Part]) -> Mapping[int, Sequence["Request"]]:
        """Set the other ranks to work; return what to wait for of each."""
        coming = {}
        for rank, share in enumerate(self._shares[1:], start=1):
            self._ranks.send(Learn(parts[share], np.geterr()), rank)
            coming[rank] = [
                self._ranks.expect_array(self._foreign[part].flat, rank, part)
                for part in range(share.start, share.stop)
            ]
        self._ranks.share(self._parameters.flat)
        return coming

    def _answer(self, rank: int, coming: Sequence["Request"]) -> Answer:
        """Wait for what a rank has learnt, and for its gradients."""
        answer: Answer = self._ranks.receive(rank)
        for request in coming:
            if answer.failure is not None:
                request.Cancel()
            self._ranks.wait(request)
        return answer


def _shares(parts: int, ranks: int) -> list[slice]:
    """Return the parts of each rank; none of the last ranks where there are too few for all."""
    working = min(parts, ranks)
    edges = [parts * i // working for i in range(working + 1)]
    return [slice(low, high) for low, high in pairwise(edges)] + [slice(0, 0)] * (ranks - working)


def _refuse(failures: Sequence[str | None]) -> None:
    """Raise the first failure of a rank, from rank 1 on, as an error of one line."""
    for rank, failure in enumerate(failures, start=1):
        if failure is not None:
            raise WorkerError(f"rank {rank}: {failure}")


def follow(ranks: Ranks, threads: int = 1) -> int:
    """Learn what rank 0 sends until it says to leave; return the exit code.

    Raises:
        WorkerError: the launcher of MPI was killed.
    """
    follower: _Follower | None = None
    while not isinstance(task := ranks.receive(0), Leave):
        if isinstance(task, Begin):
            follower, failure = None, None
            try:
                _refuse_other_versions(task.versions)
                follower = _Follower(ranks, task, threads)
            except Exception as error:
                failure = _told(error)
            ranks.send(failure, 0)
        elif follower is not None:
            follower.learn(task)
    return task.code


def _versions() -> str:
    return f"charlm {__version__} with NumPy {np.__version__}"


def _refuse_other_versions(versions: str) -> None:
    """Raise a `WorkerError` where this rank would compute other bits than rank 0, or fail."""
    if (own := _versions()) != versions:
        raise WorkerError(f"has {own}, and rank 0 has {versions}; install the same")


class _Follower:
    """A rank's share of a training: its own parameters, and space for its gradients."""

    def __init__(self, ranks: Ranks, begin: Begin, threads: int):
        network = networks.get(begin.vocab_size, begin.config)
        self._ranks, self._first = ranks, begin.first
        self._parameters = Parameters(network.shapes())
        self._here = LocalReduction(network, self._parameters, begin.window, begin.streams, threads)

    def learn(self, task: Learn) -> None:
        """Learn with the parameters that come, and send what came of it."""
        self._ranks.share(self._parameters.flat)
        try:
            with np.errstate(**task.errors):
                answer = Answer(self._here.learn(task.parts))
        except Exception as error:
            answer = Answer([], _told(error))
        self._ranks.send(answer, 0)
        if answer.failure is None:
            for number, gradients in enumerate(self._here.gradients, start=self._first):
                self._ranks.send_array(gradients.flat, 0, number)


def _told(error: Exception) -> str:
    """Return an error as the end of a line."""
    if isinstance(error, MemoryError):
        return "not enough memory for that; choose smaller sizes"
    return str(error) if isinstance(error, CharlmError) else f"{type(error).__name__}: {error}"
