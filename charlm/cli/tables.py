"""Tables, and lines of coloured pieces, drawn on standard output by rich.

Commands give plain values, texts and the names of styles; nothing in a text is markup.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich import box
from rich.cells import cell_len
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from charlm.cli.console import UNLIMITED, console, one_line

Piece: TypeAlias = tuple[str, str]  # a text and its style
Cell: TypeAlias = str | Piece


@dataclass(frozen=True)
class Column:
    """A heading, on which side the cells below it stand, and where they may break."""

    heading: str
    side: Literal["left", "right"] = "right"
    breaks: Literal["nowhere", "between words", "anywhere"] = "nowhere"

    def add_to(self, table: Table) -> None:
        """Add this column to a table."""
        table.add_column(
            self.heading,
            justify=self.side,
            no_wrap=self.breaks == "nowhere",
            overflow="fold" if self.breaks == "anywhere" else "ellipsis",
        )


def table(title: str, columns: Iterable[Column], rows: Iterable[Iterable[Cell]] = ()) -> Table:
    """Return a table with a line below its headings; an empty title is none."""
    drawn = Table(
        box=box.SIMPLE_HEAD, title=Text(one_line(title)) if title else None, title_justify="left"
    )
    for column in columns:
        column.add_to(drawn)
    for row in rows:
        drawn.add_row(*map(_drawn, row))
    return drawn


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what is known of each, side by side."""
    drawn = Table(box=None, show_header=False)
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in facts:
        drawn.add_row(name, Text(one_line(value)))
    print_table(drawn)


def print_table(table: Table, spare: int = 0) -> None:
    """Print a table on standard output, no figure of it cut.

    Where a terminal has no room for it, up to `spare` of the last columns are left out.
    """
    screen = console()
    unlimited = screen.options.update(width=max(UNLIMITED, screen.width))
    for column in table.columns:
        if column.overflow != "fold":  # which may break anywhere
            cells = (column.header, *column.cells)
            widths = [Measurement.get(screen, unlimited, cell) for cell in cells]
            column.min_width = max(w.maximum if column.no_wrap else w.minimum for w in widths)
    while (least := Measurement.get(screen, unlimited, table).minimum) > screen.width and spare:
        table.columns.pop()
        spare -= 1
    screen.width = max(screen.width, least)
    screen.print(table)


# What rich calls it; without a word it folds, and so cuts a line that may not be wrapped.
OVERFLOW: Mapping[str, Literal["ellipsis", "ignore"] | None] = {
    "wrap": None, "cut": "ellipsis", "leave": "ignore",
}  # fmt: skip


def print_lines(
    lines: Iterable[Iterable[Piece]], too_wide: Literal["wrap", "cut", "leave"] = "wrap"
) -> None:
    """Print lines of pieces; `too_wide` says what becomes of one that a terminal has no room for.

    It is wrapped between words, cut with a sign that more follows, or left as it is.
    """
    screen = console()
    for line in lines:
        screen.print(
            Text.assemble(*line),
            no_wrap=too_wide != "wrap",
            overflow=OVERFLOW[too_wide],
            crop=too_wide != "leave",
        )


def width_of(text: str) -> int:
    """Return the columns that a text takes on a terminal; Chinese takes two a character."""
    return cell_len(text)


def _drawn(cell: Cell) -> Text:
    return Text(cell) if isinstance(cell, str) else Text(*cell)
