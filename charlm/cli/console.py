"""Everything that is drawn on a terminal: progress, tables, and text made safe to show."""

import codecs
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from charlm.progress import Progress, Report, silent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

UNLIMITED = 200  # columns of a pipe or a file
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def say(message: str) -> None:
    """Print a line for the user on standard error."""
    print(printable(message), file=sys.stderr)  # noqa: T201


def printable(text: str) -> str:
    """Escape control and direction characters, all but newline and tab."""
    return "".join(
        repr(c)[1:-1] if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160
        else f"\\u{ord(c):04x}" if ord(c) in _BIDI
        else c
        for c in text
    )  # fmt: skip


def one_line(message: str) -> str:
    """Make a message safe to show, and one line whatever is in it."""
    return printable(message).replace("\n", "\\n")


def text_writer(encoding: str | None) -> Callable[[str], None]:
    """Give a function that writes text to standard output.

    Into a pipe or file go raw bytes; on a terminal what would command it is escaped, and each
    piece is shown at once. `encoding` is that of a unit whose text stands for bytes, else None.
    """
    if not sys.stdout.isatty():
        return lambda text: _write_bytes(text.encode(encoding or "utf-8", "replace"))
    shown = shown_text(encoding)
    return lambda text: write_shown(shown(text))


def shown_text(encoding: str | None) -> Callable[[str], str]:
    """Give a function that makes a text, piece after piece, fit to be shown on a terminal.

    Bytes of a character that is not yet whole wait for the next piece.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda text: printable(decoder.decode(text.encode(encoding)) if encoding else text)


def write_shown(text: str) -> None:
    """Write text that is fit for a terminal."""
    sys.stdout.write(text)
    sys.stdout.flush()


def _write_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Give a callback that draws progress and time left, where a terminal is watching."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description:>10}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.fields[figures]}", markup=False),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as display:
        tasks: dict[str, bars.TaskID] = {}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = display.add_task(progress.stage, figures="")
            display.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total,
                figures=_figures(progress.figures),
            )

        yield report


def _figures(figures: Mapping[str, float]) -> str:
    shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
    return f"{shown} bits" if shown else ""


def print_table(table: "Table") -> None:
    """Print a table on standard output, never cut where no terminal limits it."""
    console().print(table)


def console() -> "Console":
    """Give rich's view of standard output."""
    from rich.console import Console

    limited = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if limited else UNLIMITED)
