"""Copies of this process: what they share, how they fail, and that none is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from charlm.arrays import Floats
from charlm.errors import WorkerError
from charlm.parallel import processes
from charlm.parallel.processes import AVAILABLE, ProcessWorker, can_copy, shared

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="processes cannot be copied here")


def test_a_copy_answers_in_turn() -> None:
    copy: ProcessWorker[int, tuple[int, int]] = ProcessWorker(lambda n: (n, os.getpid()))
    answers = [copy.submit(n)() for n in range(100)]
    copy.leave()
    assert [n for n, _ in answers] == list(range(100))
    assert len({process for _, process in answers} - {os.getpid()}) == 1


def test_arrays_are_shared_both_ways() -> None:
    array = shared(1000, np.float32)

    def double(_: None) -> None:
        array[:] *= 2

    copy = ProcessWorker(double)
    array[:] = 21
    copy.submit(None)()
    copy.leave()
    assert array.dtype == np.float32
    assert (array == 42).all()


def test_large_items_and_results_pass() -> None:
    copy: ProcessWorker[Floats, Floats] = ProcessWorker(lambda array: array + 1)
    large = np.zeros(1 << 20)
    waiting = copy.submit(large)
    assert (waiting() == 1).all()
    copy.leave()


def children() -> set[int]:
    """Of this process: those that ended and were not waited for, too."""
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """What a test starts is gone when it ends; other tests may have left some."""
    before = children()
    yield
    assert children() <= before


def test_errors_are_those_of_the_function() -> None:
    copy: ProcessWorker[int, int] = ProcessWorker(lambda n: 1 // n)
    with pytest.raises(ZeroDivisionError):
        copy.submit(0)()
    assert copy.submit(1)() == 1
    copy.leave()


def test_numpy_is_told_what_to_do_on_overflow() -> None:
    copy: ProcessWorker[float, float] = ProcessWorker(
        lambda x: float(np.float32(x) * np.float32(x))
    )
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        copy.submit(1e30)()
    copy.leave()


@pytest.mark.usefixtures("no_child_left")
def test_a_process_that_left_is_gone() -> None:
    copy = ProcessWorker(time.sleep)
    copy.submit(1000)
    copy.leave()  # at once


def test_a_copy_that_was_killed_is_missed_in_one_line() -> None:
    copy: ProcessWorker[None, None] = ProcessWorker(lambda _: os.kill(os.getpid(), signal.SIGKILL))
    waiting = copy.submit(None)
    with pytest.raises(WorkerError, match="ended from outside"):
        waiting()
    with pytest.raises(WorkerError, match="ended from outside"):
        copy.submit(None)
    copy.leave()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruptions_are_for_the_parent(number: int) -> None:
    copy: ProcessWorker[int, None] = ProcessWorker(lambda number: os.kill(os.getpid(), number))
    copy.submit(number)()
    copy.submit(number)()
    copy.leave()


def test_a_copy_holds_no_file_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w") as file:
        copy: ProcessWorker[None, bool] = ProcessWorker(lambda _: os.get_inheritable(file.fileno()))
        with pytest.raises(OSError, match="Bad file descriptor"):
            copy.submit(None)()
        copy.leave()


@pytest.mark.usefixtures("no_child_left")
def test_a_copy_that_finds_a_lock_held_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another thread had been inside a product when the process was copied."""
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    monkeypatch.setattr(np, "ones", lambda shape: time.sleep(1000))
    with pytest.raises(ChildProcessError, match="does not answer"):
        ProcessWorker(abs)


@pytest.mark.usefixtures("no_child_left")
def test_a_copy_that_ends_at_once_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "ones", lambda shape: os._exit(3))
    with pytest.raises(ChildProcessError, match="ended at once"):
        ProcessWorker(abs)


@pytest.mark.usefixtures("no_child_left")
def test_an_interruption_while_a_copy_is_made_leaves_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is heard as soon as the copy is there.

    It is sent to this thread: another one, as those of a test runner, may hear what is sent to the
    process, at a moment when Python lets no exception through.
    """
    fork = os.fork

    def interrupted() -> int:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        return fork()

    monkeypatch.setattr(os, "fork", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            ProcessWorker(abs)
    finally:
        signal.signal(signal.SIGINT, before)


def test_nobody_minds_where_ended_processes_are_not_waited_for() -> None:
    """As under a server that does so for all."""
    code = (
        "import signal; from charlm.parallel.crew import Crew\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "with Crew(abs, 3) as crew: print(crew.map([1, -2, -3]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("[1, 2, 3]\n", "")


def test_a_copy_is_missed_where_broken_pipes_end_programs() -> None:
    """As in every command, for `charlm sample ... | head`."""
    code = (
        "import os, signal; from charlm.parallel.processes import ProcessWorker\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "copy = ProcessWorker(abs); os.kill(copy._process, 9)\n"
        "os.waitid(os.P_PID, copy._process, os.WEXITED | os.WNOWAIT)\n"  # it has ended
        "try: copy.submit(1)\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("WorkerError\n", "")


def test_what_cannot_be_handed_over_is_said() -> None:
    copy: ProcessWorker[None, object] = ProcessWorker(lambda _: lambda: None)
    with pytest.raises(WorkerError, match="cannot be handed over"):
        copy.submit(None)()
    copy.leave()
    copy.leave()  # no harm in it


def test_threads_within_products_are_not_copied_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork would wait for ever for a thread of OpenBLAS that another thread uses."""
    assert can_copy()
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert can_copy()
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not can_copy()


PARENT = """
from charlm.parallel.processes import ProcessWorker
import sys, time
copy = ProcessWorker(lambda seconds: time.sleep(seconds))
copy.submit(0.2)
sys.stdout.write(str(copy._process))
sys.stdout.flush()
time.sleep(1000)
"""


def test_copies_end_with_their_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    copy = int(os.read(parent.stdout.fileno(), 100))
    os.kill(copy, 0)  # it is there
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if _has_ended(copy):
            return
        time.sleep(0.05)
    pytest.fail("the copy outlived its parent")


def _has_ended(process: int) -> bool:
    """Tell whether it is gone, or waits to be buried by the one that took it over."""
    try:
        os.kill(process, 0)
        return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
