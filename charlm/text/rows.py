"""Rows: files that hold many documents, one a row, as JSON lines or as Parquet.

One column of a row is its text; a row where it is null, or not there at all in Parquet, is an empty
document. Rows are read some at a time, so that memory is that of a block and of the longest row.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from charlm.errors import Remedy, TextError, UsageError
from charlm.text import parquet
from charlm.text.pieces import LINE_END, TextPieces, whole_lines
from charlm.text.sources import COMPRESSED, Source

COLUMN = "text"  # where nothing is said
NAMED = 10  # columns, at most, that an error names
_HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON can spell one, no text has it


class Format(StrEnum):
    """What a file of rows is written in."""

    JSON_LINES = "JSON lines"
    PARQUET = "Parquet"


SUFFIXES = {".jsonl": Format.JSON_LINES, ".ndjson": Format.JSON_LINES, ".parquet": Format.PARQUET}


@dataclass(frozen=True)
class RowOptions:
    """How files are told to have rows, and where the text stands in one.

    A name tells: `.jsonl`, `.ndjson`, `.parquet`. If a column is named, so does the beginning. A
    file that is to be read `as_text` has none.

    Raises:
        UsageError: both are asked for.
    """

    column: str | None = None
    as_text: bool = False

    def __post_init__(self) -> None:
        if self.as_text and self.column is not None:
            raise UsageError("a file that is read as text has no column; ask for either")

    def format_of(self, name: str, beginning: bytes) -> Format | None:
        """Return what the rows of a file are written in; None where it is plain text."""
        if self.as_text:
            return None
        if beginning.startswith(parquet.MAGIC):
            return Format.PARQUET
        if self.column is not None and beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return Format.JSON_LINES
        path = PurePosixPath(name.lower())
        while path.suffix in COMPRESSED:
            path = path.with_suffix("")
        return SUFFIXES.get(path.suffix)


@dataclass(frozen=True)
class Rows:
    """How the rows of a file are read: their format, and the column that holds the text."""

    format: Format
    column: str = COLUMN

    def of_json(self, name: str, text: TextPieces, errors: str) -> Iterator[list[str]]:
        """Yield the documents of JSON lines, some at a time; blank lines are none.

        Raises:
            TextError: a line is not JSON, or has no text; it is named.
        """
        number = 0
        for piece in whole_lines(text):
            lines = piece.removesuffix(LINE_END).split(LINE_END)
            yield [
                self.text_in(self.row_of(line, place), place, errors)
                for i, line in enumerate(lines, start=1)
                if line and not line.isspace()
                for place in (f"{name}:{number + i}",)
            ]
            number += len(lines)

    def row_of(self, line: str, place: str) -> dict[str, Any]:
        """Return a row of JSON, which has the column.

        Raises:
            TextError: the line is no such row.
        """
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TextError(f"{place}: is not JSON: {_reason(error)}") from None
        except RecursionError:
            raise TextError(f"{place}: is nested too deeply") from None
        if type(row) is not dict:
            raise TextError(f"{place}: is {_named(row)}, and not an object with a {self._column}")
        if self.column not in row:
            raise no_column(place, self.column, list(row))
        return row

    def text_in(self, row: Mapping[str, Any], place: str, errors: str = "strict") -> str:
        """Return the text of a row.

        Raises:
            TextError: it has none.
        """
        text = row[self.column]
        if text is None:
            return ""
        if type(text) is not str:
            raise TextError(f"{place}: {self._column} holds {_named(text)}, and not a text")
        if text.isascii() or not (half := _HALF.search(text)):
            return text
        if errors == "strict":
            raise TextError(
                f"{place}: {self._column} has half a character, {half[0]!r}",
                Remedy("errors", "replace"),
            )
        return _HALF.sub("\N{REPLACEMENT CHARACTER}" if errors == "replace" else "", text)

    @property
    def _column(self) -> str:
        return f"column {self.column!r}"

    def of_parquet(self, name: str, source: Source) -> Iterator[list[str]]:
        """Yield the documents of a Parquet file, some at a time.

        Raises:
            OSError: the file is damaged, or pyarrow is not installed.
            TextError: there is no such column, or it holds no texts.
        """
        self.check_parquet(name, source)
        for texts in parquet.texts(source, self.column):
            yield ["" if text is None else text for text in texts]

    def check_parquet(self, name: str, source: Source) -> None:
        """Look whether a Parquet file has the column, and texts in it.

        Raises:
            OSError, TextError: as `of_parquet`.
        """
        columns = parquet.columns(source)
        if self.column not in columns:
            raise no_column(name, self.column, list(columns))
        if not columns[self.column].holds_texts:
            raise TextError(f"{name}: {self._column} holds {columns[self.column].type}, not texts")


def no_column(place: str, column: str, there: Sequence[str]) -> TextError:
    """Return the error that a column is missing, with the names of those that are there."""
    if not there:
        return TextError(f"{place}: has no column {column!r}, and no other")
    more = f" and {len(there) - NAMED} others" if len(there) > NAMED else ""
    names = ", ".join(there[:NAMED]) + more
    return TextError(
        f"{place}: has no column {column!r}; there are {names}", Remedy("column", "NAME")
    )


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (character {error.pos + 1})"
    return str(error)


def _named(value: Any) -> str:
    """Say what a value of JSON is."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string"}
    return {**names, list: "a list", dict: "an object", type(None): "null"}[type(value)]
