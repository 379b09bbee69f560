"""Texts in pieces, so that memory is bounded by a piece and never by the text.

A text is an iterable of strings, cut anywhere (`TextPieces`). If it is read more than once, each
iteration must begin at its start (`RereadableText`). A list with one string is a text too.

What one file holds may be many documents, each a sequence of its own: the rows of JSON lines, say.
They are one text all the same, in which a mark (`DOCUMENT`) begins each of them, so that a million
documents of some words take no more work than a book. The mark is a code point that no text has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

LINE_END = "\n"
DOCUMENT = "\ud800"  # half a character; ids have START for it

_OPEN = re.compile(f"(?<=[^{LINE_END}{DOCUMENT}]){DOCUMENT}")  # a mark after a line without its end

TextPieces: TypeAlias = Iterable[str]


@dataclass(frozen=True)
class RereadableText:
    """A text that is read as often as wanted: each iteration starts a reading of its own."""

    read: Callable[[], Iterator[str]]

    def __iter__(self) -> Iterator[str]:
        return self.read()


def whole_lines(text: TextPieces) -> Iterator[str]:
    """Cut a text anew, so that each piece but the last ends with a line end, or a document's mark.

    A line end is a symbol of its own in every unit, joins nothing in any normal form, and lets
    no letter's lower case depend on the line before. So whole lines can be treated each by
    itself. Memory is that of the longest line.
    """
    rest: list[str] = []
    for piece in text:
        end = max(piece.rfind(LINE_END), piece.rfind(DOCUMENT)) + 1
        if end:
            yield "".join([*rest, piece[:end]])
            rest = []
        rest.append(piece[end:])
    if any(rest):
        yield "".join(rest)


def within(text: TextPieces, ranges: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Return what stands in ranges of characters, which ascend and do not overlap."""
    end = 0
    for piece in text:
        start, end = end, end + len(piece)
        for low, high in ranges:
            if low < end and start < high:
                yield piece[max(low - start, 0) : high - start]


def documents_of(text: TextPieces) -> Iterator[str]:
    """Yield the documents of a text, each whole; one without marks is one document."""
    waiting: list[str] = []
    for piece in text:
        first, *others = piece.split(DOCUMENT)
        waiting.append(first)
        for other in others:
            yield "".join(waiting)
            waiting = [other]
    yield "".join(waiting)


def closed_lines(text: TextPieces) -> Iterator[str]:
    """Yield documents as lines alone: where one ends within a line the line ends; no mark is left.

    The last of them stays as it is.
    """
    before = LINE_END
    for piece in text:
        if DOCUMENT in piece:
            piece = _OPEN.sub(LINE_END, before + piece)[1:].replace(DOCUMENT, "")
        before = piece[-1:] or before
        yield piece
