"""N-grams as numbers with the *oldest* symbol first, so that those of one history stand together.

They are written from the right: the last word has the newest F symbols, the one before it the next
F, and so on. So the key of a longer n-gram is that of its suffix, with a symbol put before it.
(`counting/packing.py` packs windows the other way round, from the left.)
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers, Lean
from charlm.ngram.counting.packing import Packing, Words, digits_of


@dataclass(frozen=True)
class Keys(Lean):
    """How n-grams of up to `width` symbols become words, the oldest first."""

    symbols: int
    width: int

    @cached_property
    def radix(self) -> int:
        """R, the base in which a symbol is a digit."""
        return Packing(self.symbols, self.width).radix

    @cached_property
    def digits(self) -> int:
        """F, how many symbols a word holds."""
        return digits_of(self.radix)

    def extended(self, words: Words, oldest: NDArray[Any], length: int) -> Words:
        """Return the keys of n-grams of `length` symbols from those of their suffixes, (N,) each.

        The words are changed.
        """
        digit = (length - 1) % self.digits
        if not digit:
            return oldest.astype(np.uint64), *words
        words[0][...] += oldest.astype(np.uint64) * np.uint64(self.radix**digit)
        return words

    def packed(self, symbols: tuple[int, ...], length: int) -> tuple[int, ...]:
        """Return the key of the first n-gram of `length` symbols that begins with these."""
        value = 0
        for symbol in (*symbols, *[0] * (length - len(symbols))):
            value = value * self.radix + symbol
        whole, words = self.radix**self.digits, []
        for _ in range(-(-length // self.digits)):
            value, word = divmod(value, whole)
            words.append(word)
        return tuple(reversed(words))

    def newest(self, words: Words) -> NDArray[Any]:
        """Return the newest symbol of each n-gram, in as few bytes as hold it, (N,)."""
        return (words[-1] % np.uint64(self.radix)).astype(np.min_scalar_type(self.symbols - 1))

    def histories(self, words: Words, length: int) -> Words:
        """Return the keys of n-grams of `length` symbols without the newest, (N,) each."""
        radix, high = np.uint64(self.radix), np.uint64(self.radix ** (self.digits - 1))
        shorter = [word // radix for word in words]
        for i, (upper, _) in enumerate(pairwise(words), start=1):
            shorter[i] += upper % radix * high
        return tuple(shorter[1:] if length % self.digits == 1 and len(words) > 1 else shorter)


def place(words: Words, bound: tuple[int, ...]) -> int:
    """Say where a key stands, or would stand, among sorted ones."""
    low, high = 0, len(words[0])
    for word, value in zip(words, bound, strict=True):
        within = word[low:high]
        wanted = np.uint64(value)
        left, right = (int(np.searchsorted(within, wanted, side)) for side in ("left", "right"))
        low, high = low + left, low + right
    return low


def places(table: Words, queries: Words) -> Integers:
    """Say where sorted queries stand, or would stand, among sorted keys, (M,)."""
    if len(table) == 1:
        return np.searchsorted(table[0], queries[0])
    low = np.searchsorted(table[0], queries[0], "left")
    high = np.searchsorted(table[0], queries[0], "right")
    while len(searched := np.flatnonzero(low < high)):
        middle = (low[searched] + high[searched]) // 2
        smaller = np.zeros(len(searched), bool)
        alike = ~smaller
        for word, wanted in zip(table[1:], queries[1:], strict=True):
            found, sought = word[middle], wanted[searched]
            smaller |= alike & (found < sought)
            alike &= found == sought
        low[searched[smaller]] = middle[smaller] + 1
        high[searched[~smaller]] = middle[~smaller]
    return low
