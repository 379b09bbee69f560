"""Reading texts: bytes and then, strictly, text, in pieces and as often as wanted.

A document is bytes, decompressed; the unit says how they become text (`byte` takes any bytes). A
file of rows holds many texts, which stand in its pieces one after the other, each behind a mark
(`pieces.py`). Memory is that of a block, however long the document is. Line ends are kept as they
are. Nothing here knows of ids or models.
"""

import codecs
import hashlib
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from charlm.errors import Remedy, TextError, UsageError
from charlm.files import foreign
from charlm.text import encodings, naming, parquet, sources
from charlm.text.pieces import DOCUMENT, documents_of
from charlm.text.remote import RemoteFile
from charlm.text.rows import COLUMN, Format, RowOptions, Rows
from charlm.text.sources import STANDARD_INPUT, Source
from charlm.text.units import Unit

BLOCK_BYTES = 1 << 20  # bytes read at once; no fewer than a byte order mark has
ERRORS = ("strict", "replace", "ignore")
FEW_NULS = 8  # so many NULs are characters like any others
SNIFFED = 8192  # characters from which a file that is not a text is recognised

# A file that begins like this and is not valid UTF-8 is not a text, or is in another encoding.
_FOREIGN = {
    b"PK\x03\x04": "is a zip archive, office document or e-book; unpack it, or save it as text",
    b"%PDF": "is a PDF; save it as text",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NO_ROW_OPTIONS = RowOptions()
_CONVERTED = "a copy of it in UTF-8"  # where a command cannot be told the encoding

Seen: TypeAlias = Callable[[int], object]  # is told how many bytes of the source were read
Note: TypeAlias = Callable[[str], object]  # is told in a line what is worth knowing of a text


def nothing(told: object) -> None:
    """Ignore how much was read, or what is worth knowing; the default everywhere."""


class Fingerprint(NamedTuple):
    """SHA-256 and length of a text's bytes: what a model remembers of texts."""

    sha256: str
    bytes: int


@dataclass(eq=False)
class Document:
    """One text, or rows with many: its name for messages, and where its bytes come from."""

    name: str
    source: Source
    note: Note = nothing
    rows: Rows | None = None
    ends_lines_in_crlf: bool = field(default=False, init=False, repr=False)  # once it was decoded
    _marked: bool = field(default=False, init=False, repr=False)
    _fingerprint: Fingerprint | None = field(default=None, init=False, repr=False)

    def blocks(self, seen: Seen = nothing) -> Iterator[bytes]:
        """Return the bytes, decompressed, some at a time.

        Raises:
            TextError: the file cannot be read, is damaged, or has changed since it was last read.
        """
        digest, length = hashlib.sha256(), 0
        with sources.naming(self.name), sources.opened(self.source) as (file, below):
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                length += len(block)
                seen(below.tell())
                yield block
        self.remember(Fingerprint(digest.hexdigest(), length))

    def remember(self, fingerprint: Fingerprint) -> None:
        """Take the fingerprint of all bytes, from whoever has read them.

        Raises:
            TextError: it was another before.
        """
        if self._fingerprint not in (None, fingerprint):
            raise TextError(f"{self.name}: has changed while it was read; start again")
        self._fingerprint = fingerprint

    def beginning(self, length: int) -> bytes:
        """Return the first bytes, decompressed; none where they cannot be read."""
        return sources.beginning_of(self.source, length)

    def refuse_foreign(self, beginning: bytes) -> None:
        """Refuse what begins like a model of any tool.

        Raises:
            TextError: it does.
        """
        found = foreign.where_a_text_is_wanted(beginning) or foreign.language_model(beginning)
        if found:
            raise TextError(f"{self.name}: {found}")

    @property
    def data(self) -> bytes:
        """All bytes."""
        return b"".join(self.blocks())

    @property
    def size(self) -> int:
        """What `seen` counts up to."""
        with sources.naming(self.name):
            return sources.size(self.source)

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the bytes; costs nothing where they were read before."""
        if self._fingerprint is None:
            for _ in self.blocks():
                pass
        assert self._fingerprint is not None
        return self._fingerprint

    @property
    def sha256(self) -> str:
        """By this a model remembers what it was trained on."""
        return self.fingerprint.sha256

    def text(self, unit: Unit, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return all `pieces` as one string, those of rows without what parts them."""
        return "".join(self.texts(unit, encoding, errors))

    def texts(self, unit: Unit, encoding: str = "utf-8", errors: str = "strict") -> Iterator[str]:
        """Yield the texts: one, or that of each row.

        Raises:
            TextError, UsageError: as `pieces`.
        """
        texts = documents_of(self.pieces(unit, encoding, errors))
        if self.rows is not None:
            next(texts)  # what stands before the first mark: nothing
        return texts

    def pieces(
        self,
        unit: Unit,
        encoding: str = "utf-8",
        errors: str = "strict",
        seen: Seen = nothing,
    ) -> Iterator[str]:
        """Decode as the unit wants it; a `TextError` names the byte and the line that fail.

        Raises:
            TextError: the bytes are not valid in the encoding, or plainly no text.
            UsageError: there is no such encoding.
        """
        if self.rows is not None:
            typed = unit.from_typed
            batches = self._rows(self.rows, encoding, errors, seen)
            marked = ("".join(DOCUMENT + typed(text) for text in batch) for batch in batches)
            return self._sniffed(marked)
        if unit.encoding is not None:
            if (encoding.lower(), errors) != ("utf-8", "strict"):
                raise UsageError("the byte unit reads bytes as they are: no encoding, no errors")
            return (block.decode(unit.encoding) for block in self.blocks(seen))
        return self._sniffed(self._decoded(encoding, errors, seen))

    def lines(self, unit: Unit, encoding: str, errors: str) -> Iterator[bytes]:
        """Yield a file of lines that is no running text, in UTF-8, or as it is for bytes.

        Raises:
            TextError, UsageError: as `pieces`.
        """
        if unit.encoding is not None:
            return (piece.encode(unit.encoding) for piece in self.pieces(unit, encoding, errors))
        return (piece.encode() for piece in self._decoded(encoding, errors, nothing))

    def _decoded(self, encoding: str, errors: str, seen: Seen) -> Iterator[str]:
        if errors not in ERRORS:
            raise UsageError(f"unknown error handler {errors!r}; there are {', '.join(ERRORS)}")
        blocks = self.blocks(seen)
        first = next(blocks, b"")
        if found := foreign.where_a_text_is_wanted(first):
            raise TextError(f"{self.name}: {found}")
        decoder, mark = encodings.decoder(encoding, errors, first)
        if mark and not self._marked:
            self._marked = True  # once is enough
            self.note(f"{self.name}: the byte order mark is left out.")
        length = 0
        try:
            for block in chain([first], blocks):
                text = block if length else block.removeprefix(mark)
                length += len(block)
                yield decoder.decode(text)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            if other := _other_format(first, encoding):
                raise other.about(self.name) from None
            # What the decoder looked at ends with the block; it may begin in one before.
            place = length - len(error.object) + error.start
            raise TextError(
                f"{self.name}: byte {place} (line {self._line(place)}) is not valid {encoding}",
                Remedy("encoding", "NAME"),
                Remedy("errors", "replace"),
                Remedy("unit", "byte"),
                _CONVERTED,
            ) from None

    def _rows(self, rows: Rows, encoding: str, errors: str, seen: Seen) -> Iterator[Sequence[str]]:
        """Yield the texts of rows, some at a time."""
        if rows.format is Format.JSON_LINES:
            yield from rows.of_json(self.name, self._decoded(encoding, errors, seen), errors)
            return
        self.fingerprint  # noqa: B018  # what is read now must be what is recorded
        with sources.naming(self.name):
            yield from rows.of_parquet(self.name, self.source)
        seen(self.size)

    def record_batches(self) -> Iterator[Any]:
        """Yield the rows of a Parquet file with all columns, as pyarrow's record batches.

        Raises:
            TextError: the file cannot be read, or is damaged.
        """
        assert self.rows is not None
        self.fingerprint  # noqa: B018  # what is read now must be what is recorded
        with sources.naming(self.name):
            self.rows.check_parquet(self.name, self.source)
            yield from parquet.batches(self.source)

    def _line(self, place: int) -> int:
        """Return the number of the line in which a byte stands."""
        line_ends = 0
        for block in self.blocks():
            line_ends += block.count(b"\n", 0, place)
            place -= len(block)
            if place <= 0:
                break
        return line_ends + 1

    def _sniffed(self, pieces: Iterator[str]) -> Iterator[str]:
        """Let a text pass whose beginning is not plainly binary, nor that of an ARPA file."""
        beginning = ""
        for piece in pieces:
            beginning += piece
            if len(beginning) >= SNIFFED:
                break
        self.ends_lines_in_crlf = 2 * beginning.count("\r\n") > beginning.count("\n")
        nuls = beginning.count("\0", 0, SNIFFED)
        if nuls > max(FEW_NULS, min(len(beginning), SNIFFED) // 10):
            raise TextError(
                f"{self.name}: looks binary or UTF-16, every tenth character is NUL",
                Remedy("unit", "byte"),
                Remedy("encoding", "utf-16"),
                _CONVERTED,
            )
        found = foreign.language_model(beginning[:SNIFFED].encode(errors="replace"))
        if found and self.rows is None:
            raise TextError(f"{self.name}: {found}")
        yield beginning
        yield from pieces


def _other_format(start: bytes, encoding: str) -> TextError | None:
    """Return an error that says what a file is, if it is not UTF-8 and its first bytes tell."""
    if codecs.lookup(encoding).name != "utf-8":
        return None
    if start.startswith(_UTF_16):
        return TextError("begins like UTF-16", Remedy("encoding", "utf-16"), _CONVERTED)
    return next(
        (TextError(what) for magic, what in _FOREIGN.items() if start.startswith(magic)), None
    )


def read(
    names: Sequence[str], note: Note = nothing, options: RowOptions = NO_ROW_OPTIONS
) -> list[Document]:
    """Find each text, in order; `-` is standard input. What can be read only once is copied.

    A name may stand for many files (`naming.py`), and a file have rows (`rows.py`).

    Raises:
        TextError: a file is missing or unreadable, or there is none in a folder.
        UsageError: standard input is to be read twice.
    """
    files = naming.expand(names, note)
    if files.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input can be read only once; name it (-) once")
    documents = [_find(name, note, options) for name in files]
    if options.column is not None and not any(document.rows for document in documents):
        note(f"No text here has rows, so column {options.column!r} is not looked for.")
    return documents


def read_file(name: str, note: Note = nothing) -> Document:
    """Find a file that is no corpus, and whose name stands for itself alone.

    Raises:
        TextError: it is missing, unreadable or a directory.
    """
    return _find(name, note, RowOptions(as_text=True))


def _find(name: str, note: Note, options: RowOptions) -> Document:
    with sources.naming(name):
        source = sources.find(name)
    form = options.format_of(name, sources.beginning_of(source, foreign.BEGINNING))
    rows = None if form is None else Rows(form, options.column or COLUMN)
    document = Document("standard input" if name == STANDARD_INPUT else name, source, note, rows)
    if not isinstance(source, Path | RemoteFile):
        weakref.finalize(document, source.close)
    return document
