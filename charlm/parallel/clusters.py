"""Dask clusters: one that runs somewhere, or one that is started here.

Only its executor is used, never its data structures. A task whose worker dies is done again by
another. Whoever reaches a scheduler can run any program on its workers, so one that is started here
listens on 127.0.0.1 alone.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any

from charlm.errors import WorkerError
from charlm.parallel import signals
from charlm.parallel.extras import module
from charlm.parallel.workers import Answers, Workers

EXTRA = "cluster"
PATIENCE = "30s"  # for a scheduler to answer, and for its first worker to come
# Workers would else give all memory back at once, which costs half of their speed.
MALLOC = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
SCHEDULER = "the scheduler"
PYTHON = [str(number) for number in sys.version_info[:2]]
SILENT = 100  # a level that no message reaches


@contextmanager
def started(number: int) -> Iterator[Workers]:
    """Start a cluster on this machine, which nobody else can reach and which ends with this."""
    distributed, dask = module("distributed", EXTRA), module("dask", EXTRA)
    with dask.config.set(MALLOC):
        with signals.no_interruption():
            cluster = distributed.LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                memory_limit=0,  # tasks know how much they may use
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # any port that is free
                silence_logs=SILENT,
            )
        with cluster, distributed.Client(cluster) as client:
            yield Workers(_executor(client), number, ask=partial(_ask, client))


@contextmanager
def running(address: str) -> Iterator[Workers]:
    """Return the workers of a cluster, by the address or the file of its scheduler.

    Raises:
        WorkerError: it does not answer, or has no worker.
    """
    distributed = module("distributed", EXTRA)
    where = {"address": address} if "://" in address else {"scheduler_file": address}
    try:
        client = distributed.Client(**where, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError, KeyError) as error:
        raise WorkerError(f"{address}: no scheduler of Dask answers there ({error})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise WorkerError(
                f"{address}: has no worker; start some with `dask worker {address}`"
            ) from None
        yield Workers(
            _executor(client),
            _tasks_at_a_time(client),
            _dashboard(client),
            _memory(client),
            partial(_versions, client),
            partial(_ask, client),
            partial(_tasks_at_a_time, client),
        )


def _executor(client: Any) -> Any:
    return client.get_executor(pure=False)


def _dashboard(client: Any) -> str | None:
    """Return the address of Dask's dashboard, for which the scheduler wants one more package."""
    has_it = client.get_versions(packages=["bokeh"])["scheduler"]["packages"].get("bokeh")
    services = client.scheduler_info()["services"]
    return client.dashboard_link if has_it and "dashboard" in services else None


def _tasks_at_a_time(client: Any) -> int:
    return sum(client.nthreads().values())


def _memory(client: Any) -> int | None:
    """Return the bytes that a task may take on the smallest worker, if Dask limits them."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    each = [worker["memory_limit"] // worker["nthreads"] for worker in workers]
    return min(filter(None, each), default=None)


def _versions(client: Any, packages: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
    """Return the versions that programs have themselves, not what was once installed.

    A machine without a package is asked all the same. One with another Python is not: what it is
    asked it could not understand.
    """
    pythons = client.get_versions()
    machines = {SCHEDULER: pythons["scheduler"]}
    machines |= {f"worker {name}": each for name, each in pythons["workers"].items()}
    for name, each in machines.items():
        python = each["packages"]["python"].split(".") if isinstance(each, dict) else PYTHON
        if python[:2] != PYTHON:
            raise WorkerError(
                f"{name}: has Python {'.'.join(python[:2])}; the command has {'.'.join(PYTHON)}"
            )

    def here() -> Mapping[str, str | None]:  # within a function: so it is sent as it is
        found: dict[str, str | None] = dict.fromkeys(packages)
        for package in packages:
            with suppress(ImportError):
                found[package] = import_module(package).__version__
        return found

    answers = {SCHEDULER: client.run_on_scheduler(here), **_ask(client, here)}
    return {name: answer for name, answer in answers.items() if isinstance(answer, dict)}


def _ask(client: Any, function: Any, *arguments: Any) -> Answers:
    answers = client.run(function, *arguments, on_error="return")
    return {f"worker {name}": answer for name, answer in answers.items()}
