"""Work on some items side by side: here, and in copies of this process.

NumPy lets go of the interpreter's lock in every call and takes it again. On threads, the calls of
a small network, some microseconds each, mostly wait for it; processes have a lock each. Where
there can be no copies, threads do the same work, to the same bits.
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
    """Some workers that apply one function to items; the first is the caller.

    What the function changes, but for shared arrays, may stay with the worker. Use it in a `with`
    block, and no longer after an error.
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
        """Send the others home, whatever they do now."""
        for other in self._others:
            other.leave()

    def map(self, items: Sequence[X]) -> list[Y]:
        """Apply the function to items, the same worker always to those of one position.

        Raises:
            WorkerError: a worker is no more.
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
