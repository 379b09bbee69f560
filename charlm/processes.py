"""Copies of this process, which share some arrays with it.

A copy is made by `fork`: at once, with not a byte copied before it changes, and it knows all that
its parent knew. Where forking is unknown, or unsafe with the system's own libraries (macOS),
`AVAILABLE` says so.
"""

import gc
import mmap
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe
from typing import Any, Generic, NoReturn, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from charlm.errors import WorkerError

AVAILABLE = hasattr(os, "fork") and sys.platform != "darwin"
HEARD = (signal.SIGINT, signal.SIGTERM)  # by all that were started from one terminal
PATIENCE = 5.0  # seconds, for a copy to say that it is there

X = TypeVar("X")
Y = TypeVar("Y")


def shared(size: int, dtype: DTypeLike) -> NDArray[Any]:
    """Give zeros, (size,), that this process and its later copies read and write together."""
    return np.frombuffer(mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize)), dtype, size)


class Copy(Generic[X, Y]):
    """A copy of this process that applies one function to what it is sent.

    Items and results go through a pipe, as bytes; the function does not. The copy ends when it is
    left, and whenever this process does.

    Raises:
        OSError: there can be no more processes, or the copy cannot compute: when it was made,
            another thread held a lock, which nobody gives back there.
    """

    def __init__(self, function: Callable[[X], Y]):
        self._pipe, end = Pipe()
        # No signal may find the copy before it has said that it hears none.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        try:
            with warnings.catch_warnings():  # of threads, which the copy does without
                warnings.simplefilter("ignore", DeprecationWarning)
                self._process = os.fork()
            if not self._process:
                _serve(function, end)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        end.close()
        if not self._pipe.poll(PATIENCE):
            self.leave()
            raise ChildProcessError("the copy of the process does not answer")
        self._pipe.recv()

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
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


@contextmanager
def _alive() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError):
        raise WorkerError(
            "a worker process was ended from outside, perhaps for want of memory; "
            "make room, or use fewer threads"
        ) from None


def _serve(function: Callable[[Any], Any], pipe: Connection) -> NoReturn:
    """Be the copy. Its parent's files, locks and objects are not its own to close or to delete."""
    try:
        for number in HEARD:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        gc.disable()
        own = pipe.fileno()
        os.closerange(0, own)
        os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
        pipe.send(np.ones((2, 2)) @ np.ones((2, 2)))  # it can compute
        while True:
            answer: tuple[Any, BaseException | None]
            errors, item = pipe.recv()
            try:
                with np.errstate(**errors):
                    answer = function(item), None
            except Exception as error:
                answer = None, error
            pipe.send(answer)
    except (EOFError, OSError):  # the parent has ended
        pass
    finally:
        os._exit(0)
