"""Work on some items side by side: in this process and in other workers.

The workers are processes rather than threads. NumPy releases the interpreter's lock in every call
and must take it again afterwards. The calls of a small network last some microseconds, so threads
would mostly wait for the lock; each process has a lock of its own. Where no processes can be made,
threads do the same work, with results equal to the last bit.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, Self, TypeVar

from charlm.parallel import processes
from charlm.parallel.processes import ProcessWorker
from charlm.parallel.threads import ThreadWorker

X = TypeVar("X")
Y = TypeVar("Y")


class Crew(Generic[X, Y]):
    """Some workers that apply one function to items. The caller itself is the first of them.

    What the function changes may be changed in the worker alone, unless it is a shared array. Use a
    crew in a `with` block, and do not use it again after an error.
    """

    def __init__(self, function: Callable[[X], Y], number: int):
        self._function = function
        self._others: list[ProcessWorker[X, Y] | ThreadWorker[X, Y]] = []
        try:
            for _ in range(number - 1):
                self._others.append(_worker(function))
        except BaseException:
            self.leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """End the other workers, whatever they are doing."""
        for other in self._others:
            other.leave()

    def map(self, items: Sequence[X]) -> list[Y]:
        """Return the results for some items. An item's position decides which worker takes it.

        Raises:
            WorkerError: a worker was ended from outside.
        """
        size, results = len(self._others) + 1, []
        for low in range(0, len(items), size):
            first, *rest = items[low : low + size]
            waiting = [other.submit(item) for other, item in zip(self._others, rest, strict=False)]
            results += [self._function(first), *(result() for result in waiting)]
        return results


def _worker(function: Callable[[X], Y]) -> ProcessWorker[X, Y] | ThreadWorker[X, Y]:
    if processes.can_copy():
        with suppress(OSError):
            return ProcessWorker(function)
    return ThreadWorker(function)
