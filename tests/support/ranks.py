"""Processes of MPI, played by threads: what `charlm.parallel.ranks` asks of mpi4py, and no more.

Items are pickled, as they are between processes.
"""

# ruff: noqa: N802  # MPI's own names

import pickle
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Any, cast

from numpy.typing import NDArray

from charlm.parallel.ranks import Ranks
from charlm.rnn.training.ranks import Leader, follow

BROADCAST = -1  # tag


class Done:
    """A request that is fulfilled at once."""

    def Test(self) -> bool:
        return True


class Coming:
    """A request for an array, which is filled when its message is there."""

    def __init__(self, array: NDArray[Any], messages: "SimpleQueue[Any]"):
        self._array, self._messages, self._left = array, messages, False

    def Test(self) -> bool:
        if not self._left and self._messages.empty():
            return False
        if not self._left:
            self._array[...] = self._messages.get()
            self._left = True
        return True

    def Cancel(self) -> None:
        self._left = True


class World:
    """What one of them sees of the others."""

    def __init__(self, rank: int, size: int, messages: dict[Any, "SimpleQueue[Any]"]):
        self._rank, self._size, self._messages = rank, size, messages

    def Get_rank(self) -> int:
        return self._rank

    def Get_size(self) -> int:
        return self._size

    def isend(self, item: Any, to: int, tag: int) -> Done:
        self._messages[self._rank, to, tag].put(pickle.dumps(item))
        return Done()

    def Iprobe(self, source: int, tag: int) -> bool:
        return not self._messages[source, self._rank, tag].empty()

    def recv(self, source: int, tag: int) -> Any:
        return pickle.loads(self._messages[source, self._rank, tag].get())

    def Isend(self, array: NDArray[Any], to: int, tag: int) -> Done:
        self._messages[self._rank, to, tag].put(array.copy())
        return Done()

    def Irecv(self, array: NDArray[Any], source: int, tag: int) -> Coming:
        return Coming(array, self._messages[source, self._rank, tag])

    def Ibcast(self, array: NDArray[Any], root: int) -> Done | Coming:
        if self._rank != root:
            return self.Irecv(array, root, BROADCAST)
        for other in range(self._size):
            self.Isend(array, other, BROADCAST)
        return Done()


@contextmanager
def leading(size: int) -> Iterator[tuple[Leader, list[int]]]:
    """Yield the leader of so many ranks, and the exit codes of those that have left."""
    messages: dict[Any, SimpleQueue[Any]] = defaultdict(SimpleQueue)
    worlds = [World(rank, size, messages) for rank in range(size)]
    ranks = [Ranks(cast(Any, world)) for world in worlds]
    codes: list[int] = []
    threads = [Thread(target=lambda one=one: codes.append(follow(one))) for one in ranks[1:]]
    for thread in threads:
        thread.start()
    leader = Leader(ranks[0])
    try:
        yield leader, codes
    finally:
        leader.dismiss(7)
        for thread in threads:
            thread.join(20)
