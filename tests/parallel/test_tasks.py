"""Tasks that are waited for: each result once, whatever becomes of those who do them."""

import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from charlm.errors import WorkerError
from charlm.parallel import tasks
from charlm.parallel.workers import Workers


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def test_each_result_comes_once(executor: Executor) -> None:
    wanted = {i: partial(executor.submit, pow, i, 2) for i in range(20)}
    found = list(tasks.finished(Workers(executor, 2), wanted))
    assert sorted(found) == [(i, i * i) for i in range(20)]


def test_what_a_worker_does_not_finish_is_done_by_another(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LOOK", 0.02)
    monkeypatch.setattr(tasks, "STALLED", 0.1)
    began, end = [], Event()

    def task(number: int) -> int:
        began.append(number)
        if began.count(number) == 1 and number == 3:
            end.wait()
        return number

    wanted = {i: partial(executor.submit, task, i) for i in range(6)}
    found = list(tasks.finished(Workers(executor, 2), wanted))
    end.set()
    assert sorted(found) == [(i, i) for i in range(6)]
    assert began.count(3) == 2


def test_an_error_ends_all(executor: Executor) -> None:
    def fail() -> None:
        raise OSError("full")

    waiting: list[Future[None]] = []

    def submit(seconds: float) -> Future[None]:
        waiting.append(executor.submit(time.sleep, seconds))
        return waiting[-1]

    later = {i: partial(submit, 0.05) for i in range(1, 50)}
    with pytest.raises(OSError, match="full"):
        list(tasks.finished(Workers(executor, 2), {0: lambda: executor.submit(fail), **later}))
    assert any(future.cancelled() for future in waiting)


def test_where_nobody_is_left_it_is_said(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LOOK", 0.02)
    monkeypatch.setattr(tasks, "NOBODY", 0.1)
    never: Future[None] = Future()
    with pytest.raises(WorkerError, match="no worker is left"):
        list(tasks.finished(Workers(executor, 2, left=lambda: 0), {0: lambda: never}))
