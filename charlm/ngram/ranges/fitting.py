"""From texts, or counts, to a model within the memory there is: at once, or in ranges."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from charlm.arrays import Holder
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import tabulate
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges import disk, runs, stages
from charlm.ngram.ranges.budget import AT_LEAST, Budget
from charlm.ngram.ranges.countable import Countable
from charlm.ngram.ranges.counts import CountsInRanges
from charlm.ngram.ranges.cutting import cut
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import Plan, begin_counting, note, noted
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.ranges.spool import Spool
from charlm.parallel import executors
from charlm.parallel.workers import Workers
from charlm.progress import Report, silent

Made = TypeVar("Made")


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
        workers = self.using.workers
        if workers is not None:
            stages.refuse_looking_below(self.config.smoothing)
        with self.using.named_errors():
            spool = self.using.spool()
            plan = noted(spool, self.config, self.identity) if self.using.resume else None
            if plan is None:
                counted = self._counted(spool, fits)
                if not isinstance(counted, Plan):
                    return counted
                plan = counted
            if workers is not None:
                return go_on(plan, workers, self.report)
            with executors.opened("threads") as own:
                return go_on(plan, own, self.report)

    def _counted(
        self, spool: Spool, fits: Callable[[Budget, CountedWords], bool]
    ) -> CountedWords | Plan:
        """Count, and return the windows if they fit into memory; else how they lie in ranges."""
        source, config, width = self.source, self.config, self.config.order + 1
        budget = self.using.budget(source.vocab_size, source.end, width)
        workers = self.using.workers if width > 1 else None  # unigrams are few
        if workers is None:
            spool.clear()
        else:
            begin_counting(spool, self.identity, resume=self.using.resume)
        counted = source.count(width, spool, budget, self.report, workers)
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
    return max(AT_LEAST * workers.number, budget.of_each(workers).ranges(windows))
