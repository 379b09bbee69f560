"""What scoring gives: the symbols of a text and their bits, of one text or of many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np

from charlm.arrays import Float64s, Holder, Integers
from charlm.evaluation.many import TextBits
from charlm.text.tokenizer import Tokenizer


class Scored(NamedTuple):
    """The symbols of a text and the bits that each cost, (T,).

    A byte is the character of its number.
    """

    symbols: list[str]
    bits: Float64s

    def __repr__(self) -> str:
        return f"Scored({len(self.symbols)} symbols, {self.bits.sum():z.4f} bits)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scored) or self.symbols != other.symbols:
            return False
        return np.array_equal(self.bits, other.bits)

    def __ne__(self, other: object) -> bool:  # a tuple has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self.symbols))


class Ranked(NamedTuple):
    """A candidate, its bits in all and characters, and its share of the likelihood of all."""

    text: str | Path
    bits: float
    chars: int
    share: float


@dataclass(frozen=True, eq=False, repr=False)
class ScoredTexts(Holder, Sequence[Scored]):
    """What each of many texts cost: `bits` in all and `chars`, its characters, both (N,).

    It is a sequence of `Scored`, one for each text, which are made when they are asked for.
    """

    texts: Sequence[str]  # as the model's unit reads them
    found: TextBits
    tokenizer: Tokenizer
    given: str = ""  # what stands before each

    def __repr__(self) -> str:
        return f"ScoredTexts({len(self)} texts, {self.bits.sum():z.4f} bits)"

    @property
    def bits(self) -> Float64s:
        """Bits of each text, the spelling of unknown symbols included, (N,)."""
        return self.found.bits

    @property
    def chars(self) -> Integers:
        """Characters of each text, (N,)."""
        return self.found.chars

    @property
    def bits_per_char(self) -> Float64s:
        """Bits per character of each text, (N,); NaN where it is empty."""
        with np.errstate(invalid="ignore"):
            return self.bits / self.chars

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Scored: ...
    @overload
    def __getitem__(self, place: slice) -> list[Scored]: ...
    def __getitem__(self, place: int | slice) -> Scored | list[Scored]:
        """Return the symbols of a text and their bits."""
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        end, length = int(self._ends[place]), int(self.found.symbols[place])
        symbols = self.tokenizer.cut(self.given + self.texts[place])
        return Scored(symbols[len(symbols) - length :], self.found.each[end - length : end])

    def __iter__(self) -> Iterator[Scored]:
        return (self[i] for i in range(len(self)))

    @cached_property
    def _ends(self) -> Integers:
        return np.cumsum(self.found.symbols)
