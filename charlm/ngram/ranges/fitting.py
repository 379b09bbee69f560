"""From texts to a model within the memory there is: all at once where it fits, else in ranges."""

import shutil
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from charlm.errors import OutputError, Remedy, TextError
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences, tabulate
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges import plan as plans
from charlm.ngram.ranges import runs, stages
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import Plan
from charlm.ngram.ranges.spool import Spool
from charlm.parallel import cores, memory
from charlm.progress import Report, silent

MORE_ROOM = Remedy("temp", "FOLDER")
DISK = 60  # bytes a window that tasks have at a time in files, with the runs themselves


@dataclass(frozen=True)
class Resources:
    """Bytes of memory, a folder for what does not fit, and who does the work.

    The folder is made when it is needed; whoever named it takes it away. Without an executor,
    threads of this process work.
    """

    memory: int
    folder: Path
    executor: Executor | None = None
    workers: int = 0

    @property
    def budget(self) -> Budget:
        """What fits."""
        return Budget(self.memory, self.workers or cores.usable())

    def working(self) -> AbstractContextManager[Executor]:
        """Return who does the work."""
        if self.executor is not None:
            return nullcontext(self.executor)
        memory.keep()
        return ThreadPoolExecutor(self.budget.workers)


def fit(
    sequences: Sequences, config: NgramConfig, resources: Resources, report: Report = silent
) -> NgramModel | LaidOut:
    """Estimate an n-gram model, the same wherever it is.

    Raises:
        OutputError: the disk is too small for what memory does not hold.
        TextError: there is nothing to count.
        UsageError: there is no such smoother, or it wants all in memory and that is too small.
    """
    if not len(sequences):
        raise TextError("the training text is empty: there is nothing to count")
    budget, spool = resources.budget, Spool(str(resources.folder))
    width = config.order + 1
    most = budget.windows if width > 1 else len(sequences)  # unigrams are few
    try:
        spool.clear()
        found = runs.count(sequences, width, budget.chunk, most, spool, report)
        if not isinstance(found, list):
            orders = tabulate(*found, sequences.vocab_size, config.order)
            del found
            return estimation.estimate(orders, sequences.vocab_size, sequences.end, config, report)
        stages.refuse_looking_below(config.smoothing)
        plan = Plan(spool, sequences.vocab_size, sequences.end, config, tuple(found))
        windows = sum(spool.open(name).length("counts") for name in found)
        _refuse_small_disk(resources.folder, windows)
        suffixes, contexts = plans.cut(plan, budget.ranges(windows))
        plan = replace(plan, suffixes=suffixes, contexts=contexts)
        with resources.working() as executor:
            return stages.estimate(plan, executor, report)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{resources.folder}: {reason}", MORE_ROOM) from None


def _refuse_small_disk(folder: Path, windows: int) -> None:
    """Refuse what will not fit on the disk, before hours are spent on it.

    Raises:
        OutputError: there is too little room.
    """
    wanted, free = windows * DISK, shutil.disk_usage(folder).free
    if wanted > free:
        raise OutputError(
            f"{folder}: it takes about {wanted / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free",
            MORE_ROOM,
        )
