"""Copies of this process, which share some arrays with it.

A copy is made by `fork`: at once, with not a byte copied before it changes, and it knows all that
its parent knew, but for the other threads: what they held locked nobody unlocks there.
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

# Windows has no fork; after one, macOS's own libraries are of no more use.
AVAILABLE = hasattr(os, "fork") and sys.platform != "darwin"
PATIENCE = 5.0  # seconds, for a copy to say that it is there

X = TypeVar("X")
Y = TypeVar("Y")


def can_copy() -> bool:
    """Tell whether it is safe now: no thread can be within a product on many threads."""
    one_blas_thread = os.environ.get("OPENBLAS_NUM_THREADS") == "1"
    return AVAILABLE and (one_blas_thread or threading.active_count() == 1)


def shared(size: int, dtype: DTypeLike) -> NDArray[Any]:
    """Give zeros, (size,), that this process and its later copies read and write together."""
    try:
        memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    except OSError:
        raise MemoryError(f"no memory for {size:,} numbers") from None
    return np.frombuffer(memory, dtype, size)


class ProcessWorker(Generic[X, Y]):
    """A copy of this process that applies one function to what it is sent.

    Items and results go through a pipe, as bytes; the function does not. The copy ends when it is
    left; and when this process has ended, after what it does then.

    Raises:
        OSError: there can be no more processes, or the copy cannot compute.
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
        """Make the copy; no signal may find it before it has said what it hears."""
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
        """Have the function applied to an item; give what to call for the result, or its error.

        Raises:
            WorkerError: the copy is no more; from this call or from the one for the result.
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
    """Say it in words where the other end of a pipe is gone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    except (EOFError, OSError) as error:
        signal.sigtimedwait({signal.SIGPIPE}, 0)  # it would end the program without a word
        clear_frames(error.__traceback__)  # one holds a view of a buffer of its own
        raise WorkerError(
            "a worker process was ended from outside, perhaps for want of memory; "
            "close other programs and try again"
        ) from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(function: Callable[[Any], Any], pipe: "Connection") -> NoReturn:
    """Be the copy. Its parent's files, handlers and objects are not its own to use or to delete."""
    gc.freeze()
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM):  # all that one terminal started are sent these
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    own = pipe.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    pipe.send(np.ones((2, 2)) @ np.ones((2, 2)))  # it can compute
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
