"""Arithmetic coding: a text as one number inside a small interval (Rissanen 1976; Witten, Neal &
Cleary 1987), in the form of a range coder (Martin 1979) with carries.

The interval begins as [0, 1). Each symbol takes its share of it: with cumulative frequencies
C_0 = 0 <= C_1 <= ... <= C_V = total, symbol i has frequency C_(i+1) - C_i, and

    low   += floor(range / total) * C_i
    range  = floor(range / total) * (C_(i+1) - C_i)

so that -log2 of the final range is the sum of -log2(frequency / total), up to what the floor cuts
off: at most total / 2^56 of a range. Integers only; nothing here can differ between
machines. Any sequence that bisection works on can be cumulative frequencies; `range(n + 1)` is n
equally likely symbols.
"""

from bisect import bisect_right
from collections.abc import Sequence

from charlm.errors import CompressedFileError

LONG, BYTE = 64, 8  # bits
WHOLE = 1 << LONG
BOTTOM = WHOLE >> BYTE  # the smallest range
MOST = 1 << 40  # the largest total; the floor then cuts off less than 2^-16
ENDS_EARLY = "is damaged, or the model's numbers come out differently here: its data ends too early"
NOWHERE = "is damaged, or the model's numbers come out differently here: it leads to no symbol"


class Encoder:
    """Turns symbols into bytes.

    What was written, read as a number after the binary point, continued by `low`, is the lower
    end of the interval. Between two symbols:

        Rule 1.  BOTTOM <= range <= WHOLE, so a total up to MOST leaves each symbol a share
        Rule 2.  0 <= low < WHOLE: what overflows is carried into what was written
        Rule 3.  the number written, with its carry, stays below 1: there is always a place for it
    """

    def __init__(self) -> None:
        self._low, self._range = 0, WHOLE
        self._written = bytearray()

    def encode(self, cumulative: Sequence[int], symbol: int) -> None:
        """Write a symbol, whose frequency must not be zero."""
        begin = cumulative[symbol]
        share = self._range // cumulative[-1]
        self._narrow(share * begin, share * (cumulative[symbol + 1] - begin))

    def finish(self) -> bytes:
        """Return all bytes: one more names a number in the interval, zeros follow it (Rule 1)."""
        self._narrow(BOTTOM - 1, BOTTOM)
        self._write_byte()
        return bytes(self._written)

    def _narrow(self, offset: int, size: int) -> None:
        self._low += offset
        self._range = size
        if self._low >= WHOLE:
            self._low -= WHOLE
            self._carry()
        while self._range < BOTTOM:
            self._write_byte()

    def _write_byte(self) -> None:
        self._written.append(self._low >> (LONG - BYTE))
        self._low = (self._low << BYTE) & (WHOLE - 1)
        self._range <<= BYTE

    def _carry(self) -> None:
        place = len(self._written) - 1
        while self._written[place] == 0xFF:
            self._written[place] = 0
            place -= 1
        self._written[place] += 1


class Decoder:
    """Turns the bytes back into symbols, given the same frequencies.

        Rule 4.  range is that of the encoder at the same symbol
        Rule 5.  offset = the number in the bytes - the encoder's interval's lower end;
                 0 <= offset < range on bytes that an encoder wrote

    Raises:
        CompressedFileError: the bytes are not those of an encoder with the same frequencies.
    """

    def __init__(self, data: bytes):
        if not data:
            raise CompressedFileError(ENDS_EARLY)
        start = LONG // BYTE  # bytes that are read before the first symbol
        data += bytes(start - 1)  # an encoder wrote one of those that are read after the last
        self._offset, self._range = int.from_bytes(data[:start]), WHOLE
        self._rest = iter(data[start:])

    def decode(self, cumulative: Sequence[int]) -> int:
        """Read the next symbol."""
        share = self._range // cumulative[-1]
        place = self._offset // share
        if place >= cumulative[-1]:  # what the floor cut off: no encoder goes there
            raise CompressedFileError(NOWHERE)
        symbol = bisect_right(cumulative, place) - 1
        begin = cumulative[symbol]
        self._offset -= share * begin
        self._range = share * (cumulative[symbol + 1] - begin)
        if self._range < BOTTOM:
            self._fill()
        return symbol

    def _fill(self) -> None:
        while self._range < BOTTOM:
            byte = next(self._rest, None)
            if byte is None:
                raise CompressedFileError(ENDS_EARLY)
            self._offset = self._offset << BYTE | byte
            self._range <<= BYTE
