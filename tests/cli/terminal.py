"""A terminal to run commands on: a pseudo-terminal of a given size, and what was drawn there."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Self

from tests.cli.forked import begin, end

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")  # what rich itself sends
ESCAPE_BUT_UP = re.compile(r"\x1b\[[0-9;?]*[B-Za-z]|\x1b[=>]")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(
    *arguments: str, columns: int = 80, variables: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Run a command with its output and its errors on a terminal; give what arrived there."""
    with Typing(*arguments, columns=columns, variables=variables) as terminal:
        terminal.type("\x04")  # what reads a terminal reads its end
        return terminal.end()


class Typing:
    """A command on a terminal, to which somebody types when they have seen what they wait for."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        variables: Mapping[str, str] = MappingProxyType({}),
    ):
        self.columns, self.received = columns, b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", **variables}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            if name not in variables:
                environment.pop(name, None)
        self._process: int | None = begin(arguments, (slave, slave, slave), environment)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            os.kill(self._process, signal.SIGKILL)
            end(self._process)
        os.close(self._master)

    @property
    def seen(self) -> str:
        """What has arrived; of a character in halves nothing."""
        return self.received.decode(errors="ignore").replace("\r\n", "\n")

    def wait_until(self, is_seen: Callable[[str], bool]) -> str:
        """Return what has arrived as soon as it is what is waited for."""
        while not is_seen(self.seen):
            piece = _read(self._master)
            assert piece, f"the command has ended, and showed {self.seen!r}"
            self.received += piece
        return self.seen

    def type(self, text: str) -> None:
        """Type, as quickly as can be."""
        os.write(self._master, text.encode())

    def end(self) -> str:
        """Return all that arrives until the command ends."""
        while piece := _read(self._master):
            self.received += piece
        assert self._process is not None
        end(self._process)
        self._process = None
        return self.received.decode().replace("\r\n", "\n")


def screen(drawn: str, columns: int) -> list[str]:
    """Return the rows of a terminal to which letters, line ends and cursor-ups have come."""
    rows, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[A|.", ESCAPE_BUT_UP.sub("", drawn), re.S):
        if token == "\x1b[A":
            row -= 1
        elif token == "\r":
            column = 0
        elif token == "\n":
            row, column = row + 1, 0
        else:
            if column + width(token) > columns:
                row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
            rows[row] = rows[row][:column] + token + rows[row][column + 1 :]
            column += width(token)
        rows += [""] * (row + 1 - len(rows))
    return rows


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def commands_in(drawn: str) -> set[str]:
    """Return the characters that command a terminal, rich's own sequences and line ends aside."""
    rest = ESCAPE.sub("", drawn)
    return {c for c in rest if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t"}


def width(line: str) -> int:
    """Count columns, by what Unicode says of each character."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in line
    )  # fmt: skip
