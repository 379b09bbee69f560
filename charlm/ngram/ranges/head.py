"""The n-grams that are so short that they lie across the ranges: few, and all in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s, Holder, Integers
from charlm.ngram import pruning
from charlm.ngram.counting.counts import OrderCounts, tabulate
from charlm.ngram.counting.packing import Packing, begins
from charlm.ngram.estimation import Layout, smooth_order
from charlm.ngram.ranges.plan import Bound, Plan, code_of
from charlm.ngram.smoothing import Smoother


@dataclass(frozen=True, eq=False, repr=False)
class Head(Holder):
    """The n-grams of up to `plan.prefix` symbols, shortest first.

    `symbols` are those of the longest, newest first, in suffix order: a column each.
    """

    plan: Plan
    orders: tuple[OrderCounts, ...]
    symbols: tuple[NDArray[Any], ...]

    @staticmethod
    def collect(plan: Plan) -> None:
        """Put together what the ranges of suffixes have of the head."""
        counted = [plan.spool.open(f"counted-{i}") for i in range(plan.ranges)]
        names = [name for name in counted[0].index if name.startswith("head.")]
        arrays = {name: np.concatenate([each.read(name) for each in counted]) for name in names}
        plan.spool.put("short", arrays)

    @classmethod
    def of(cls, plan: Plan) -> "Head":
        """Count the n-grams of the head."""
        packing, short = Packing(plan.symbols, plan.prefix + 1), plan.spool.open("short")
        words = [short.read(f"head.{i}.windows") for i in range(len(packing.slices))]
        counts = short.read("head.counts")
        orders = tuple(tabulate(tuple(words), counts, plan.vocab_size, plan.prefix))[: plan.prefix]
        if plan.prefix == 1:  # unigrams are dense; START is a history only
            return cls(plan, orders, (np.arange(plan.symbols),))
        columns = packing.unpack(tuple(words))[: plan.prefix]
        grams = begins(tuple(columns)) & (columns[plan.prefix - 2] != plan.vocab_size)
        return cls(plan, orders, tuple(column[grams] for column in columns))

    @property
    def events(self) -> int:
        """How many of its n-grams are not part of a longer one."""
        return sum(int(np.count_nonzero(counts.from_start)) for counts in self.orders)

    def offset(self, rows: Integers, shard: int) -> Integers:
        """Return the rows here of what a range of suffixes calls its rows of the head."""
        return self._rows_of(shard)[rows]

    def _rows_of(self, shard: int) -> Integers:
        """Return the rows of the longest n-grams of a range, which knows those that occur."""
        low, high = self.between(self.plan.suffixes, self.symbols)[shard]
        if self.plan.prefix > 1:
            return np.arange(low, high)
        rows = np.arange(low, min(high, self.plan.vocab_size))
        return rows[self.orders[0].count[rows] > 0]

    def between(self, bounds: Sequence[Bound], columns: Sequence[NDArray[Any]]) -> list[list[int]]:
        """Return which of some sorted n-grams lie in each range."""
        code = code_of(columns, self.plan.symbols)
        wanted = [code_of([np.array([s]) for s in bound], self.plan.symbols)[0] for bound in bounds]
        ends = [0, *np.searchsorted(code, wanted).tolist(), len(code)]
        return [[low, high] for low, high in pairwise(ends)]

    def smooth(self, smooth: Smoother) -> "SmoothedHead":
        """Smooth the head as any model of its order."""
        plan = self.plan
        layout = Layout(plan.vocab_size, plan.config.order)
        probability = np.array([1.0 / plan.vocab_size])
        for counts in self.orders:
            stays = pruning.kept(counts, plan.config)
            lower = probability[counts.suffix]
            smoothed = smooth_order(smooth, counts, lower, stays, plan.config)
            probability = smoothed.probability(counts.history, lower)
            layout.add(counts, smoothed, probability, stays)
        return SmoothedHead(self, layout, probability, stays)

    def write(self, smoothed: "SmoothedHead") -> None:
        """Leave for the ranges what they need of the head."""
        plan = self.plan
        rows = [self._rows_of(shard) for shard in range(plan.ranges)]
        ends = np.cumsum([0, *map(len, rows)]).tolist()
        stays = smoothed.stays if plan.prefix > 1 else np.ones(plan.symbols, bool)
        oldest_first = [column[stays] for column in reversed(self.symbols)]
        by_key = np.argsort(code_of(oldest_first, plan.symbols), kind="stable")
        oldest_first = [column[by_key] for column in oldest_first]
        key = np.zeros(len(by_key), np.uint64)
        for column in oldest_first:
            key = key * np.uint64(plan.keys.radix) + column.astype(np.uint64)
        plan.spool.put(
            "head",
            {"probability": smoothed.probability[np.concatenate(rows)], "key": key},
            suffixes=list(pairwise(ends)),
            contexts=self.between(plan.contexts, oldest_first),
        )


@dataclass(frozen=True, eq=False, repr=False)
class SmoothedHead(Holder):
    """The head with its probabilities, those of the longest in suffix order."""

    head: Head
    layout: Layout
    probability: Float64s
    stays: NDArray[np.bool_]
