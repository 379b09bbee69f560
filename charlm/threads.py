"""Work on all cores by threads: NumPy sorts and computes without the interpreter's lock."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

X = TypeVar("X")
Y = TypeVar("Y")


def in_threads(function: Callable[[X], Y], items: Iterable[X]) -> Iterator[Y]:
    """Apply a function to items on all cores; give the results in order, few of them in memory."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        running: deque[Future[Y]] = deque()
        for item in items:
            # The context says what NumPy is to do on overflow.
            running.append(pool.submit(copy_context().run, function, item))
            if len(running) > workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
