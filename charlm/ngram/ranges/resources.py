"""What an estimation may use: memory, a folder for what does not fit, and who does the work."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from charlm.errors import Advice, CharlmError, OutputError, WorkerError
from charlm.ngram.counting.packing import Packing
from charlm.ngram.ranges import disk
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.spool import Spool
from charlm.ngram.ranges.workers import ask_all
from charlm.parallel import cores
from charlm.parallel.workers import Workers, lost


@dataclass(frozen=True)
class Resources:
    """Bytes of memory, a folder for what does not fit, and who does the work.

    The folder is made when it is needed; whoever named it takes it away. Without `workers`
    (`parallel/executors.py`), threads of this process work, and only where memory is too small.
    With them, all goes through files, and what was broken off can be gone on with, by `resume`.
    `note` is told in a line what is worth knowing.
    """

    memory: int
    folder: Path
    workers: Workers | None = None
    resume: bool = False
    note: Callable[[str], object] = str

    def budget(self, vocab_size: int, end: int | None, width: int) -> Budget:
        """Return what fits, of windows of so many symbols, where this process works alone."""
        packing = Packing(vocab_size + 1, width)
        return Budget(self.memory, cores.usable(), packing, end is not None)

    def spool(self) -> Spool:
        """Return the folder; where others work, all of them see it.

        Raises:
            WorkerError: one does not, or has another program.
        """
        if self.workers is None:
            return Spool(str(self.folder))
        spool = Spool.taken(self.folder)
        try:
            ask_all(self.workers, spool)
        except BaseException:
            if not self.resume:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return spool

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Say of each error whose it is, and what to do.

        Raises:
            OutputError: the folder is full, or cannot be reached.
            WorkerError: a worker has ended, or cannot be reached.
        """
        try:
            yield
        except CharlmError:
            raise
        except Exception as error:
            if (reason := lost(error)) is not None:
                raise WorkerError(reason, Advice.GO_ON) from None
            if not isinstance(error, OSError):
                raise
            reason = f"{self.folder}: {error.strerror or error}"
            advice = disk.MORE_ROOM if self.workers is None else Advice.GO_ON
            raise OutputError(reason, advice) from None
