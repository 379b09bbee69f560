"""How n-grams are cut into ranges; it decides nothing of the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Lean
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.packing import Packing
from charlm.ngram.ranges.keys import Keys, place
from charlm.ngram.ranges.spool import Spool, Stored
from charlm.version import __version__

VERSIONS = __version__, np.__version__
PREFIXES = 1 << 17  # ranges are cut between n-grams of so few kinds
LONGEST_PREFIX = 3
SAMPLED = 1 << 17  # windows by which ranges are made equally large

Bound = tuple[int, ...]  # the first symbols of the first n-gram of a range


@dataclass(frozen=True)
class Plan(Lean):
    """What every task is told.

    `suffixes` and `contexts` are the bounds between ranges: symbols, newest first and oldest first.
    """

    spool: Spool
    vocab_size: int
    end: int | None
    config: NgramConfig
    runs: tuple[str, ...]  # files of sorted distinct windows
    suffixes: tuple[Bound, ...] = ()
    contexts: tuple[Bound, ...] = ()
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

    @cached_property
    def prefix(self) -> int:
        """The symbols by which n-grams are cut: those of the longest that the head has."""
        return prefix_of(self.symbols, self.width)

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


def prefix_of(symbols: int, width: int) -> int:
    """Return by how many symbols windows are cut; 0 where they are too short to be."""
    fit = 1
    while fit < LONGEST_PREFIX and symbols ** (fit + 1) <= PREFIXES:
        fit += 1
    return min(fit, width - 1)


def ends(bounds: Sequence[Bound], shard: int) -> tuple[Bound | None, Bound | None]:
    """Return between which bounds a range lies; None is the beginning, and the end, of all."""
    around = (None, *bounds, None)
    return around[shard], around[shard + 1]


def cut(plan: Plan, ranges: int) -> tuple[tuple[Bound, ...], tuple[Bound, ...]]:
    """Return bounds, of suffixes and of contexts, between ranges that are about equally large."""
    columns = _sampled(plan)
    newest = columns[: plan.prefix]
    oldest = columns[::-1][: plan.prefix]
    suffixes, contexts = (_quantiles(c, plan.symbols, ranges) for c in (newest, oldest))
    shared = min(len(suffixes), len(contexts))  # equally many of both, as every stage has as many
    return _thinned(suffixes, shared), _thinned(contexts, shared)


def _sampled(plan: Plan) -> list[NDArray[np.unsignedinteger]]:
    """Return some windows of all runs, a column a symbol, newest first."""
    runs = [plan.spool.open(name) for name in plan.runs]
    size = sum(run.length("counts") for run in runs)
    stride = max(1, size // SAMPLED)
    parts = []
    for run in runs:
        words = (run.mapped(f"{i}.windows") for i in range(len(plan.packing.slices)))
        parts.append(plan.packing.unpack(tuple(np.array(word[::stride]) for word in words)))
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _quantiles(
    columns: Sequence[NDArray[np.unsignedinteger]],
    symbols: int,
    ranges: int,
) -> tuple[Bound, ...]:
    """Return what stands between ranges of equally many of the n-grams given, which differ."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * symbols + column
    code.sort()
    found = np.unique(code[np.arange(1, ranges) * len(code) // ranges])
    return tuple(_digits(int(value), symbols, len(columns)) for value in found if value)


def _thinned(bounds: tuple[Bound, ...], number: int) -> tuple[Bound, ...]:
    """Return so many of the bounds, evenly chosen."""
    return tuple(bounds[i * len(bounds) // number] for i in range(number))


def _digits(value: int, symbols: int, number: int) -> Bound:
    digits = []
    for _ in range(number):
        value, digit = divmod(value, symbols)
        digits.append(digit)
    return tuple(reversed(digits))
