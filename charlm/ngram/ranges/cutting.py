"""Where n-grams are cut into ranges: by a sample, so that they are about equally large."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from charlm.ngram.ranges.plan import Bound, Plan, code_of

SAMPLED = 1 << 17  # windows that are looked at


def cut(plan: Plan, ranges: int) -> Plan:
    """Return the plan with bounds between ranges of n-grams, which are about equally large."""
    columns = _sampled(plan)
    newest = columns[: plan.prefix]
    oldest = columns[::-1][: plan.prefix]
    suffixes, contexts = (_quantiles(c, plan.symbols, ranges) for c in (newest, oldest))
    shared = min(len(suffixes), len(contexts))  # equally many of both, as every stage has as many
    return replace(plan, suffixes=_thinned(suffixes, shared), contexts=_thinned(contexts, shared))


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
