"""A terminal to run commands on: a pseudo-terminal of a given size, and what was drawn there."""

import fcntl
import os
import pty
import re
import struct
import termios
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from tests.cli.forked import begin, end

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")  # what rich itself sends
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(
    *arguments: str, columns: int = 80, variables: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Run a command with its output and its errors on a terminal; give what arrived there."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", **variables}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        if name not in variables:
            environment.pop(name, None)
    process = begin(arguments, (slave, slave, slave), environment)
    os.close(slave)
    received = b""
    while piece := _read(master):
        received += piece
    os.close(master)
    end(process)
    return received.decode().replace("\r\n", "\n")


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
