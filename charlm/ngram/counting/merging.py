"""Merging counted parts of a corpus, on all cores.

A part is sorted distinct keys with their counts. Parts are collected until they hold many keys.
Then all are cut at the same keys into ranges, and each range is merged on a thread, by sorting the
keys of all parts together. If key and count fit into 64 bits, the count stands in the low bits and
is sorted along. Neither the number of threads nor the order of parts changes the result.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Keys
from charlm.parallel.threads import in_threads
from charlm.search import WORD_BITS, argsort, differs

Counts: TypeAlias = NDArray[np.unsignedinteger[Any]]  # in as few bytes as hold them
CountedKeys: TypeAlias = tuple[Keys, Counts]  # sorted distinct keys, and how often each occurs

WAITING = 1 << 24  # keys that may wait to be merged: 160 MB with their counts
RANGE = 1 << 21  # keys of one range, about: they stay near the cache


class Merger:
    """Collect parts; memory is bounded by the result and what waits."""

    def __init__(self) -> None:
        self._parts: list[CountedKeys] = []
        self._waiting = 0

    def add(self, part: CountedKeys) -> None:
        """Take one more part."""
        self._parts.append(part)
        self._waiting += len(part[0])
        if self._waiting > WAITING:
            self._parts = [merge(self._parts)]
            self._waiting = 0

    def result(self) -> CountedKeys:
        """Return all parts as one, and let go of them."""
        parts, self._parts = self._parts, []
        return merge(parts)


def merge(parts: list[CountedKeys]) -> CountedKeys:
    """Merge sorted parts, adding the counts of keys that are in several."""
    if len(parts) == 1:
        return parts[0]
    size = sum(len(keys) for keys, _ in parts)
    bounds = _bounds(parts, max(1, size // RANGE))
    cuts = [[0, *np.searchsorted(keys, bounds), len(keys)] for keys, _ in parts]

    def merge_range(i: int) -> CountedKeys:
        slices = [slice(cut[i], cut[i + 1]) for cut in cuts]
        keys = np.concatenate([part[0][s] for part, s in zip(parts, slices, strict=True)])
        counts = np.concatenate([part[1][s] for part, s in zip(parts, slices, strict=True)])
        return _merge_unsorted(keys, counts)

    merged = list(in_threads(merge_range, range(len(bounds) + 1)))
    return np.concatenate([m[0] for m in merged]), np.concatenate([m[1] for m in merged])


def _bounds(parts: list[CountedKeys], ranges: int) -> Keys:
    """Return keys that cut all parts into ranges of about equal size."""
    sample = np.concatenate([keys[:: max(1, len(keys) // 256)] for keys, _ in parts])
    sample.sort()
    return np.unique(sample[np.arange(1, ranges) * len(sample) // ranges])


def _merge_unsorted(keys: Keys, counts: Counts) -> CountedKeys:
    """Sort keys, and add up the counts of equal ones."""
    if not len(keys):
        return keys, counts
    count_bits = int(counts.max()).bit_length()
    if int(keys.max()).bit_length() + count_bits > WORD_BITS:
        order = argsort(keys)
        keys, counts = keys[order], counts[order]
    else:
        keys = keys << np.uint64(count_bits)
        keys |= counts.astype(np.uint64)
        keys.sort()
        counts = keys & np.uint64((1 << count_bits) - 1)
        keys >>= np.uint64(count_bits)
    starts = np.flatnonzero(differs(keys))
    return keys[starts], shrunk(np.add.reduceat(counts, starts, dtype=np.uint64))


def shrunk(counts: NDArray[Any]) -> Counts:
    """Return counts in as few bytes as hold them."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
