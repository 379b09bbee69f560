"""A vocabulary: sorted symbols and their ids.

Id 0 is the unknown symbol; the symbols follow in order of their code points, so that the same
text gives the same ids everywhere. Where sequences are lines, END comes last. START is never
predicted and has no place among them: its id is one past the last (`Tokenizer.start`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from charlm.arrays import Ids, Lean
from charlm.errors import UsageError
from charlm.text.code_points import blocks_of_code_points

UNKNOWN = 0
# What those that are no symbols of a text are called, in ARPA files and where people read of them.
UNKNOWN_NAME, START_NAME, END_NAME = "<unk>", "<s>", "</s>"


@dataclass(frozen=True)
class Vocabulary(Lean):
    """The symbols known to a model, sorted; `symbols[i]` has id i + 1.

    Raises:
        UsageError: symbols are unsorted, repeated or empty.
    """

    symbols: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.symbols)} symbols)"

    def __post_init__(self) -> None:
        if not all(type(symbol) is str for symbol in self.symbols):
            raise UsageError("vocabulary symbols must be strings")
        if any(a >= b for a, b in zip(self.symbols, self.symbols[1:], strict=False)):
            raise UsageError("vocabulary symbols must be sorted and distinct")
        if "" in self.symbols:
            raise UsageError("a vocabulary symbol cannot be empty")
        if re.search("[\ud800-\udfff]", "".join(self.symbols)):
            raise UsageError("vocabulary symbols must be characters, and no halves of surrogates")

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], min_count: int = 1) -> "Vocabulary":
        """Take every symbol that occurs at least `min_count` times."""
        return cls(tuple(sorted(s for s, count in counts.items() if count >= min_count)))

    def __len__(self) -> int:
        """How many ids there are: the symbols and UNKNOWN."""
        return len(self.symbols) + 1

    @cached_property
    def ids(self) -> dict[str, int]:
        """From symbol to id."""
        return {symbol: i for i, symbol in enumerate(self.symbols, start=1)}


def encode(symbols: Sequence[str], ids: Mapping[str, int]) -> Ids:
    """Return the ids of symbols, UNKNOWN where there is none."""
    return np.array([ids.get(symbol, UNKNOWN) for symbol in symbols], dtype=np.int32)


def table(ids: Mapping[str, int]) -> Ids:
    """Return the ids of symbols of one character each, by code point; the last is for all above."""
    highest = max(map(ord, ids), default=0)
    by_code_point = np.full(highest + 2, UNKNOWN, dtype=np.int32)
    for symbol, i in ids.items():
        by_code_point[ord(symbol)] = i
    return by_code_point


def encode_characters(text: str, by_code_point: Ids) -> Ids:
    """Return the ids of the characters of a text by `table`."""
    encoded = np.empty(len(text), np.int32)
    place = 0
    for block in blocks_of_code_points(text):
        np.take(by_code_point, block, mode="clip", out=encoded[place : place + len(block)])
        place += len(block)
    return encoded
