"""Sections of files: text between two places, read without what stands before it.

A plain file in UTF-8, or of bytes, is cut where no symbol can cross: before any character, if each
is a symbol and none is altered, else behind line ends (`pieces.whole_lines` says why). So sections
can be read side by side, and by others, for whom they are a name and two numbers. A file that
cannot be cut is one section.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import IO, TypeAlias
from zlib import crc32

import numpy as np

from charlm.arrays import Ids
from charlm.errors import TextError
from charlm.text import encodings, sources, units
from charlm.text.corpus import BLOCK_BYTES, Document, nothing
from charlm.text.decoding import UTF_8, Decoding
from charlm.text.remote import RemoteFile
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.units import Unit

LONGEST_CHARACTER = 4  # bytes of UTF-8
LINE_END = b"\n"


@dataclass(frozen=True)
class Section:
    """The bytes of a file from `begin` to `end`, a byte order mark among them.

    `symbols` is how many they are, and `checksum` their CRC-32, once they were read.

    Raises, while they are read:
        TextError: the file cannot be read, or the bytes are not valid, or no longer those.
    """

    name: str
    source: Path | RemoteFile
    begin: int
    end: int
    symbols: int | None = None
    checksum: int | None = None

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.end - self.begin

    @property
    def place(self) -> str:
        """Where they are, in one word."""
        return f"{self.source}:{self.begin}-{self.end}"

    def _opened(self) -> IO[bytes]:
        try:
            return self.source.open("rb")
        except FileNotFoundError:  # it was there, or is there for others
            raise TextError(f"{self.name}: no such file here") from None

    def blocks(self) -> Iterator[bytes]:
        """Return the bytes, some at a time."""
        left, checksum = self.size, 0
        with sources.naming(self.name), self._opened() as file:
            file.seek(self.begin)
            while block := file.read(min(left, BLOCK_BYTES)):
                left -= len(block)
                checksum = crc32(block, checksum)
                yield block
        if left or self.checksum not in (None, checksum):
            raise TextError(f"{self.name}: has changed while it was read; start again")

    def pieces(self, unit: Unit) -> Iterator[str]:
        """Return the text, in pieces."""
        blocks = self.blocks()
        first = next(blocks, b"")
        encoding = unit.encoding or UTF_8.encoding
        decoder, mark = encodings.decoder(encoding, UTF_8.errors, b"" if self.begin else first)
        try:
            for block in chain([first.removeprefix(mark)], blocks):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise TextError(f"{self.name}: is not valid {encoding}") from None

    def ids_before(self, tokenizer: Tokenizer, number: int) -> Ids:
        """Return the last ids before the section, so many, or all where there are no more."""
        ids, begin, reach = np.empty(0, np.int32), self.begin, number * LONGEST_CHARACTER
        while len(ids) < number and begin:
            with sources.naming(self.name), self._opened() as file:
                begin = _place(file, max(0, self.begin - reach), tokenizer.policy)
            before = replace(self, begin=begin, end=self.begin, checksum=None)
            pieces = tokenizer.encode_pieces(before.pieces(tokenizer.unit))
            ids = np.concatenate([*pieces, np.empty(0, np.int32)])
            reach *= 2
        return ids[len(ids) - min(number, len(ids)) :]


@dataclass(frozen=True)
class WholeFile:
    """A file that is compressed, or has rows, or is in another encoding, as a section.

    Raises, while it is read:
        TextError: as `Document.pieces`.
    """

    document: Document
    decoding: Decoding
    size: int
    symbols: int | None = None
    checksum: int | None = None

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.document.source!r}"

    def blocks(self) -> Iterator[bytes]:
        """Return the bytes, decompressed, some at a time; later they must be the same."""
        return self.document.blocks()

    def pieces(self, unit: Unit) -> Iterator[str]:
        """Return the text, in pieces."""
        return self.document.pieces(unit, self.decoding.encoding, self.decoding.errors)

    def ids_before(self, tokenizer: Tokenizer, number: int) -> Ids:
        """Return nothing."""
        return np.empty(0, np.int32)


AnySection: TypeAlias = Section | WholeFile


@dataclass(frozen=True)
class SectionedText:
    """A text in pieces, that of a file's sections one after the other."""

    sections: tuple[AnySection, ...]
    unit: str

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(section.size for section in self.sections)

    @property
    def symbols(self) -> int:
        """How many symbols they are, once they were read."""
        return sum(section.symbols or 0 for section in self.sections)

    def __iter__(self) -> Iterator[str]:
        unit = units.get(self.unit)
        return chain.from_iterable(section.pieces(unit) for section in self.sections)


def is_file(document: Document) -> bool:
    """Tell whether a document is a file that others may see, and not a copy, or bytes, here."""
    return isinstance(document.source, Path | RemoteFile)


def can_be_cut(document: Document, policy: TextPolicy, decoding: Decoding) -> bool:
    """Tell whether a document is a plain file whose sections can be read by themselves."""
    if document.rows is not None or not is_file(document):
        return False
    decoded = units.get(policy.unit).encoding is None
    if decoded and (encodings.name_of(decoding.encoding), decoding.errors) != ("utf-8", "strict"):
        return False
    with sources.naming(document.name), sources.file_of(document.source) as file:
        return not sources.is_compressed(file.read(sources.LONGEST_MAGIC))


def cut(document: Document, policy: TextPolicy, decoding: Decoding, size: int) -> SectionedText:
    """Cut a file into sections of about so many bytes, if it `can_be_cut`.

    Raises:
        TextError: it cannot be read.
    """
    source = document.source
    assert isinstance(source, Path | RemoteFile)
    where = source.absolute() if isinstance(source, Path) else source  # workers have other folders
    if not can_be_cut(document, policy, decoding):
        whole = replace(document, source=where, note=nothing)
        return SectionedText((WholeFile(whole, decoding, document.size),), policy.unit)
    places = [0]
    with sources.naming(document.name), source.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while places[-1] < end:
            places.append(min(_place(file, places[-1] + size, policy), end))
    sections = tuple(Section(document.name, where, *ends) for ends in pairwise(places))
    return SectionedText(sections, policy.unit)


def _place(file: IO[bytes], place: int, policy: TextPolicy) -> int:
    """Return where a section may begin, from a place on; the end of the file if nowhere."""
    unit = units.get(policy.unit)
    if policy.sequence == "line" or policy.alters or not unit.is_single:
        return _line_start(file, place)
    if unit.encoding is None:
        file.seek(place)
        following = file.read(LONGEST_CHARACTER)
        ends = (i for i, byte in enumerate(following) if byte & 0xC0 != 0x80)
        place += next(ends, len(following))
    return place


def _line_start(file: IO[bytes], place: int) -> int:
    if not place:
        return 0
    place = file.seek(place - 1)
    while block := file.read(BLOCK_BYTES):
        if (found := block.find(LINE_END)) >= 0:
            return place + found + 1
        place += len(block)
    return place
