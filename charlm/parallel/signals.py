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


def ignore_broken_pipes() -> None:
    """Let what is sent to a process that has ended be an error, not the end of this one.

    From now on: pools write to their processes until the very end of the program.
    """
    with suppress(AttributeError, ValueError):  # on Windows; in a thread, whose program knows why
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
