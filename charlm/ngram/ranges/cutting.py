"""Where n-grams are cut into ranges: by a sample, so that they are about equally large.

They are cut between n-grams of `prefix` symbols. The more symbols, the more evenly: of English an
eighth begins with a blank. But n-grams of one more symbol than that are in memory all at once, as
the head; so it is no longer than it must be.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.ngram.counting.packing import begins
from charlm.ngram.ranges.plan import Bound, Plan, code_of

SAMPLED = 1 << 17  # windows that are looked at
LONGEST_PREFIX = 3
LARGEST_CODE = 1 << 63  # of an n-gram, that is a number
EVEN = 0.25  # of a range: an n-gram that takes more of it makes ranges uneven
AT_ONCE = 1 << 18  # windows that are taken apart


def cut(plan: Plan, ranges: int, head: int) -> Plan:
    """Return the plan with bounds between ranges of n-grams, which are about equally large.

    No more than `head` n-grams may be those that are in memory all at once.
    """
    columns = _sampled(plan)
    prefix = 1
    while (
        plan.symbols ** (prefix + 1) < LARGEST_CODE
        and prefix < min(LONGEST_PREFIX, plan.width - 1)
        and _largest_share(columns, plan.symbols, prefix) > EVEN / ranges
        and _distinct(plan, prefix + 2) <= head
    ):
        prefix += 1
    newest, oldest = columns[:prefix], columns[::-1][:prefix]
    suffixes, contexts = (_quantiles(c, plan.symbols, ranges) for c in (newest, oldest))
    shared = min(len(suffixes), len(contexts))  # equally many of both, as every stage has as many
    return replace(
        plan,
        prefix=prefix,
        suffixes=_thinned(suffixes, shared),
        contexts=_thinned(contexts, shared),
    )


def _largest_share(columns: Sequence[NDArray[Any]], symbols: int, prefix: int) -> float:
    """Return the share of windows that begin, or end, with the most frequent n-gram."""
    largest = 0
    for ends in (columns[:prefix], columns[::-1][:prefix]):
        _, counts = np.unique(code_of(ends, symbols), return_counts=True)
        largest = max(largest, int(counts.max(initial=0)))
    return largest / max(1, len(columns[0]))


def _distinct(plan: Plan, length: int) -> int:
    """Return how many n-grams of newest symbols the runs have, each run by itself."""
    found = 0
    for name in plan.runs:
        run = plan.spool.open(name)
        words = [run.mapped(f"{i}.windows") for i in range(len(plan.packing.slices))]
        for low in range(0, len(words[0]), AT_ONCE):
            block = tuple(np.array(word[low : low + AT_ONCE]) for word in words)
            columns = plan.packing.unpack(block)[:length]
            found += int(np.count_nonzero(begins(tuple(columns))))
    return found


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
    code = code_of(columns, symbols)
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
