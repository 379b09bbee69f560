r"""Tables for programs, as CSV or separated by tabs, and where they and other rows of data go.

In CSV (RFC 4180) a cell is the text itself, quoted where it must be, over several lines if need be;
only bytes that are no UTF-8 are written as \xNN. In TSV a row is always one line, so that `sort`,
`grep` and `tail` can work on it: what cannot stand on a line, and the backslash, is escaped as in
Python (`text/escaping.py`), and a cell that holds a quotation mark is quoted, the mark doubled,
since pandas, R and Python's csv take a bare one for the beginning of a quoted cell and read on over
the ends of rows. Both are written by Python's csv.
"""

import csv
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import click

from charlm.cli.asked import JSON_SUFFIXES, Asked
from charlm.cli.console import say, text_writer, to_json
from charlm.cli.files import STANDARD_OUTPUT, check_output, refuse_other_formats
from charlm.files.replacing import Kind, beginning
from charlm.files.writing import write_atomically
from charlm.text.escaping import escaped, escaped_bytes

REMEMBERED = 1 << 16  # cells whose writing is not done twice

Row: TypeAlias = Iterable[Any]


class _Line:
    """Returns what is written to it, which is what `csv.writer` returns then."""

    def write(self, line: str) -> str:
        return line


@dataclass(frozen=True)
class Sheet:
    """A way to write tables: what separates cells, what ends rows, and how a text is written."""

    suffix: str
    separator: str
    line_end: str
    written: Callable[[str], str]

    def lines(self, rows: Iterable[Row], numbers: Collection[str] = ()) -> Iterator[str]:
        """Return each row as it stands in a file, the headings first.

        Only texts among the cells are altered. Columns of these names hold `numbers`: nothing is
        looked for in them, which saves a third of the time where there are many rows.
        """
        write = csv.writer(_Line(), delimiter=self.separator, lineterminator=self.line_end).writerow
        text = lru_cache(REMEMBERED)(self.written)
        headings = list(next(body := iter(rows)))
        yield write([text(heading) for heading in headings])
        texts = [i for i, heading in enumerate(headings) if heading not in numbers]
        for row in body:
            cells = list(row)
            for i in texts:
                if type(cells[i]) is str:
                    cells[i] = text(cells[i])
            yield write(cells)


TSV = Sheet(".tsv", "\t", "\n", escaped)
CSV = Sheet(".csv", ",", "\r\n", escaped_bytes)
SHEETS = {sheet.suffix: sheet for sheet in (TSV, CSV)}

# How tables and data of charlm begin, whichever command wrote them.
_BEGINNINGS = (
    ("offset", "line", "column"), ("text", "offset", "line"), ("model", "text", "offset"),
    ("model", "offset", "line"), ("model", "item", "number"), ("rank", "line"), ("rank", "text"),
    ("line", "best", "margin_bits"), ("model", "lines", "share"), ("model", "text", "kind"),
    ("model", "lag", "norm"), ("pattern", "cell"), ("part", "symbol", "unknown"),
    ("model", "sample", "prompt"), ("symbol", "next"), ("t", "quantity"),
)  # fmt: skip
_TABLE = re.compile("|".join("[,\t]".join(names) for names in _BEGINNINGS))
_DATA = re.compile(r'\{\s*"schema": \d')


def _is_table(path: Path) -> bool:
    start = beginning(path).decode(errors="replace")
    return bool(_TABLE.match(start) or _DATA.match(start))


TABLE = Kind("a table that charlm wrote", _is_table)


@dataclass(frozen=True)
class Output:
    """Where a command's data go, and as what; where nothing tells, a table is TSV."""

    asked: Asked
    kind: Kind | None = TABLE

    @property
    def is_data(self) -> bool:
        """Whether data go out: they were asked for, or nobody looks at a terminal."""
        return self.asked.is_given or not sys.stdout.isatty()

    @property
    def is_json(self) -> bool:
        """Whether objects of JSON are wanted."""
        return self.asked.is_json

    @property
    def is_asked_for(self) -> bool:
        """Whether data were asked for."""
        return self.asked.is_given

    @property
    def sheet(self) -> Sheet:
        """How tables are written."""
        return CSV if self.asked.as_csv else SHEETS.get(self.asked.suffix, TSV)

    def check(self, *inputs: str) -> None:
        """Refuse what cannot be written as it is asked for.

        Raises:
            UsageError: the file is read, or its name promises another format.
            OutputError: a file of another kind stands there.
        """
        asked, path = self.asked, self.asked.output
        if asked.as_csv and asked.as_json:
            raise click.UsageError("--csv and --json are two formats; choose one.")
        if path is None:
            return
        suffixes: tuple[str, ...] = (TSV.suffix, CSV.suffix, ".txt", *JSON_SUFFIXES)
        if asked.as_csv or asked.as_json:
            suffixes = (CSV.suffix,) if asked.as_csv else JSON_SUFFIXES
        refuse_other_formats(path, suffixes)
        check_output(path, self.kind, *inputs, force=asked.force)

    def table(
        self, rows: Iterable[Row], numbers: Collection[str] = (), *, flush: bool = False
    ) -> None:
        """Write a table, its headings first; see `Sheet.lines`, and `lines` below."""
        self.lines(self.sheet.lines(rows, numbers), flush=flush)

    def json(self, figures: Any) -> None:
        """Write all figures as one object of JSON."""
        self.lines([to_json(figures, indent=2) + "\n"])

    def lines(self, lines: Iterable[str], *, flush: bool = False) -> None:
        """Write lines, to a file whole or not at all; with `flush` each is seen at once."""
        path = self.asked.output
        if path is None or path == STANDARD_OUTPUT:
            write, on_terminal = text_writer(None), sys.stdout.isatty()
            for line in lines:
                write(line.removesuffix("\r\n") + "\n" if on_terminal else line)
                if flush:
                    sys.stdout.flush()
        else:
            write_atomically(path, (line.encode(errors="replace") for line in lines))
            say_written(path)


def say_written(path: str) -> None:
    """Say that a file was written, and how large it is."""
    if Path(path).is_file():
        size = Path(path).stat().st_size
        shown = f"{size / 1e6:z.1f} MB" if size >= 1e5 else f"{size:,} bytes"
        say(f"Wrote {path} ({shown}).")
