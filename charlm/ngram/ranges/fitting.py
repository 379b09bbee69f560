"""From texts to a model within the memory there is: all at once where it fits, else in ranges."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from charlm.arrays import Holder
from charlm.errors import (
    Advice,
    CharlmError,
    OutputError,
    Remedy,
    TextError,
    UsageError,
    WorkerError,
)
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences, tabulate
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.counting.packing import Packing
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges import plan as plans
from charlm.ngram.ranges import runs, stages
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.counts import CountsInRanges
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import VERSIONS, Plan
from charlm.ngram.ranges.spool import PART, Spool
from charlm.ngram.ranges.workers import ask_all
from charlm.parallel import cores, executors
from charlm.parallel.workers import Workers, lost
from charlm.progress import Report, silent

Made = TypeVar("Made")

MORE_ROOM = Remedy("temp", "FOLDER")
DISK = 60  # bytes a window that tasks have at a time in files, with the runs themselves
AT_LEAST = 3  # ranges for each worker that is not one of this process, so that none waits long


class Countable(Protocol):
    """What can be counted: texts, or files of counts."""

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        ...

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        ...

    def count(
        self, width: int, spool: Spool, budget: Budget, report: Report, *, aside: bool
    ) -> CountedWords | list[str]:
        """Return the distinct windows of `width` symbols, or the names of runs of them.

        They are runs where they are too many, or are all to be put aside.
        """
        ...


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

    def ranges(self, budget: Budget, windows: int, workers: Workers | None) -> int:
        """Return into how many ranges so many windows are cut, for these workers."""
        if workers is None:
            return budget.ranges(windows)
        fit = replace(budget, workers=workers.number)
        if workers.memory is not None:  # of which Dask wants to see some unused
            fit = replace(budget, memory=workers.memory // 2, workers=1)
        return max(AT_LEAST * workers.number, fit.ranges(windows))

    @contextmanager
    def workers(self) -> Iterator[Workers | None]:
        """Return who works, if it is not this process alone."""
        if self.engine is None:
            yield None
            return
        with executors.opened(self.engine) as workers:
            yield workers


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Holder):
    """Texts that are counted."""

    sequences: Sequences

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.sequences.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.sequences.end

    def count(
        self, width: int, spool: Spool, budget: Budget, report: Report, *, aside: bool
    ) -> CountedWords | list[str]:
        """Count windows; unigrams are few.

        Raises:
            TextError: there is nothing to count.
        """
        if not len(self.sequences):
            raise TextError("the training text is empty: there is nothing to count")
        most = budget.windows if width > 1 else len(self.sequences)
        count = runs.put_aside if aside else runs.count
        return count(self.sequences, width, budget.chunk, most, spool, report)


def fit(
    source: Countable,
    config: NgramConfig,
    using: Resources,
    report: Report = silent,
    identity: str = "",
) -> NgramModel | LaidOut:
    """Estimate an n-gram model, the same wherever it is; `identity` says of what texts.

    Raises:
        OutputError: the disk is too small for what memory does not hold.
        TextError: there is nothing to count.
        UsageError: there is no such smoother, or it wants all in memory and that is too small; or
            what was broken off is another estimation.
        WorkerError: a worker has ended, or cannot work.
    """
    counted = _counted(source, config, using, report, identity, stages.estimate, Budget.holds)
    if isinstance(counted, LaidOut):
        return counted
    orders = tabulate(*counted, source.vocab_size, config.order)
    del counted
    return estimation.estimate(orders, source.vocab_size, source.end, config, report)


def count(
    source: Countable, order: int, using: Resources, report: Report = silent, identity: str = ""
) -> CountedWords | CountsInRanges:
    """Count the windows of a source, for models of that order and of all below it.

    Raises:
        OutputError, TextError, WorkerError: as `fit`.
    """
    return _counted(
        source, NgramConfig(order, "mle"), using, report, identity, stages.merge, _always
    )


def _always(budget: Budget, counted: CountedWords) -> bool:
    """Counts that were counted in memory are written from there."""
    return True


def _counted(
    source: Countable,
    config: NgramConfig,
    using: Resources,
    report: Report,
    identity: str,
    go_on: Callable[[Plan, Workers, Report], Made],
    fits: Callable[[Budget, CountedWords], bool],
) -> CountedWords | Made:
    """Return the windows if they fit into memory; else what is made of them in ranges."""
    if using.engine is not None:
        stages.refuse_looking_below(config.smoothing)
    try:
        with using.workers() as workers:
            return _in_ranges(source, config, using, workers, report, identity, go_on, fits)
    except CharlmError:
        raise
    except Exception as error:
        if (reason := lost(error)) is not None:
            raise WorkerError(reason, Advice.GO_ON) from None
        if not isinstance(error, OSError):
            raise
        reason = f"{using.folder}: {error.strerror or error}"
        raise OutputError(reason, MORE_ROOM if using.engine is None else Advice.GO_ON) from None


def _in_ranges(
    source: Countable,
    config: NgramConfig,
    using: Resources,
    workers: Workers | None,
    report: Report,
    identity: str,
    go_on: Callable[[Plan, Workers, Report], Made],
    fits: Callable[[Budget, CountedWords], bool],
) -> CountedWords | Made:
    width = config.order + 1
    budget = using.budget(source, width)
    spool = _spool(using, workers)
    plan = _begun(spool, config, identity) if using.resume else None
    if plan is None:
        spool.clear()
        aside = workers is not None and width > 1  # unigrams are few
        counted = source.count(width, spool, budget, report, aside=aside)
        if isinstance(counted, tuple):
            if width == 1 or fits(budget, counted):
                return counted
            counted = [runs.put(spool, "run-0", counted)]
        stages.refuse_looking_below(config.smoothing)
        plan = Plan(spool, source.vocab_size, source.end, config, tuple(counted))
        windows = sum(spool.open(name).length("counts") for name in counted)
        _refuse_small_disk(spool.folder, windows)
        suffixes, contexts = plans.cut(plan, using.ranges(budget, windows, workers))
        plan = replace(plan, suffixes=suffixes, contexts=contexts)
        _note(plan, identity)
    if workers is not None:
        return go_on(plan, workers, report)
    with executors.opened("threads") as own:
        return go_on(plan, own, report)


def _spool(using: Resources, workers: Workers | None) -> Spool:
    """Return the folder; where others work, all of them see it.

    Raises:
        WorkerError: one does not, or has another program.
    """
    if workers is None:
        return Spool(str(using.folder))
    if workers.dashboard is not None:
        using.note(f"The workers may be watched at {workers.dashboard}")
    spool = Spool.taken(using.folder)
    try:
        ask_all(workers, spool)
    except BaseException:
        if not using.resume:
            shutil.rmtree(using.folder, ignore_errors=True)
        raise
    return spool


def _begun(spool: Spool, config: NgramConfig, identity: str) -> Plan | None:
    """Return the plan of what was broken off, if anything was.

    Raises:
        UsageError: it was another estimation.
    """
    found = spool.find("plan")
    if found is None:
        return None
    if (found.figures["identity"], found.figures["versions"]) != (identity, [*VERSIONS]):
        raise UsageError(f"{spool.folder}: is of other texts or options", Advice.BE_AS_BEFORE)
    figures = found.figures
    spool.clear(f"*{PART}")
    return Plan(
        spool,
        figures["vocab_size"],
        figures["end"],
        config,
        tuple(figures["runs"]),
        suffixes=tuple(map(tuple, figures["suffixes"])),
        contexts=tuple(map(tuple, figures["contexts"])),
    )


def _note(plan: Plan, identity: str) -> None:
    """Write what is needed to go on."""
    plan.spool.put(
        "plan",
        {},
        identity=identity,
        versions=VERSIONS,
        vocab_size=plan.vocab_size,
        end=plan.end,
        runs=plan.runs,
        suffixes=plan.suffixes,
        contexts=plan.contexts,
    )


def _refuse_small_disk(folder: str, windows: int) -> None:
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
