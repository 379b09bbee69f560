"""Workers of any kind, as whoever has work for them knows them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, Any]  # by the name of a worker

SCHEDULER_IS_GONE = "the scheduler of the workers cannot be reached"
WORKER_IS_GONE = "a worker has ended, perhaps for want of memory"


@dataclass(frozen=True)
class Workers:
    """An executor, how many tasks it does at a time, and what else is known of its workers.

    `dashboard` is where they may be watched, `memory` the bytes that each of them has for a task,
    if it is not of what this process may use. `versions` tells those of packages on each machine,
    that of the scheduler too; `ask` has a function done by each worker, and returns its error where
    it fails; `left` tells how many tasks can be done now. Pools need not be asked: they are copies
    of this program.
    """

    executor: Executor
    number: int
    dashboard: str | None = None
    memory: int | None = None
    versions: Callable[[Sequence[str]], Mapping[str, Mapping[str, str | None]]] | None = None
    ask: Callable[..., Answers] | None = None
    left: Callable[[], int] | None = None


def lost(error: BaseException) -> str | None:
    """Say who has ended or is out of reach, if an error says that."""
    package = type(error).__module__.split(".")[0]
    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        return WORKER_IS_GONE
    if isinstance(error, CancelledError) or package in ("distributed", "tornado"):
        return SCHEDULER_IS_GONE
    return None
