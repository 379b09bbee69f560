"""Windows of symbols as whole numbers of 64 bits, so that sorting them is sorting numbers.

A window of W symbols s_1 ... s_W, the newest first, is cut into words of F symbols, and each word
is a number in base R:

    word = s_1 R^(F-1) + s_2 R^(F-2) + ... + s_F

Words one after the other sort as the symbols do. R is a power of two where that needs no more words
than the number of symbols itself: bits are cheaper to take apart than digits. 13 letters of 28 and
START need 65 bits, but fit one word in base 29.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Keys, Lean
from charlm.search import differs

Words: TypeAlias = tuple[Keys, ...]  # the first symbols of all windows, those after them, ...
LARGEST = 1 << 64


@dataclass(frozen=True)
class Packing(Lean):
    """How windows of `width` symbols become words; `symbols` is how many there are, START too."""

    symbols: int
    width: int

    @cached_property
    def radix(self) -> int:
        """R, the base in which a symbol is a digit."""
        bits = 1 << (self.symbols - 1).bit_length()
        return (
            bits if _words(self.width, bits) == _words(self.width, self.symbols) else self.symbols
        )

    @cached_property
    def slices(self) -> list[slice]:
        """Which symbols each word holds: equally many, for shorter words are sorted faster."""
        fit = -(-self.width // _words(self.width, self.radix))
        return [slice(low, min(low + fit, self.width)) for low in range(0, self.width, fit)]

    def pack(self, columns: Sequence[NDArray[Any]]) -> Words:
        """Return the words of windows, whose symbols are given newest first, (T,) each."""
        return tuple(self._pack(columns[piece]) for piece in self.slices)

    def _pack(self, columns: Sequence[NDArray[Any]]) -> Keys:
        words = columns[0].astype(np.uint64)
        for column in columns[1:]:
            words *= np.uint64(self.radix)
            np.add(words, column, out=words, casting="unsafe", dtype=np.uint64)
        return words

    def unpack(self, words: Words) -> list[NDArray[Any]]:
        """Return the symbols of windows, newest first, in as few bytes as hold them, (T,) each."""
        parts = zip(words, self.slices, strict=True)
        return [column for word, piece in parts for column in self._unpack(word, piece)]

    def newest(self, words: Words) -> Keys:
        """Return the newest symbol of each window, (T,)."""
        piece = self.slices[0]
        return words[0] // np.uint64(self.radix ** (piece.stop - piece.start - 1))

    def _unpack(self, word: Keys, piece: slice) -> list[NDArray[Any]]:
        digit = np.min_scalar_type(self.symbols - 1)
        columns = []
        for _ in range(piece.start, piece.stop):
            rest = word // np.uint64(self.radix)
            columns.append((word - rest * np.uint64(self.radix)).astype(digit))
            word = rest
        return columns[::-1]


def digits_of(radix: int) -> int:
    """Return how many digits a word holds."""
    digits = 1
    while radix ** (digits + 1) <= LARGEST:
        digits += 1
    return digits


def _words(width: int, radix: int) -> int:
    return -(-width // digits_of(radix))


def ascending(words: Words) -> bool:
    """Tell whether each window is larger than the one before it."""
    larger = np.zeros(max(0, len(words[0]) - 1), bool)
    alike = ~larger
    for word in words:
        larger |= alike & (word[1:] > word[:-1])
        alike &= word[1:] == word[:-1]
    return bool(larger.all())


def begins(words: Words) -> Booleans:
    """Tell of sorted windows where one differs from the one before it; the first always does."""
    different = differs(words[0])
    for word in words[1:]:
        different |= differs(word)
    return different
