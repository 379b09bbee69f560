"""Work on threads, on all cores or on one: NumPy computes without the interpreter's lock.

The executors of the standard library are not used: if Ctrl-C interrupts one at the wrong moment, a
lock stays taken, and the program waits for its own threads for ever. The queues here
(`SimpleQueue`) cannot be left locked by a signal.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeAlias, TypeVar

from charlm.parallel import cores

X = TypeVar("X")
Y = TypeVar("Y")
Answer: TypeAlias = "SimpleQueue[tuple[Any, BaseException | None]]"
Task: TypeAlias = tuple[Context, Callable[[Any], Any], Any, Answer]


class Threads:
    """A number of threads that take tasks in turn, until they are told to leave.

    The program does not wait for them at its end, so that it can be interrupted at any time.
    """

    def __init__(self, number: int):
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._number = number
        for _ in range(number):
            Thread(target=_serve, args=(self._tasks,), daemon=True).start()

    def submit(self, function: Callable[[X], Y], item: X) -> Callable[[], Y]:
        """Have a function applied to an item; give what to call for the result, or its error."""
        answer: Answer = SimpleQueue()
        # The context says what NumPy is to do on overflow.
        self._tasks.put((copy_context(), function, item, answer))

        def result() -> Y:
            value, error = answer.get()
            if error is not None:
                raise error
            return value  # type: ignore[no-any-return]

        return result

    def leave(self) -> None:
        """Let each thread go after what it does now."""
        for _ in range(self._number):
            self._tasks.put(None)


class ThreadWorker(Generic[X, Y]):
    """A thread that applies one function to what it is sent."""

    def __init__(self, function: Callable[[X], Y]):
        self._function, self._threads = function, Threads(1)

    def submit(self, item: X) -> Callable[[], Y]:
        """Have the function applied to an item; give what to call for the result, or its error."""
        return self._threads.submit(self._function, item)

    def leave(self) -> None:
        """Let the thread go after what it does now."""
        self._threads.leave()


def _serve(tasks: "SimpleQueue[Task | None]") -> None:
    while (task := tasks.get()) is not None:
        context, function, item, answer = task
        try:
            answer.put((context.run(function, item), None))
        except BaseException as error:
            answer.put((None, error))
        del task, context, function, item, answer  # they may be large


_ON_ALL_CORES = ContextVar("on all cores", default=True)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Within this, `in_threads` makes no threads: others keep the other cores busy."""
    before = _ON_ALL_CORES.set(False)
    try:
        yield
    finally:
        _ON_ALL_CORES.reset(before)


def in_threads(function: Callable[[X], Y], items: Iterable[X]) -> Iterator[Y]:
    """Apply a function to items on all cores; give the results in order, few of them in memory.

    What is known to be one item is not worth a thread, which takes longer than a short text.
    """
    if not _ON_ALL_CORES.get() or (isinstance(items, Sized) and len(items) < 2):
        yield from map(function, items)
        return
    workers = cores.usable()
    threads = Threads(workers)
    running: deque[Callable[[], Y]] = deque()
    try:
        for item in items:
            running.append(threads.submit(function, item))
            if len(running) > workers:
                yield running.popleft()()
        while running:
            yield running.popleft()()
    finally:
        threads.leave()


def read_ahead(items: Iterator[X]) -> Iterator[X]:
    """Yield items, each taken on a thread while the caller is busy with the one before."""
    nothing = object()
    worker = ThreadWorker[None, Any](lambda _: next(items, nothing))
    try:
        waiting = worker.submit(None)
        while (item := waiting()) is not nothing:
            waiting = worker.submit(None)
            yield item
    finally:
        worker.leave()
