"""Who does independent tasks: threads, processes, or an engine that the user has.

Whatever gives a `concurrent.futures.Executor` will do. An engine carries small things only, names
and figures; data goes through files that all workers share.

    threads:N                  threads of this process
    processes:N, loky:N        processes of this machine, which end with this one
    local:N                    a Dask cluster of N workers on this machine
    tcp://host:port, tls://    a Dask cluster that runs, or the name of its scheduler's file
    mpi                        the other ranks of `mpiexec -n N python -m mpi4py.futures -m charlm`
"""

import multiprocessing
import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from charlm.errors import UsageError, WorkerError
from charlm.parallel import cores, memory

KINDS = "threads:N, processes:N, loky:N, local:N, mpi, or the address or file of a Dask scheduler"
PATIENCE = "30s"  # for a scheduler to answer
MALLOC = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


@dataclass(frozen=True)
class Workers:
    """An executor, how many tasks it does at a time, and where it may be watched, if anywhere."""

    executor: Executor
    number: int
    dashboard: str | None = None


@contextmanager
def opened(name: str) -> Iterator[Workers]:
    """Return who is meant by a name.

    Raises:
        UsageError: nobody is, or what they need is not installed.
        WorkerError: a scheduler does not answer.
    """
    kind, _, number = name.partition(":")
    with ExitStack() as stack:
        if name == "mpi":
            yield stack.enter_context(_mpi())
        elif "://" in name or Path(name).is_file():
            yield stack.enter_context(_dask(name))
        elif kind in _OWN and re.fullmatch("[1-9][0-9]{0,3}|", number):
            yield stack.enter_context(_OWN[kind](int(number or cores.usable())))
        else:
            raise UsageError(f"{name!r} is nobody to work; there are {KINDS}")


@contextmanager
def _threads(number: int) -> Iterator[Workers]:
    memory.keep()
    with ThreadPoolExecutor(number) as executor:
        yield Workers(executor, number)


@contextmanager
def _processes(number: int) -> Iterator[Workers]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, context, begin, (os.getpid(),)) as executor:
        yield Workers(executor, number)


@contextmanager
def _loky(number: int) -> Iterator[Workers]:
    loky = _module("loky", "cluster")
    executor = loky.ProcessPoolExecutor(number, initializer=begin, initargs=(os.getpid(),))
    try:
        yield Workers(executor, number)
    finally:
        executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def _mpi() -> Iterator[Workers]:
    futures = _module("mpi4py.futures", "mpi")
    with futures.MPIPoolExecutor(initializer=memory.keep) as executor:
        number = executor.num_workers
        if not number:
            raise UsageError(
                "mpi works under `mpiexec -n N python -m mpi4py.futures -m charlm ...`, N from 2"
            )
        yield Workers(executor, number)


@contextmanager
def _local(number: int) -> Iterator[Workers]:
    """Start a cluster of Dask on this machine, which nobody else can reach."""
    distributed, dask = _module("distributed", "cluster"), _module("dask", "cluster")
    with (
        dask.config.set(MALLOC),
        distributed.LocalCluster(
            n_workers=number, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield _of_client(client)


@contextmanager
def _dask(address: str) -> Iterator[Workers]:
    distributed = _module("distributed", "cluster")
    where = {"address": address} if "://" in address else {"scheduler_file": address}
    try:
        client = distributed.Client(**where, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise WorkerError(f"{address}: no scheduler answers there ({error})") from None
    with client:
        yield _of_client(client)


def _of_client(client: Any) -> Workers:
    """Return a Dask client as an executor; a task whose worker dies is done again."""
    number = sum(client.nthreads().values())
    if not number:
        client.wait_for_workers(1, timeout=PATIENCE)
        number = sum(client.nthreads().values())
    return Workers(client.get_executor(pure=False, retries=3), number, client.dashboard_link)


def ended(error: BaseException) -> bool:
    """Tell whether an error says that a worker, or who leads them, has ended or is out of reach."""
    lost = isinstance(error, BrokenExecutor | CancelledError)
    return lost or type(error).__module__.split(".")[0] in ("distributed", "loky")


def _module(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise UsageError(
            f"{package} is not installed; `pip install 'charlm-cli[{extra}]'`"
        ) from None


def begin(parent: int) -> None:
    """Begin as a worker: keep memory, and end when the process that wanted the work does."""
    memory.keep()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(1.0)
    os._exit(1)


_OWN = {"threads": _threads, "processes": _processes, "loky": _loky, "local": _local}
