"""All stages of an estimation in ranges, one after the other, over any executor.

A stage is one task for each range; the next begins when all its files are there. Between stages the
driver adds up small sums. What no later stage reads is taken away. A run that was broken off goes
on from the files that it left.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from charlm.errors import UsageError
from charlm.ngram import smoothing
from charlm.ngram.ranges import contexts, counts, disk, suffixes, tuning
from charlm.ngram.ranges.counts import CountsInRanges
from charlm.ngram.ranges.head import Head
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import Plan
from charlm.ngram.ranges.workers import given
from charlm.ngram.smoothing import COUNTS_ALONE, Smoother
from charlm.ngram.smoothing.kneser_ney import Discounting
from charlm.ngram.smoothing.leaving_out import stride_of
from charlm.parallel import memory, tasks
from charlm.parallel.workers import Workers
from charlm.progress import Progress, Report

Figures = Mapping[str, Any]  # small sums of a task


@dataclass(frozen=True)
class Stage:
    """One stage: its task, the file that each task leaves last, and what part of all it is."""

    name: str
    task: Callable[..., Any]
    leaves: str
    share: int  # of a thousand, as measured


TABULATE = Stage("tabulate", suffixes.tabulate, "ordered", 360)
SAMPLE = Stage("sample", suffixes.events, "events", 30)
GATHER = Stage("gather", contexts.gather, "gathered", 250)
WEIGH = Stage("weigh", contexts.weigh, "weighed", 120)
INTERPOLATE = Stage("interpolate", suffixes.interpolate, "interpolated", 160)
LAY_OUT = Stage("lay out", contexts.lay_out, "laid", 80)
MERGE = Stage("merge", counts.merge, "merged", 1000)
STAGES = (TABULATE, SAMPLE, GATHER, WEIGH, INTERPOLATE, LAY_OUT)


def estimate(plan: Plan, workers: Workers, report: Report) -> LaidOut:
    """Go through all stages, from runs of windows to a model that lies in ranges.

    Raises:
        OSError: the spool is full, or cannot be reached.
        OutputError: the disk is too small.
        UsageError: the smoother, or the way its discounts are found, wants all in memory.
    """
    return _Estimation(plan, workers, report).run()


def refuse_looking_below(name: str) -> None:
    """Refuse a smoother that cannot work in ranges.

    Raises:
        UsageError: it looks at the order below.
    """
    if name not in COUNTS_ALONE:
        able = ", ".join(sorted(COUNTS_ALONE))
        raise UsageError(
            f"{name} takes all n-grams in memory; allow more memory, or choose one of {able}"
        )


def merge(plan: Plan, workers: Workers, report: Report) -> CountsInRanges:
    """Merge runs of windows into counts that lie in ranges.

    Raises:
        OSError: as `estimate`.
    """
    return CountsInRanges(plan, tuple(map(dict, _Estimation(plan, workers, report).all(MERGE))))


class _Estimation:
    def __init__(self, plan: Plan, workers: Workers, report: Report):
        self.plan, self.workers, self.report = plan, workers, report
        self.share = 0  # of a thousand, of the stages that are done

    def run(self) -> LaidOut:
        plan, smooth = self.plan, smoothing.get(self.plan.config.smoothing)
        refuse_looking_below(plan.config.smoothing)
        discounting = smooth if isinstance(smooth, Discounting) else None
        tunes = discounting is not None and plan.config.discounts == "tuned"
        continuation = discounting is not None and discounting.continuation
        classes = discounting.classes if discounting is not None and tunes else 0

        counted = self.all(TABULATE)
        ngrams = sum(figures[str(k)]["ngrams"] for figures in counted for k in plan.lengths)
        disk.refuse_small(plan.spool.folder, ngrams * disk.AN_NGRAM)
        head = self.head()
        plan.spool.remove(*plan.runs)
        stride, first = _sampling(head, counted)
        if tunes:
            self.all(SAMPLE, stride, each=first, continuation=continuation)
        self.all(GATHER, classes, continuation=continuation)
        if discounting is not None:
            smooth = self.discounts(discounting, head, counted, stride if tunes else None)
        self.remove("counted", "events")
        smoothed = head.smooth(smooth)
        head.write(smoothed)
        weighed = self.all(WEIGH, smooth)
        self.remove("gathered")
        self.all(INTERPOLATE)
        self.remove("ordered", "weighed")
        self.all(LAY_OUT)
        self.remove("interpolated")
        return LaidOut(plan, tuple(weighed), smoothed)

    def head(self) -> Head:
        """Put the head together, or read it where that was done before."""
        if self.plan.spool.find("short") is None:
            Head.collect(self.plan)
        return Head.of(self.plan)

    def discounts(
        self,
        smooth: Discounting,
        head: Head,
        counted: list[Figures],
        stride: int | None,
    ) -> Smoother:
        """Find the discounts, or read them where that was done before."""
        known = self.plan.spool.find("discounts")
        if known is not None:
            rows, sources = known.read("discounts"), known.figures["sources"]
            pairs = zip(rows.reshape(len(sources), -1), sources, strict=True)
            return replace(smooth, known=tuple(pairs))
        memory.give_back()
        if stride is None:
            found = tuning.found_without_tuning(smooth, head, _small_counts(self.plan, counted))
        else:
            found = tuning.tuned(smooth, head, stride)
        memory.give_back()
        rows = np.concatenate([discounts for discounts, _ in found.known])
        sources = [source for _, source in found.known]
        self.plan.spool.put("discounts", {"discounts": rows}, sources=sources)
        return found

    def all(
        self, stage: Stage, *arguments: Any, each: list[Any] | None = None, **options: Any
    ) -> list[Figures]:
        """Do the tasks of a stage, those that are not done; return their figures in order.

        `each` is one more argument for each task.
        """
        spool, mark = self.plan.spool, f"all-{stage.name}"
        if (done := spool.find(mark)) is None:
            figures = dict(self._tasks(stage, arguments, each, options))
            spool.put(mark, {}, figures=[figures[i] for i in range(self.plan.ranges)])
            done = spool.open(mark)
        self.share += stage.share
        self.report(Progress("estimating", self.share, sum(each.share for each in STAGES)))
        found: list[Figures] = done.figures["figures"]
        return found

    def _tasks(
        self,
        stage: Stage,
        arguments: tuple[Any, ...],
        each: list[Any] | None,
        options: dict[str, Any],
    ) -> Iterator[tuple[int, Figures]]:
        missing = {}
        for i in range(self.plan.ranges):
            if (done := self.plan.spool.find(f"{stage.leaves}-{i}")) is not None:
                yield i, done.figures
                continue
            own = [] if each is None else [each[i]]
            missing[i] = given(self.workers, stage.task, self.plan, i, *arguments, *own, **options)
        for number, found in enumerate(tasks.finished(self.workers, missing), start=1):
            yield found
            self._report(stage, number / len(missing))

    def _report(self, stage: Stage, part: float) -> None:
        total = sum(each.share for each in STAGES)
        self.report(Progress("estimating", self.share + int(part * stage.share), total))

    def remove(self, *names: str) -> None:
        """Take away what the tasks of a stage left."""
        for name in names:
            self.plan.spool.remove(*(f"{name}-{i}" for i in range(self.plan.ranges)))


def _sampling(head: Head, counted: list[Figures]) -> tuple[int, list[dict[int, int]]]:
    """Return which events are sampled, every k-th, and for each range how many are before it."""
    lengths = head.plan.lengths
    events = [{k: figures[str(k)]["maximal"] for k in lengths} for figures in counted]
    total = sum(sum(each.values()) for each in events) + head.events
    first, before = [], dict.fromkeys(lengths, 0)
    for each in events:
        first.append(before)
        before = {k: before[k] + each[k] for k in lengths}
    return stride_of(total, range(head.plan.width)), first


def _small_counts(plan: Plan, counted: list[Figures]) -> dict[int, dict[str, list[int]]]:
    """Return, by length, how many n-grams have the small counts, in all ranges."""
    return {
        length: {
            kind: np.sum([figures[str(length)][kind] for figures in counted], axis=0).tolist()
            for kind in ("counts", "adjusted")
        }
        for length in plan.lengths
    }
