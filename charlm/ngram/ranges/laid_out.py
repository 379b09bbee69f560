"""A model that lies in ranges: what can be stored, block by block, without all being in memory."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import ArrayInParts, StoredArrays
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges.head import SmoothedHead
from charlm.ngram.ranges.in_ranges import InRanges
from charlm.ngram.tables import key_type

BLOCK = 1 << 20  # rows that are in memory at once


@dataclass(frozen=True, eq=False, repr=False)
class LaidOut(InRanges):
    """An n-gram model whose longer n-grams are files."""

    head: SmoothedHead

    kind: ClassVar[str] = "ngram"

    @cached_property
    def ngrams(self) -> tuple[int, ...]:
        """Number of n-grams of 1, 2, ... symbols."""
        short = map(len, self.head.layout.probability)
        return (*short, *(sum(self._rows(length)) for length in self.plan.lengths))

    @property
    def notes(self) -> list[dict[str, Any]]:
        """The smoother's, one a length."""
        notes = list(self.head.layout.notes)
        for length in self.plan.lengths:
            each = [figures[str(length)]["notes"] for figures in self.figures]
            gone = sum(of_range["pruned"] for of_range in each)
            own = {name: value for name, value in each[0].items() if name != "pruned"}
            notes.append(own | ({"pruned": gone} if gone else {}))
        return notes

    def settings(self) -> dict[str, Any]:
        """As those of the model in memory."""
        known = {"vocab_size": self.vocab_size, "end": self.end}
        return {**asdict(self.config), **known, "notes": self.notes}

    def arrays(self) -> StoredArrays:
        """As those of the model in memory, in parts."""
        layout, prefix = self.head.layout, self.plan.prefix
        named: dict[str, NDArray[Any] | ArrayInParts] = {}
        for length in range(1, self.plan.width + 1):
            if length <= prefix:
                named[f"{length}.probability"] = layout.probability[length - 1]
                if length > 1:
                    named[f"{length}.keys"] = layout.keys[length - 1]
            else:
                named[f"{length}.probability"] = self._probability(length)
                named[f"{length}.keys"] = self._keys(length)
            if length < prefix:
                named[f"{length}.backoff"] = layout.backoff[length - 1]
            elif length < self.plan.width:
                named[f"{length}.backoff"] = self._backoff(length)
        return named

    def in_memory(self) -> NgramModel:
        """Return the model itself."""
        arrays = {
            name: array.whole() if isinstance(array, ArrayInParts) else array
            for name, array in self.arrays().items()
        }
        return NgramModel.from_arrays(self.settings(), arrays)

    def _rows(self, length: int) -> list[int]:
        """Return how many n-grams of a length each range has."""
        return [figures[str(length)]["rows"] for figures in self.figures]

    def _histories(self, length: int) -> int:
        """Return how many rows the histories of n-grams of a length have."""
        return self.vocab_size + 1 if length == 2 else self.ngrams[length - 2]

    def _probability(self, length: int) -> ArrayInParts:
        read = partial(self._blocks, "laid", f"{length}.probability")
        return ArrayInParts(np.dtype(np.float32), self.ngrams[length - 1], read)

    def _backoff(self, length: int) -> ArrayInParts:
        read = partial(self._blocks, "rows", f"{length}.backoff")
        return ArrayInParts(np.dtype(np.float32), self._histories(length + 1), read)

    def _keys(self, length: int) -> ArrayInParts:
        kind = np.dtype(key_type(self._histories(length), self.vocab_size))
        return ArrayInParts(kind, self.ngrams[length - 1], partial(self._read_keys, length, kind))

    def _read_keys(self, length: int, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
        """Return keys; ranges number histories from their own first, but those of the head."""
        first = 0
        in_head = length == self.plan.prefix + 1
        for shard in range(self.plan.ranges):
            for block in self._blocks_of("rows", f"{length}.key", shard):
                yield (block + first * self.vocab_size).astype(kind)
            first += 0 if in_head else self._rows(length - 1)[shard]

    def _blocks(self, file: str, name: str) -> Iterator[NDArray[Any]]:
        for shard in range(self.plan.ranges):
            yield from self._blocks_of(file, name, shard)

    def _blocks_of(self, file: str, name: str, shard: int) -> Iterator[NDArray[Any]]:
        stored = self.plan.spool.open(f"{file}-{shard}")
        for low in range(0, stored.length(name), BLOCK):
            yield stored.read(name, low, min(low + BLOCK, stored.length(name)))
