"""Texts in pieces, so that memory is bounded by a piece and never by the text.

A text is an iterable of strings, cut anywhere (`TextPieces`). If it is read more than once, each
iteration must begin at its start (`RereadableText`). A list with one string is a text too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

LINE_END = "\n"

TextPieces: TypeAlias = Iterable[str]


@dataclass(frozen=True)
class RereadableText:
    """A text that is read as often as wanted: each iteration starts a reading of its own."""

    read: Callable[[], Iterator[str]]

    def __iter__(self) -> Iterator[str]:
        return self.read()


def whole_lines(text: TextPieces) -> Iterator[str]:
    """Cut a text anew, so that each piece but the last ends with a line end.

    A line end is a symbol of its own in every unit, joins nothing in any normal form, and lets
    no letter's lower case depend on the line before. So whole lines can be treated each by
    itself. Memory is that of the longest line.
    """
    rest: list[str] = []
    for piece in text:
        end = piece.rfind(LINE_END) + 1
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
