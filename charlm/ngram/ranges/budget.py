"""What fits into memory: how much is counted at once, and how many ranges there are."""

from dataclasses import dataclass
from math import ceil

from charlm.errors import UsageError
from charlm.ngram.counting.windows import CHUNK

PROGRAM = 70 << 20  # bytes of the program itself
LEAST = 120 << 20  # bytes besides, that the tuning of discounts takes, and all else at least
IN_MEMORY = 170  # bytes a distinct window, where estimation has all in memory, as measured
IN_RANGE = 130  # bytes a window of a range, while a task tabulates or gathers it
IN_CHUNK = 72  # bytes a symbol of a chunk, while its windows are sorted
WAITING = 40  # bytes a window that was counted and waits to be merged, or is
SMALLEST_CHUNK = 1 << 14


@dataclass(frozen=True)
class Budget:
    """Bytes of memory for a process that does the work of `workers` at a time.

    Raises:
        UsageError: it is too small for anything.
    """

    memory: int
    workers: int

    def __post_init__(self) -> None:
        if self.memory < PROGRAM + LEAST:
            least = ceil((PROGRAM + LEAST) / 1e6)
            raise UsageError(f"memory must be at least {least}M; the program itself takes most")

    @property
    def free(self) -> int:
        """Bytes for arrays."""
        return self.memory - PROGRAM

    @property
    def chunk(self) -> int:
        """Symbols whose windows are sorted at once, by each worker and one ahead of them."""
        fit = self.free // 2 // (IN_CHUNK * (self.workers + 1))
        return max(SMALLEST_CHUNK, min(CHUNK, fit))

    @property
    def windows(self) -> int:
        """Distinct windows that may be in memory while the next chunks are counted."""
        return max(0, min(self.free // IN_MEMORY, self.free // 2 // WAITING))

    def ranges(self, windows: int) -> int:
        """Return how many ranges so many windows are to be cut into."""
        return max(1, ceil(windows * IN_RANGE * self.workers / self.free))
