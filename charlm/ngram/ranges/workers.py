"""What is made sure of before work is done elsewhere: the same program, and the same folder.

All workers of a cluster are asked before the first stage, and one that comes later before its first
task.
"""

import os
import platform
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

from charlm.errors import CharlmError, TextError, WorkerError
from charlm.ngram.ranges.plan import VERSIONS
from charlm.ngram.ranges.spool import Spool
from charlm.parallel import memory
from charlm.parallel.workers import Workers

PROGRAMS = "charlm", "numpy"


class Told(Protocol):
    """What every task is told: where files lie, and the versions of charlm and NumPy."""

    @property
    def spool(self) -> Spool:
        """The folder that all share."""
        ...

    @property
    def versions(self) -> tuple[str, str]:
        """Those that all workers must have."""
        ...


def ask_all(workers: Workers, spool: Spool) -> None:
    """Ask all workers of a cluster whether they are able, and see the files.

    Raises:
        WorkerError: one is not, and is named; or the scheduler is not.
    """
    found = {} if workers.versions is None else workers.versions(PROGRAMS)
    for name, versions in found.items():
        has = tuple(versions[program] for program in PROGRAMS)
        if has != VERSIONS:
            raise WorkerError(f"{name}: {_other_versions(has, VERSIONS)}")
    answers = {} if workers.ask is None else workers.ask(_look, spool)
    for name, answer in answers.items():
        if isinstance(answer, CharlmError):
            raise WorkerError(f"{name}: {answer}")
        if isinstance(answer, Exception):
            raise answer


def given(
    workers: Workers, task: Callable[..., Any], told: Told, *arguments: Any, **options: Any
) -> Callable[[], Future[Any]]:
    """Return what gives a task to workers, who `perform` it."""
    return partial(workers.executor.submit, perform, task, told, *arguments, **options)


def perform(task: Callable[..., Any], told: Told, *arguments: Any, **options: Any) -> Any:
    """Do a task, wherever this is; a worker may have come a moment ago.

    Raises:
        TextError: a text cannot be read here.
        WorkerError: charlm or NumPy is of another version here, or the spool is not shared.
    """
    _begin()
    name = f"worker {platform.node()}, process {os.getpid()}"
    if told.versions != VERSIONS:
        raise WorkerError(f"{name}: {_other_versions(VERSIONS, told.versions)}")
    try:
        _look(told.spool)
        return task(told, *arguments, **options)
    except (TextError, WorkerError) as error:
        raise error.about(name) from None


@cache
def _begin() -> None:
    """Do once in a process, whoever started it, what makes its work fast."""
    memory.keep()


def _look(spool: Spool) -> None:
    """Look at the folder.

    Raises:
        WorkerError: it is not there, or is another one.
    """
    if not spool.is_seen():
        raise WorkerError(
            f"does not see {Path(spool.folder)}; name a --spool that all workers share"
        )


def _other_versions(has: tuple[str | None, ...], wanted: tuple[str, str]) -> str:
    if has[0] is None:
        return f"has no charlm; install charlm {wanted[0]} and NumPy {wanted[1]}, as here"
    (charlm, numpy), (wanted_charlm, wanted_numpy) = has, wanted
    return (
        f"has charlm {charlm} and NumPy {numpy}; install what the command has, charlm "
        f"{wanted_charlm} and NumPy {wanted_numpy}"
    )
