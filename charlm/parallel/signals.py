"""Signals while others work: Ctrl-C is for this process, and a broken pipe is an error like any."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker


@contextmanager
def no_interruption() -> Iterator[None]:
    """Hold Ctrl-C back; processes and threads that are started here never hear it.

    A terminal sends it to all processes, and it is for this one to end the others.
    """
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover
        yield
        return
    resource_tracker.ensure_running()  # which would else let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def no_broken_pipe() -> Iterator[None]:
    """Let what is sent to a process that has ended be an error, not the end of this one."""
    if not hasattr(signal, "SIGPIPE"):  # pragma: no cover
        yield
        return
    before = None
    with suppress(ValueError):  # in a thread: who set the signal knows why
        before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGPIPE, before)
