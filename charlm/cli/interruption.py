"""Ctrl-C and SIGTERM: during training once to stop in good order, twice to leave at once.

Elsewhere both end the program where it is, but not without taking away what is half done.
"""

import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from charlm.cli.console import complain, say

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHELL = 128  # plus the signal's number: the exit code of what a signal ended


def heed_termination() -> None:
    """Have SIGTERM end the program by an exception, as Ctrl-C does, unless it is ignored."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    with suppress(RuntimeError):  # in the middle of another line
        complain("terminated")
    raise SystemExit(SHELL + number)


class Interruption:
    """Notes the first signal, in `code`; the second ends the program where it is."""

    def __init__(self) -> None:
        self.code: int | None = None

    def __enter__(self) -> Self:
        heard = [s for s in SIGNALS if signal.getsignal(s) is not signal.SIG_IGN]  # not nohup's
        self._before = {s: signal.signal(s, self._receive) for s in heard}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        code = SHELL + number
        if self.code is not None:
            raise SystemExit(code)
        self.code = code
        with suppress(RuntimeError):  # in the middle of another line
            say("Stopping after this step; again to leave at once.")
