"""What every task is told: how n-grams lie in ranges, which decides nothing of the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers, Lean
from charlm.errors import Advice, UsageError
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.packing import Packing
from charlm.ngram.ranges.keys import Keys, place
from charlm.ngram.ranges.spool import PART, Spool, Stored
from charlm.version import __version__

VERSIONS = __version__, np.__version__

Bound = tuple[int, ...]  # the first symbols of the first n-gram of a range


@dataclass(frozen=True)
class Plan(Lean):
    """What every task is told.

    `suffixes` and `contexts` are the bounds between ranges: symbols, newest first and oldest first.
    `prefix` is by how many symbols n-grams are cut; those of up to so many are the head.
    """

    spool: Spool
    vocab_size: int
    end: int | None
    config: NgramConfig
    runs: tuple[str, ...]  # files of sorted distinct windows
    suffixes: tuple[Bound, ...] = ()
    contexts: tuple[Bound, ...] = ()
    prefix: int = 1
    versions: tuple[str, str] = VERSIONS  # of charlm and NumPy, which all workers must have

    @property
    def ranges(self) -> int:
        """How many there are, of suffixes and of contexts alike."""
        return len(self.suffixes) + 1

    @property
    def width(self) -> int:
        """Symbols of a window."""
        return self.config.order + 1

    @property
    def symbols(self) -> int:
        """How many there are, START too."""
        return self.vocab_size + 1

    @cached_property
    def packing(self) -> Packing:
        """How windows are words, newest first."""
        return Packing(self.symbols, self.width)

    @cached_property
    def keys(self) -> Keys:
        """How n-grams are words, oldest first."""
        return Keys(self.symbols, self.width)

    @property
    def lengths(self) -> range:
        """Lengths of the n-grams that lie in ranges."""
        return range(self.prefix + 1, self.width + 1)

    def windows_between(self, shard: int, stored: Stored) -> tuple[int, int]:
        """Return where the windows of a range of suffixes lie in a run."""
        words = [stored.mapped(f"{i}.windows") for i in range(len(self.packing.slices))]
        low, high = ends(self.suffixes, shard)
        begin = 0 if low is None else self._place(words, low)
        end = len(words[0]) if high is None else self._place(words, high)
        return begin, end

    def _place(self, words: Sequence[NDArray[np.uint64]], bound: Bound) -> int:
        columns = [np.array([s]) for s in (*bound, *[0] * (self.width - len(bound)))]
        return place(tuple(words), tuple(int(w[0]) for w in self.packing.pack(columns)))


def ends(bounds: Sequence[Bound], shard: int) -> tuple[Bound | None, Bound | None]:
    """Return between which bounds a range lies; None is the beginning, and the end, of all."""
    around = (None, *bounds, None)
    return around[shard], around[shard + 1]


def code_of(columns: Sequence[NDArray[Any]], symbols: int) -> Integers:
    """Return one number for the symbols of each n-gram, which sorts as they do, (N,)."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * symbols + column
    return code


def begin_counting(spool: Spool, identity: str, *, resume: bool) -> None:
    """Take away what is there, but for what was counted of the same texts and broken off."""
    found = spool.find("counting") if resume else None
    if found is not None and found.figures == {"identity": identity, "versions": [*VERSIONS]}:
        spool.clear(f"*{PART}")
        return
    spool.clear()
    spool.put("counting", {}, identity=identity, versions=VERSIONS)


def note(plan: Plan, identity: str) -> None:
    """Write what is needed to go on; `identity` says of what texts and options the plan is."""
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
        prefix=plan.prefix,
    )


def noted(spool: Spool, config: NgramConfig, identity: str) -> Plan | None:
    """Return the plan of what was broken off, if anything was.

    Raises:
        UsageError: it was another estimation.
    """
    found = spool.find("plan")
    if found is None:
        return None
    figures = found.figures
    if (figures["identity"], figures["versions"]) != (identity, [*VERSIONS]):
        raise UsageError(f"{spool.folder}: is of other texts or options", Advice.BE_AS_BEFORE)
    spool.clear(f"*{PART}")
    return Plan(
        spool,
        figures["vocab_size"],
        figures["end"],
        config,
        tuple(figures["runs"]),
        suffixes=tuple(map(tuple, figures["suffixes"])),
        contexts=tuple(map(tuple, figures["contexts"])),
        prefix=figures["prefix"],
    )
