"""What an estimation may use: memory, a folder for what does not fit, and who does the work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from charlm.ngram.counting.packing import Packing
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.countable import Countable
from charlm.parallel import cores, executors
from charlm.parallel.workers import Workers


@dataclass(frozen=True)
class Resources:
    """Bytes of memory, a folder for what does not fit, and who does the work.

    The folder is made when it is needed; whoever named it takes it away. Without an `engine`
    (`parallel/executors.py`), threads of this process work, and only where memory is too small.
    With one, all goes through files, and what was broken off can be gone on with, by `resume`.
    `note` is told in a line what is worth knowing.
    """

    memory: int
    folder: Path
    engine: str | None = None
    resume: bool = False
    note: Callable[[str], object] = str

    def budget(self, source: Countable, width: int) -> Budget:
        """Return what fits, of windows of so many symbols, where this process works alone."""
        packing = Packing(source.vocab_size + 1, width)
        return Budget(self.memory, cores.usable(), packing, source.end is not None)

    @contextmanager
    def workers(self) -> Iterator[Workers | None]:
        """Return who works, if it is not this process alone."""
        if self.engine is None:
            yield None
            return
        with executors.opened(self.engine) as workers:
            yield workers
