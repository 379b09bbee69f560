"""Everything that is drawn on a terminal: progress, tables, and text made safe to show."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from charlm.progress import Progress, Report, silent

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


def write_text(text: str, encoding: str = "utf-8") -> None:
    """Write to standard output: escaped on a terminal, raw bytes into a pipe or file."""
    if sys.stdout.isatty():
        sys.stdout.write(printable(text))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(encoding, "surrogatepass"))
    sys.stdout.flush()


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


def print_table(table: Any, file: IO[str] | None = None) -> None:
    """Print something drawn by rich on standard output."""
    from rich.console import Console

    Console(file=file, highlight=False).print(table)
