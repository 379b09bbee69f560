"""Counts that do not fit into memory: texts and files of counts as runs, runs as one file.

Distinct windows in runs are merged a range at a time (`stages.py` has the ranges). So a file of
counts is written, and a model is trained on files of counts, within the memory there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import ArrayInParts, Holder, Ids, StoredArrays
from charlm.errors import UsageError
from charlm.ngram.counting.counted_windows import CountedWindows
from charlm.ngram.counting.merging import CountedWords, merge_unsorted
from charlm.ngram.counting.packing import Packing
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.in_ranges import InRanges
from charlm.ngram.ranges.plan import Plan
from charlm.ngram.ranges.runs import put
from charlm.ngram.ranges.spool import Spool
from charlm.ngram.ranges.suffixes import windows_of
from charlm.ngram.tally import (
    Tally,
    add,
    ids_in,
    refuse_unlike,
    shortened,
    united,
    without_rare,
    without_rare_symbols,
)
from charlm.parallel.workers import Workers
from charlm.progress import Progress, Report
from charlm.text.tokenizer import Tokenizer


def add_runs(
    windows: CountedWindows, spool: Spool, name: str, *, order: int, ids: Ids, symbols: int
) -> list[str]:
    """Write counted windows as runs, a block each: for a smaller order, and by other ids.

    `ids` are what the ids of the windows become, of so many `symbols`, START last. In a run windows
    ascend; several runs may have the same.
    """
    packing, names = Packing(symbols, order + 1), []
    for i, (words, counts) in enumerate(windows.blocks()):
        columns = [ids[column] for column in windows.packing.unpack(words)[: order + 1]]
        merged, counts = merge_unsorted(packing.pack(columns), counts)
        names.append(put(spool, f"{name}-{i}", (merged, counts)))
    return names


@dataclass(frozen=True, eq=False, repr=False)
class Tallies(Holder):
    """Tallies that are trained on, or added, together: those that files hold, which stay files.

    Raises:
        UsageError: texts were cut or treated in different ways, the order is larger than what was
            counted, or no symbol occurs so often.
    """

    tallies: Sequence[Tally]
    order: int
    min_count: int = 1

    def __post_init__(self) -> None:
        for tally in self.tallies:
            refuse_unlike(self.tallies[0], tally)
            if self.order > tally.order:
                raise UsageError(
                    f"n-grams were counted for orders up to {tally.order}, not {self.order}"
                )

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """It knows what any of theirs does and occurs often enough."""
        whole = united(self.tallies)
        if self.min_count == 1:
            return whole
        occurrences = np.zeros(whole.vocab_size, np.int64)
        for tally in self.tallies:
            occurrences[tally.tokenizer.ids_in(whole)[:-1]] += tally.windows.of_symbols
        return without_rare(whole, occurrences, self.min_count)

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.tokenizer.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.tokenizer.end

    def count(
        self,
        width: int,
        spool: Spool,
        budget: Budget,
        report: Report,
        workers: Workers | None = None,
    ) -> CountedWords | list[str]:
        """Return all windows together, or runs of them where they are too many."""
        if workers is None and sum(tally.size for tally in self.tallies) <= budget.windows:
            used = without_rare_symbols(
                add([shortened(t, width - 1) for t in self.tallies]), self.min_count
            )
            return used.windows.words, used.windows.counts
        names = []
        for i, tally in enumerate(self.tallies):
            ids = ids_in(tally.tokenizer, self.tokenizer)
            names += add_runs(
                tally.windows,
                spool,
                f"run-{i}",
                order=width - 1,
                ids=ids,
                symbols=self.vocab_size + 1,
            )
            report(Progress("reading", i + 1, len(self.tallies)))
        return names


def merge(plan: Plan, shard: int) -> dict[str, Any]:
    """Merge the windows of a range from all runs: a task.

    The figures are how many windows there are, how many symbols they count, and the largest count.
    """
    words, counts = windows_of(plan, shard)
    figures = {
        "windows": len(counts),
        "symbols": int(counts.sum(dtype=np.int64)),
        "largest": int(counts.max(initial=0)),
    }
    arrays = {f"{i}.windows": word for i, word in enumerate(words)}
    plan.spool.put(f"merged-{shard}", {**arrays, "counts": counts}, **figures)
    return figures


@dataclass(frozen=True, eq=False, repr=False)
class CountsInRanges(InRanges):
    """Distinct windows that are files, as `CountedWindows` has them in memory."""

    kind: ClassVar[str] = "counts"

    @cached_property
    def size(self) -> int:
        """How many distinct windows there are."""
        return sum(figures["windows"] for figures in self.figures)

    @property
    def symbols(self) -> int:
        """How many symbols were counted."""
        return sum(figures["symbols"] for figures in self.figures)

    def settings(self) -> dict[str, Any]:
        """As those in memory."""
        return {"order": self.order, "vocab_size": self.vocab_size, "end": self.end}

    def arrays(self) -> StoredArrays:
        """As those in memory, in parts."""
        largest = max(figures["largest"] for figures in self.figures)
        kinds = {"counts": np.min_scalar_type(largest)}
        kinds |= {f"{i}.windows": np.dtype(np.uint64) for i in range(len(self.plan.packing.slices))}
        return {
            self._stored(name): ArrayInParts(kind, self.size, partial(self._parts, name, kind))
            for name, kind in kinds.items()
        }

    @staticmethod
    def _stored(name: str) -> str:
        """Return what an array is called in a file of counts, where words are numbered from 1."""
        number, dot, rest = name.partition(".")
        return f"{int(number) + 1}.{rest}" if dot else name

    def _parts(self, name: str, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
        for shard in range(self.plan.ranges):
            yield self.plan.spool.open(f"merged-{shard}").read(name).astype(kind)
