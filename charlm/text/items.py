"""Items of an experiment: a table, one text in each row, and what else the row says of it.

Python's csv reads it, so that a text may hold commas, quotation marks and line ends. Cells are
divided by commas; by tabs in a file that ends in .tsv; by semicolons, as spreadsheets of some
countries do it, where the headings show that.
"""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from charlm.errors import TextError, UsageError
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.decoding import UTF_8, Decoding
from charlm.text.sources import COMPRESSED

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Item:
    """What a row is called, its text, and its other cells."""

    name: str
    text: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """The headings of the other cells, and the items in order."""

    others: tuple[str, ...]
    items: tuple[Item, ...]


def read_items(
    document: Document, text_column: str, id_column: str | None = None, decoding: Decoding = UTF_8
) -> Items:
    """Read a table; without a column of names, items are called by their number, from 1.

    Raises:
        TextError: it is no such table: it is empty, or a row has more or fewer cells than headings.
        UsageError: a column is missing, or there are two of that name.
    """
    wanted = [text_column, *([id_column] if id_column is not None else [])]
    text = document.text(units.get("char"), decoding.encoding, decoding.errors)
    headings, rows = _table(document.name, text, wanted)
    for column in wanted:
        _check(document.name, column, headings)
    at, named = headings.index(text_column), headings.index(id_column) if id_column else None
    kept = [i for i in range(len(headings)) if i not in (at, named)]
    items = tuple(
        Item(str(number) if named is None else row[named], row[at], tuple(row[i] for i in kept))
        for number, row in enumerate(rows, 1)
    )
    return Items(tuple(headings[i] for i in kept), items)


def _check(name: str, column: str, headings: Sequence[str]) -> None:
    if headings.count(column) == 1:
        return
    if column in headings:
        raise UsageError(f"{name}: has {headings.count(column)} columns called {column!r}")
    close = get_close_matches(column, headings, 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise UsageError(
        f"{name}: has no column {column!r}, only {', '.join(map(repr, headings))}{meant}"
    )


def _table(name: str, text: str, wanted: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows, by the separator that gives all columns that are wanted."""
    own = "\t" if _suffix(name) == ".tsv" else ","
    separator, headings = own, _headings(name, text, own)
    if not headings:
        raise TextError(f"{name}: is empty, and has no headings")
    if not set(wanted) <= set(headings):
        for other in _SEPARATORS:
            with suppress(TextError):
                if set(wanted) <= set(found := _headings(name, text, other)):
                    separator, headings = other, found
    return headings, list(_body(name, text, separator, len(headings)))


def _headings(name: str, text: str, separator: str) -> list[str]:
    return next(_rows(name, text, separator), (0, []))[1]


def _body(name: str, text: str, separator: str, width: int) -> Iterator[list[str]]:
    rows = _rows(name, text, separator)
    next(rows)
    for line, row in rows:
        if len(row) != width:
            raise TextError(
                f"{name}: the row that ends on line {line} has {len(row)} cells, "
                f"and there are {width} headings"
            )
        yield row


def _rows(name: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank, and the line on which each ends."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise TextError(f"{name}: line {reader.line_num} is no row of CSV: {error}") from None


def _suffix(name: str) -> str:
    """Return how the name ends, without the ending of a compressed file."""
    path = Path(name)
    return (path.with_suffix("") if path.suffix in COMPRESSED else path).suffix.lower()
