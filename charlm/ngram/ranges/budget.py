"""What fits into memory: how much is counted at once, and how many ranges there are.

What a window, an n-gram or a symbol takes was measured, at its worst, on English, Chinese and
random letters (`tests/cli/train/test_memory.py` holds the sum to its word).
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from charlm.errors import UsageError
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.counting.packing import Packing
from charlm.ngram.counting.windows import CHUNK
from charlm.parallel.workers import Workers

PROGRAM = 70 << 20  # bytes of the program itself
LEAST = 120 << 20  # bytes besides, that the tuning of discounts takes, and all else at least
SMALLEST = PROGRAM + LEAST
SMALLEST_CHUNK = 1 << 14
HEAD_WINDOW = 150  # bytes, as they are counted and smoothed
AT_LEAST = 3  # tasks for each worker that is not one of this process, so that none waits long
BLOCKS, BLOCK = 32, 1 << 12  # of adjacent windows, by which n-grams are estimated


@dataclass(frozen=True)
class Budget:
    """Bytes of memory for a process that does the work of `workers` at a time.

    It is for windows packed so; `absorbs` says that sequences end within a text.

    Raises:
        UsageError: it is too small for anything.
    """

    memory: int
    workers: int
    packing: Packing
    absorbs: bool = False

    def __post_init__(self) -> None:
        if self.memory < SMALLEST:
            least = ceil(SMALLEST / 1e6)
            raise UsageError(f"memory must be at least {least}M; the program itself takes most")

    def of_each(self, workers: Workers) -> "Budget":
        """Return what each of some workers has for its task."""
        if workers.memory is not None:  # of which Dask wants to see some unused
            return replace(self, memory=workers.memory // 2, workers=1)
        return replace(self, memory=max(SMALLEST, self.memory // workers.number), workers=1)

    @property
    def free(self) -> int:
        """Bytes for arrays."""
        return self.memory - PROGRAM

    @property
    def words(self) -> int:
        """Words of 8 bytes that a window takes."""
        return len(self.packing.slices)

    @property
    def chunk(self) -> int:
        """Symbols whose windows are sorted at once, by each worker and one ahead of them."""
        symbol = 48 + 40 * self.words + 5 * self.packing.width * self.absorbs
        fit = self.free // 2 // (symbol * (self.workers + 1))
        return max(SMALLEST_CHUNK, min(CHUNK, fit))

    @property
    def windows(self) -> int:
        """Distinct windows that may be in memory while more are counted, and merged with them."""
        return max(0, self.free // 2 // (6 * (4 + 8 * self.words)))

    def ranges(self, windows: int) -> int:
        """Return how many ranges so many windows are to be cut into."""
        window = 90 + 3 * self.packing.width + 48 * self.words
        return max(1, ceil(windows * window * self.workers / self.free))

    @property
    def head(self) -> int:
        """Distinct windows of a few symbols that may be in memory while all else is, or nothing."""
        return self.free // 4 // HEAD_WINDOW

    def holds(self, counted: CountedWords) -> bool:
        """Tell whether a model can be estimated from these windows in memory, all at once."""
        size = len(counted[1])
        window = 60 + self.packing.width + 16 * self.words
        return size * window + 30 * self._ngrams(counted) <= self.free

    def _ngrams(self, counted: CountedWords) -> int:
        """Estimate how many n-grams of all lengths are in distinct windows, from some of them.

        Each adds one for each length at which it differs from the one before it.
        """
        words, counts = counted
        size = len(counts)
        lows = np.linspace(0, max(0, size - BLOCK), BLOCKS).astype(int)
        added = looked_at = 0
        for low in np.unique(lows):
            block = tuple(word[low : low + BLOCK] for word in words)
            alike = np.ones(max(0, len(block[0]) - 1), bool)
            for column in self.packing.unpack(block):
                alike &= column[1:] == column[:-1]
                added += int(np.count_nonzero(~alike))
            looked_at += len(alike)
        return size * self.packing.width if not looked_at else size * added // looked_at
