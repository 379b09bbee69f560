"""From texts, or counts, to a model within the memory there is: at once, or in ranges."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from charlm.arrays import Holder
from charlm.errors import Advice, CharlmError, OutputError, WorkerError
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import tabulate
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges import disk, runs, stages
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.countable import Countable
from charlm.ngram.ranges.counts import CountsInRanges
from charlm.ngram.ranges.cutting import cut
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import Plan, note, noted
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.ranges.spool import Spool
from charlm.ngram.ranges.workers import ask_all
from charlm.parallel import executors
from charlm.parallel.workers import Workers, lost
from charlm.progress import Report, silent

Made = TypeVar("Made")

AT_LEAST = 3  # ranges for each worker that is not one of this process, so that none waits long


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
    counted = _Work(source, config, using, report, identity).made(stages.estimate, Budget.holds)
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
    config = NgramConfig(order, "mle")  # the order alone matters
    return _Work(source, config, using, report, identity).made(stages.merge, _always)


def _always(budget: Budget, counted: CountedWords) -> bool:
    """Counts that were counted in memory are written from there."""
    return True


@dataclass(frozen=True, eq=False, repr=False)
class _Work(Holder):
    """What is to be made, and with what."""

    source: Countable
    config: NgramConfig
    using: Resources
    report: Report
    identity: str

    def made(
        self,
        go_on: Callable[[Plan, Workers, Report], Made],
        fits: Callable[[Budget, CountedWords], bool],
    ) -> CountedWords | Made:
        """Return the windows if they fit into memory; else what is made of them in ranges."""
        if self.using.engine is not None:
            stages.refuse_looking_below(self.config.smoothing)
        with self._named_errors(), self.using.workers() as workers:
            spool = self._spool(workers)
            plan = noted(spool, self.config, self.identity) if self.using.resume else None
            if plan is None:
                counted = self._counted(spool, workers, fits)
                if not isinstance(counted, Plan):
                    return counted
                plan = counted
            if workers is not None:
                return go_on(plan, workers, self.report)
            with executors.opened("threads") as own:
                return go_on(plan, own, self.report)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Say of each error whose it is, and what to do."""
        try:
            yield
        except CharlmError:
            raise
        except Exception as error:
            if (reason := lost(error)) is not None:
                raise WorkerError(reason, Advice.GO_ON) from None
            if not isinstance(error, OSError):
                raise
            reason = f"{self.using.folder}: {error.strerror or error}"
            advice = disk.MORE_ROOM if self.using.engine is None else Advice.GO_ON
            raise OutputError(reason, advice) from None

    def _spool(self, workers: Workers | None) -> Spool:
        """Return the folder; where others work, all of them see it.

        Raises:
            WorkerError: one does not, or has another program.
        """
        using = self.using
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

    def _counted(
        self,
        spool: Spool,
        workers: Workers | None,
        fits: Callable[[Budget, CountedWords], bool],
    ) -> CountedWords | Plan:
        """Count, and return the windows if they fit into memory; else how they lie in ranges."""
        source, config, width = self.source, self.config, self.config.order + 1
        budget = self.using.budget(source, width)
        spool.clear()
        aside = workers is not None and width > 1  # unigrams are few
        counted = source.count(width, spool, budget, self.report, aside=aside)
        if isinstance(counted, tuple):
            if width == 1 or fits(budget, counted):
                return counted
            counted = [runs.put(spool, "run-0", counted)]
        stages.refuse_looking_below(config.smoothing)
        plan = Plan(spool, source.vocab_size, source.end, config, tuple(counted))
        windows = sum(spool.open(name).length("counts") for name in counted)
        disk.refuse_small(spool.folder, windows * disk.A_WINDOW)
        plan = cut(plan, _ranges(budget, windows, workers), budget.head)
        note(plan, self.identity)
        return plan


def _ranges(budget: Budget, windows: int, workers: Workers | None) -> int:
    """Return into how many ranges so many windows are cut, for these workers."""
    if workers is None:
        return budget.ranges(windows)
    fit = replace(budget, workers=workers.number)
    if workers.memory is not None:  # of which Dask wants to see some unused
        fit = replace(budget, memory=workers.memory // 2, workers=1)
    return max(AT_LEAST * workers.number, fit.ranges(windows))
