"""The distinct windows of some texts, sorted, and how often each occurs: what can be stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Holder, Integers
from charlm.errors import ModelFileError
from charlm.ngram.counting.merging import CountedWords, Counts
from charlm.ngram.counting.packing import Packing, Words, ascending
from charlm.search import differs

DAMAGED = "is damaged: its counts do not fit together"
UNHEARD_OF = "is damaged: holds counts that no text has"
BLOCK = 1 << 20  # windows that are looked at together
LONGEST = 1 << 10  # order, that a file may claim


@dataclass(frozen=True, eq=False, repr=False)
class CountedWindows(Holder):
    """Distinct windows in ascending order, the newest symbol first, and how often each occurs."""

    kind: ClassVar[str] = "counts"

    order: int
    vocab_size: int
    end: int | None
    words: Words  # (M,) each
    counts: Counts  # (M,)

    @cached_property
    def packing(self) -> Packing:
        """How windows are words."""
        return Packing(self.vocab_size + 1, self.order + 1)

    @property
    def size(self) -> int:
        """How many distinct windows there are."""
        return len(self.counts)

    @property
    def symbols(self) -> int:
        """How many symbols were counted."""
        return int(self.counts.sum(dtype=np.int64))

    @cached_property
    def of_symbols(self) -> Integers:
        """How often each symbol occurs, (V,)."""
        occurrences = np.zeros(self.vocab_size, np.int64)
        for words, counts in self.blocks():
            newest = self.packing.newest(words)
            starts = np.flatnonzero(differs(newest))
            occurrences[newest[starts]] += np.add.reduceat(counts, starts, dtype=np.int64)
        return occurrences

    def blocks(self, *, before: int = 0) -> Iterator[CountedWords]:
        """Return the windows some at a time, so that few of a large file are in memory.

        Each block also has so many windows of the one before.
        """
        for low in range(0, len(self.counts), BLOCK):
            part = slice(max(0, low - before), low + BLOCK)
            yield tuple(np.array(word[part]) for word in self.words), np.array(self.counts[part])

    def settings(self) -> dict[str, Any]:
        """Return everything but the arrays, as JSON types."""
        return {"order": self.order, "vocab_size": self.vocab_size, "end": self.end}

    def arrays(self) -> Arrays:
        """Return `counts`, and the words `1.windows`, `2.windows` ..."""
        words = {f"{i}.windows": word for i, word in enumerate(self.words, start=1)}
        return {"counts": self.counts, **words}

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Undo `settings` and `arrays`.

        Raises:
            ModelFileError: they do not fit together.
        """
        order, vocab_size, end = (settings[name] for name in ("order", "vocab_size", "end"))
        if type(order) is not int or type(vocab_size) is not int:
            raise ModelFileError(DAMAGED)
        if not (0 <= order <= LONGEST and 1 <= vocab_size < 1 << 31):
            raise ModelFileError(DAMAGED)
        slices = Packing(vocab_size + 1, order + 1).slices
        names = [f"{i}.windows" for i in range(1, len(slices) + 1)]
        if set(arrays) != {"counts", *names} or any(a.ndim != 1 for a in arrays.values()):
            raise ModelFileError(DAMAGED)
        words, counts = tuple(arrays[name] for name in names), arrays["counts"]
        alike = all(len(word) == len(counts) and word.dtype == np.uint64 for word in words)
        if not alike or counts.dtype.kind != "u" or not len(counts):
            raise ModelFileError(DAMAGED)
        return cls(order, vocab_size, end, words, counts)

    def check(self) -> None:
        """Read every value.

        Raises:
            ModelFileError: one is impossible: a window twice or out of order, of symbols that there
                are not, something before START, or a count of nothing.
        """
        if not all(self._sound(*block) for block in self.blocks(before=1)):
            raise ModelFileError(UNHEARD_OF)

    def _sound(self, words: Words, counts: Counts) -> bool:
        columns = self.packing.unpack(words)
        again = self.packing.pack(columns)
        exact = all((a == b).all() for a, b in zip(again, words, strict=True))
        known = all((column <= self.vocab_size).all() for column in columns)
        events = (columns[0] < self.vocab_size).all()
        begun = all(
            (b[a == self.vocab_size] == self.vocab_size).all() for a, b in pairwise(columns)
        )
        closed = self.end is None or not any((c == self.end).any() for c in columns[1:])
        sound = exact and known and events and begun and closed and (counts > 0).all()
        return bool(sound and ascending(words))
