"""Where each symbol of a text stands: byte, character, line and column.

A model predicts symbols; a reader looks for places. Bytes are those of the text in UTF-8 (of raw
bytes, themselves); lines and columns count from 1, columns in characters. An END that a text lacks
(`Tokenizer.prepare`) stands one past its last byte.

If a tokenizer changes letters (to lower case, say), bytes, characters and columns are those of the
changed text, and `exact` is False. Line numbers are always those of the original text.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Holder, Integers
from charlm.text.code_points import blocks_of_code_points
from charlm.text.pieces import LINE_END
from charlm.text.tokenizer import Tokenizer
from charlm.text.units import SURROGATES

WIDTHS = (0x80, 0x800, 0x10000)  # from each of these on a code point takes one byte more


@dataclass(frozen=True, eq=False, repr=False)
class Positions(Holder):
    """Places of the symbols of a text, each array (T,); only what is asked for is computed.

    The text is `letters` strung together: code points, or the bytes that `Unit.encoding` makes of
    them. `ends` says where each symbol ends among them, `widths` how many bytes each takes. A blank
    that a token implies is the first letter of that token.
    """

    exact: bool
    ends: Integers
    widths: NDArray[np.uint8]  # (letters,)
    breaks: Integers  # letters that are line ends
    leads: Booleans | None  # bytes that begin a character; None where each letter is one

    @cached_property
    def starts(self) -> Integers:
        """Letters before each symbol."""
        return self.ends - np.diff(self.ends, prepend=0)

    @cached_property
    def last_byte(self) -> Integers:
        """Offset of the last byte of each symbol: there its bits go when units are compared."""
        last: Integers = np.cumsum(self.widths, dtype=np.int64)[self.ends - 1] - 1
        return last

    @property
    def first_byte(self) -> Integers:
        """Offset of the first byte of each symbol."""
        return np.concatenate([[0], self.last_byte[:-1] + 1])[: len(self.ends)]

    @property
    def character(self) -> Integers:
        """Offset of the character with which each symbol begins, or of which a byte is part."""
        return self._characters(self.starts)

    @cached_property
    def line(self) -> Integers:
        """Number of the line; a line end is the last symbol of its line."""
        return np.searchsorted(self.breaks, self.starts) + 1

    @property
    def column(self) -> Integers:
        """Number of the first character in its line."""
        line_starts = np.concatenate([[0], self.breaks + 1])
        return self.character - self._characters(line_starts[self.line - 1]) + 1

    @cached_property
    def _characters_so_far(self) -> Integers:
        assert self.leads is not None
        return np.cumsum(self.leads, dtype=np.int64)

    def _characters(self, letters: Integers) -> Integers:
        """Offsets of the characters that letters are part of."""
        return letters if self.leads is None else self._characters_so_far[letters] - 1


def locate(tokenizer: Tokenizer, text: str) -> Positions:
    """Find the place of each symbol of `tokenizer.encode(text)`."""
    unit = tokenizer.unit
    prepared = tokenizer.prepare(text)
    if unit.is_single:
        ends = np.arange(1, len(prepared) + 1)
    else:
        ends = np.cumsum(np.fromiter(map(len, unit.written(unit.cut(prepared))), np.int64))
    if unit.encoding is None:
        widths, leads = byte_widths(prepared), None
    else:
        widths = np.ones(len(prepared), np.uint8)
        leads = _leads(prepared.encode(unit.encoding))
    exact = prepared in (text, text + LINE_END)
    return Positions(exact, ends, widths, _breaks(prepared), leads)


def byte_widths(text: str) -> NDArray[np.uint8]:
    """Bytes of UTF-8 that each code point takes; a surrogate is a byte that is not UTF-8."""
    widths, place = np.ones(len(text), np.uint8), 0
    for block in blocks_of_code_points(text):
        taken = widths[place : place + len(block)]
        for edge in WIDTHS:
            taken += block >= edge
        taken[(block >= SURROGATES.start) & (block < SURROGATES.stop)] = 1
        place += len(block)
    return widths


def _breaks(text: str) -> Integers:
    breaks, place = [np.empty(0, np.int64)], 0
    for block in blocks_of_code_points(text):
        breaks.append(place + np.flatnonzero(block == ord(LINE_END)))
        place += len(block)
    return np.concatenate(breaks)


def _leads(data: bytes) -> Booleans:
    """Tell which bytes begin a character; one that is no part of UTF-8 is a character itself."""
    widths = byte_widths(data.decode(errors="surrogateescape"))
    leads = np.zeros(len(data), np.bool_)
    leads[np.cumsum(widths, dtype=np.int64) - widths] = True
    return leads
