"""Everything that is said on a terminal: notes, prose, progress, JSON, text made safe to show."""

import codecs
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from charlm.cli import shell
from charlm.cli.colours import colours_of
from charlm.cli.progress_lines import ProgressLines, in_bits
from charlm.cli.settings import settings
from charlm.progress import Progress, Report, silent
from charlm.text.escaping import visible, visible_json

if TYPE_CHECKING:  # rich takes 30 ms to import, and notes need none of it
    from rich.console import Console

UNLIMITED = 200  # columns of a pipe or a file
CONTINUED = "  "  # begins the rest of a line that is too wide
DOTTED_CIRCLE = "◌"  # what a combining mark stands on where it stands alone


def say(message: str) -> None:
    """Print a line for the user on standard error, unless they asked for quiet."""
    if not settings().quiet:
        _tell(message)


def say_next(command: str, path: Path) -> None:
    """Say what may be typed next, so that a shell understands it."""
    say(f"Next: {shell.line(['charlm', command, shell.file_name(str(path))])}")


def warn(message: str) -> None:
    """Print what the user must not miss."""
    _tell(f"Warning: {message}")


def complain(message: str) -> None:
    """Print what went wrong."""
    _tell(f"Error: {message}")


def _tell(message: str) -> None:
    with suppress(OSError):  # no work is lost because a note cannot be written
        print(one_line(message), file=sys.stderr)  # noqa: T201


def one_line(message: str) -> str:
    """Make a message safe to show, and one line whatever is in it."""
    return visible(message, but="\t")


def shown_symbol(symbol: str) -> str:
    """Make a symbol of a text visible: blanks in quotes, control characters escaped."""
    if not symbol.strip() or not symbol.isprintable():
        return visible(repr(symbol))
    return DOTTED_CIRCLE + symbol if unicodedata.category(symbol[0])[0] == "M" else symbol


def print_prose(text: str) -> None:
    """Print lines on standard output; a terminal has them cut between words, or after a bar."""
    width = console().width if sys.stdout.isatty() else inf
    for line in text.split("\n"):
        for part in _folded(line, width):
            print(part)  # noqa: T201


def _folded(line: str, width: float) -> Iterator[str]:
    from rich.cells import cell_len

    row = ""
    for word in re.findall(r"[^ |]*(?:[ |]+|$)", line):
        if row.strip() and cell_len(row + word.rstrip(" ")) > width:
            yield row.rstrip(" ")
            row = CONTINUED
        row += word
    yield row


def to_json(figures: Any, indent: int | None = None) -> str:
    """Return figures as JSON that every terminal and encoding bears."""
    ascii_only = codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"
    return visible_json(json.dumps(figures, ensure_ascii=ascii_only, indent=indent))


def text_writer(encoding: str | None) -> Callable[[str], None]:
    """Return a function that writes text to standard output.

    Into a pipe or file go raw bytes; on a terminal what would command it is escaped, and each
    piece is shown at once. `encoding` is that of a unit whose text stands for bytes, else None.
    """
    if not sys.stdout.isatty():
        return lambda text: _write_bytes(text.encode(encoding or "utf-8", "replace"))
    shown = shown_text(encoding)
    return lambda text: write_shown(shown(text))


def shown_text(encoding: str | None) -> Callable[[str], str]:
    """Return a function that makes a text, piece after piece, fit to be shown on a terminal.

    Bytes of a character that is not yet whole wait for the next piece.
    """
    fit = partial(visible, but="\n\t")
    if encoding is None:
        return fit
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda text: fit(decoder.decode(text.encode(encoding)))


def write_shown(text: str) -> None:
    """Write text that is fit for a terminal."""
    sys.stdout.write(text)
    sys.stdout.flush()


def _write_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)


def is_watched() -> bool:
    """Tell whether somebody looks at a terminal and wants to see progress."""
    return sys.stderr.isatty() and not settings().quiet


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Return a callback that tells progress and time left: a bar on a terminal, lines elsewhere."""
    if not is_watched():
        yield unwatched()
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description:>10}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.fields[figures]}", markup=False),
    )
    with bars.Progress(*columns, console=console(sys.stderr), transient=True) as display:
        tasks: dict[str, bars.TaskID] = {}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = display.add_task(progress.stage, figures="")
            display.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total,
                figures=in_bits(progress.figures),
            )

        yield report


def unwatched() -> Report:
    """Return a callback that says progress in lines, unless quiet was asked for."""
    return silent if settings().quiet else ProgressLines(say, verbose=settings().verbose)


def console(stream: IO[str] | None = None) -> "Console":
    """Return rich's view of a stream, standard output if none is given."""
    from rich.console import Console

    stream = stream or sys.stdout
    limited = stream.isatty() or "COLUMNS" in os.environ
    return Console(
        stderr=stream is sys.stderr,
        color_system=(colours := colours_of(stream)),
        no_color=colours is None,  # else rich asks NO_COLOR, which --color always overrules
        markup=False,
        emoji=False,
        highlight=False,
        width=None if limited else UNLIMITED,
    )
