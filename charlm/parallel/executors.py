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
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from charlm.errors import UsageError
from charlm.parallel import clusters, cores, memory, signals
from charlm.parallel.extras import module
from charlm.parallel.workers import Workers

KINDS = "threads:N, processes:N, loky:N, local:N, mpi, or the address or file of a Dask scheduler"


@contextmanager
def opened(name: str) -> Iterator[Workers]:
    """Return who is meant by a name.

    Raises:
        UsageError: nobody is, or what they need is not installed.
        WorkerError: a scheduler does not answer.
    """
    kind, _, number = name.partition(":")
    if name == "mpi":
        found = _mpi()
    elif "://" in name or Path(name).is_file():
        found = clusters.running(name)
    elif kind in _OWN and re.fullmatch("[1-9][0-9]{0,3}|", number):
        found = _OWN[kind](int(number or cores.usable()))
    else:
        raise UsageError(f"{name!r} is nobody to work; there are {KINDS}")
    if kind != "threads":
        signals.ignore_broken_pipes()
    with found as workers:
        yield workers


@contextmanager
def _threads(number: int) -> Iterator[Workers]:
    memory.keep()
    with ThreadPoolExecutor(number) as executor:
        yield Workers(executor, number)


@contextmanager
def _processes(number: int) -> Iterator[Workers]:
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(number, context, begin, (os.getpid(),))
    try:
        _start(executor, number)
        yield Workers(executor, number)
    finally:  # all results are here, or nobody wants them: no process is waited for
        executor.shutdown(wait=False, cancel_futures=True)
        for process in {*multiprocessing.active_children()} - before:
            process.kill()
            process.join()


@contextmanager
def _loky(number: int) -> Iterator[Workers]:
    loky = module("loky", "cluster")
    executor = loky.ProcessPoolExecutor(number, initializer=begin, initargs=(os.getpid(),))
    try:
        _start(executor, number)
        yield Workers(executor, number)
    finally:
        executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def _mpi() -> Iterator[Workers]:
    module("mpi4py", "mpi")
    # Asked before MPI begins, which waits for all ranks, those too that have ended.
    if "mpi4py.run" not in sys.modules or module("mpi4py.MPI", "mpi").COMM_WORLD.Get_size() == 1:
        raise UsageError(
            "mpi works under `mpiexec -n N python -m mpi4py.futures -m charlm ...`, N from 2"
        )
    futures = module("mpi4py.futures", "mpi")
    with futures.MPIPoolExecutor(initializer=memory.keep) as executor:
        yield Workers(executor, executor.num_workers)


def _start(executor: Executor, number: int) -> None:
    """Have a pool start its processes."""
    with signals.no_interruption():
        for _ in range(number):
            executor.submit(os.getpid)


def begin(parent: int) -> None:
    """Begin as a worker: keep memory, and end when the process that wanted the work does."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.keep()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(1.0)
    os._exit(1)


_OWN = {"threads": _threads, "processes": _processes, "loky": _loky, "local": clusters.started}
