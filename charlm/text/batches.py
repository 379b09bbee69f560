"""Documents of a corpus with what is written of each where it is kept, some at a time.

A row of JSON lines is written as it stands, byte for byte. So is a line of a plain text, each line
being a document, unless whole files are. A row of Parquet, and a whole file, become a line of JSON.
Everything is UTF-8. What is blank is no document.
"""

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from charlm.errors import Advice, TextError
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.pieces import LINE_END
from charlm.text.rows import Format, Rows

BYTES = 1 << 21  # of the lines of a batch, about
END = LINE_END.encode()
SCORE_FORMAT = ".6f"


class Row(NamedTuple):
    """A document: its text, what is written of it, and where it stands (`file` counts from 0)."""

    text: str
    line: bytes
    file: int
    number: int


@dataclass
class Batch:
    """Some documents, and how much of all files has been read with them."""

    rows: list[Row] = field(default_factory=list)
    bad: int = 0  # rows that were passed over
    read: int = 0  # bytes


@dataclass(frozen=True)
class Reading:
    """How documents are read from files.

    With `whole` a plain file is one. With `skip_bad` rows that cannot be read are passed over and
    counted. `new_field` is a field that no row may have yet.
    """

    whole: bool = False
    skip_bad: bool = False
    new_field: str | None = None

    def batches(self, documents: Sequence[Document]) -> Iterator[Batch]:
        """Yield all documents in order.

        Raises:
            TextError: a file or a row cannot be read.
        """
        batch, before, size = Batch(), 0, 0
        for i, document in enumerate(documents):
            for part in self._of(i, document):
                batch.rows += part.rows
                batch.bad += part.bad
                batch.read = before + part.read
                size += sum(len(row.line) for row in part.rows)
                if size >= BYTES:
                    yield batch
                    batch, size = Batch(read=batch.read), 0
            before += document.size
        yield batch

    def _of(self, file: int, document: Document) -> Iterator[Batch]:
        rows = document.rows
        if rows is None:
            return self._whole(file, document) if self.whole else self._lines(file, document, None)
        if rows.format is Format.PARQUET:
            return self._parquet(file, document, rows)
        return self._lines(file, document, rows)

    def _lines(self, file: int, document: Document, rows: Rows | None) -> Iterator[Batch]:
        """Yield the lines of a file, each a document or, of JSON, the row of one."""
        number = 0
        for data, read in _whole_lines(document):
            if number == 0 and rows is None:
                document.refuse_foreign(data)
            lines = data.split(END)
            texts = _decoded(data.removeprefix(codecs.BOM_UTF8) if number == 0 else data)
            batch = Batch(read=read)
            for i, line in enumerate(lines):
                number += 1
                if not line or line.isspace():
                    continue
                place = f"{document.name}:{number}"
                text = None if texts is None else texts[i]
                read_one = partial(self._text_of_line, text, line, place, rows)
                self._take(batch, read_one, line + END, file, number)
            number -= data.endswith(END)  # what follows the last line end is no line
            yield batch

    def _text_of_line(self, text: str | None, line: bytes, place: str, rows: Rows | None) -> str:
        if text is None:
            text = _decoded_line(line, place)
        if rows is None:
            return text.removesuffix("\r")
        row = rows.row_of(text, place)
        self._refuse_field(row, place)
        return rows.text_in(row, place)

    def _parquet(self, file: int, document: Document, rows: Rows) -> Iterator[Batch]:
        number = 0
        for part in document.record_batches():
            batch = Batch(read=document.size)
            for row in part.to_pylist():
                number += 1
                place = f"{document.name}, row {number}"
                self._refuse_field(row, place)
                text = row[rows.column] or ""
                self._take(batch, lambda text=text: text, _json(row), file, number)  # type: ignore[misc]
            yield batch

    def _whole(self, file: int, document: Document) -> Iterator[Batch]:
        batch = Batch(read=document.size)
        self._take(batch, partial(document.text, units.get("char")), b"", file, 1)
        batch.rows = [
            row._replace(line=_json({"file": document.name, "text": row.text}))
            for row in batch.rows
            if row.text
        ]
        yield batch

    def _take(
        self, batch: Batch, read: Callable[[], str], line: bytes, file: int, number: int
    ) -> None:
        """Add a document, or count it as bad."""
        try:
            batch.rows.append(Row(read(), line, file, number))
        except TextError as error:
            if not self.skip_bad:
                raise TextError(error.message, Advice.SKIP_BAD) from None
            batch.bad += 1

    def _refuse_field(self, row: dict[str, Any], place: str) -> None:
        if self.new_field is not None and self.new_field in row:
            raise TextError(f"{place}: has a field {self.new_field!r} already; choose another name")


def with_field(line: bytes, name: str, value: float) -> bytes:
    """Return a line of JSON with one field more, at its end; the rest stays as it is."""
    body = line.rstrip()
    shown = f"{value:{SCORE_FORMAT}}" if abs(value) < float("inf") else "null"
    added = f", {json.dumps(name, ensure_ascii=False)}: {shown}}}".encode()
    return body.removesuffix(b"}") + added + line[len(body) :]


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode() + END


def _whole_lines(document: Document) -> Iterator[tuple[bytes, int]]:
    """Yield whole lines, some at a time, and how much of the file has been read."""
    read, waiting = 0, [b""]

    def seen(place: int) -> None:
        nonlocal read
        read = place

    for block in document.blocks(seen):
        end = block.rfind(END) + 1
        if not end:
            waiting.append(block)
            continue
        yield b"".join([*waiting, block[:end]]), read
        waiting = [block[end:]]
    if any(waiting):
        yield b"".join(waiting), read


def _decoded(data: bytes) -> list[str] | None:
    """Return lines as text; None where one of them is not UTF-8."""
    try:
        return data.decode().split(LINE_END)
    except UnicodeDecodeError:
        return None


def _decoded_line(line: bytes, place: str) -> str:
    try:
        return line.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise TextError(f"{place}: is not valid UTF-8 (byte {error.start} of the line)") from None
