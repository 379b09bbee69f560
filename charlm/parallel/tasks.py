"""Tasks that may be done twice: given to workers and waited for, whatever becomes of those."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from time import monotonic
from typing import Any

from charlm.errors import WorkerError
from charlm.parallel.workers import Workers

LOOK = 2.0  # seconds of silence after which workers are looked after
STALLED = 60.0  # seconds of silence after which a worker may have stalled
LONGER = 4  # and it must last so many times as long as any before
NOBODY = 60.0  # seconds to wait for workers where none is left


def finished(
    workers: Workers, tasks: Mapping[int, Callable[[], Future[Any]]]
) -> Iterator[tuple[int, Any]]:
    """Yield numbers and results of tasks as they are done; `tasks` submit them.

    Where nothing has come for long, and workers must be idle, what is left is given out once more:
    a worker may be out of breath and not dead. The first result counts.

    Raises:
        WorkerError: no worker is left.
    """
    waiting: dict[Future[Any], int] = {}
    left = set(tasks)
    longest, latest, seen = 0.0, monotonic(), monotonic()
    patience = STALLED
    try:
        for number, submit in tasks.items():
            waiting[submit()] = number
        while left:
            done = wait(waiting, LOOK, FIRST_COMPLETED).done
            now = monotonic()
            for future in done:
                number = waiting.pop(future)
                if number not in left:
                    continue
                result = future.result()
                left.remove(number)
                _cancel(other for other, same in waiting.items() if same == number)
                longest, latest, patience = max(longest, now - latest), now, STALLED
                yield number, result
            if done or workers.left is None or workers.left():
                seen = now
            elif now - seen > NOBODY:
                raise WorkerError("no worker is left")
            if now - latest > max(patience, LONGER * longest) and len(left) <= workers.number > 1:
                waiting |= {tasks[number](): number for number in left}
                patience += now - latest
    finally:
        _cancel(waiting)


def _cancel(futures: Any) -> None:
    for future in futures:
        with suppress(Exception):
            future.cancel()
