"""Worker processes: copies of this process, which share some arrays with it.

A copy is made by `fork`. That is quick, since memory is copied only when one of the two changes it,
and the copy has all data of its parent. It does not have its parent's other threads: a lock that
one of them holds at that moment is never released in the copy.
"""

import gc
import mmap
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from traceback import clear_frames
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from charlm.errors import WorkerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Windows has no fork. On macOS the system's libraries may fail after one.
AVAILABLE = hasattr(os, "fork") and sys.platform != "darwin"
PATIENCE = 5.0  # seconds to wait for a copy's first answer

X = TypeVar("X")
Y = TypeVar("Y")


def can_copy() -> bool:
    """Tell whether a fork is safe now: no product can be running on several threads of BLAS."""
    one_blas_thread = os.environ.get("OPENBLAS_NUM_THREADS") == "1"
    return AVAILABLE and (one_blas_thread or threading.active_count() == 1)


def shared(size: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return zeros, (size,), in memory that this process shares with its later copies."""
    try:
        memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    except OSError:
        raise MemoryError(f"no memory for {size:,} numbers") from None
    return np.frombuffer(memory, dtype, size)


class ProcessWorker(Generic[X, Y]):
    """A copy of this process that applies one function to what it is sent.

    Items and results go through a pipe as bytes. The function does not: the copy has it
    already. The copy ends when `leave` is called. If this process ends without that, the copy
    finishes the item in hand and then ends too.

    Raises:
        OSError: the system allows no more processes, or the copy cannot compute.
    """

    def __init__(self, function: Callable[[X], Y]):
        from multiprocessing.connection import Pipe  # slow to import

        self._pipe, end = Pipe()
        self._process: int | None = None
        try:
            self._fork(function, end)
            if not self._pipe.poll(PATIENCE):
                raise ChildProcessError("the copy of the process does not answer")
            self._pipe.recv()
        except EOFError:
            self.leave()
            raise ChildProcessError("the copy of the process has ended at once") from None
        except BaseException:
            self.leave()
            raise

    def _fork(self, function: Callable[[X], Y], end: "Connection") -> None:
        """Fork. Signals are held back until the copy has chosen how to handle them."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._process = os.fork()
            if not self._process:
                try:
                    _serve(function, end)
                finally:
                    os._exit(1)
            end.close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def submit(self, item: X) -> Callable[[], Y]:
        """Start work on an item; return a function that waits for the result, or raises its error.

        Raises:
            WorkerError: the copy was ended from outside; in this call or in that for the result.
        """
        with _alive():
            self._pipe.send((np.geterr(), item))

        def result() -> Y:
            with _alive():
                value, error = self._pipe.recv()
            if error is not None:
                raise error
            return value  # type: ignore[no-any-return]

        return result

    def leave(self) -> None:
        """End the copy, whatever it does now."""
        self._pipe.close()
        if self._process is not None:
            process, self._process = self._process, None
            with suppress(ProcessLookupError, ChildProcessError):  # its end was noticed elsewhere
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


@contextmanager
def _alive() -> Iterator[None]:
    """Raise a `WorkerError` if the process at the other end of the pipe has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    except (EOFError, OSError) as error:
        signal.sigtimedwait({signal.SIGPIPE}, 0)  # else it would end this program silently
        clear_frames(error.__traceback__)  # a frame holds a buffer's view, which keeps it open
        raise WorkerError(
            "a worker process was ended from outside, perhaps for want of memory; "
            "close other programs and try again"
        ) from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(function: Callable[[Any], Any], pipe: "Connection") -> NoReturn:
    """Run in the copy: answer items for ever.

    The copy must neither use nor clean up what belongs to its parent: files, signal handlers and
    objects.
    """
    gc.freeze()
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM):  # the terminal sends them to the copy too
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    own = pipe.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    pipe.send(np.ones((2, 2)) @ np.ones((2, 2)))  # proof that it can compute
    while True:
        errors, item = pipe.recv()
        try:
            with np.errstate(**errors):
                answer: tuple[Any, BaseException | None] = function(item), None
        except Exception as error:
            answer = None, error
        try:
            pipe.send(answer)
        except OSError:
            raise
        except Exception as error:
            pipe.send((None, WorkerError(f"a worker's result cannot be handed over: {error}")))
