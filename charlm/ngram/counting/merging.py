"""Merging counted parts of a corpus, on all cores.

A part is sorted distinct windows with their counts. Parts are collected until they hold many
windows. Then all are cut at the same first words into ranges, and each range is merged on a thread,
by sorting the windows of all parts together. If a window is a single word, and word and count fit
into 64 bits, the count stands in the low bits and is sorted along. Neither the number of threads
nor the order of parts changes the result.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers, Keys
from charlm.ngram.counting.packing import Words, begins
from charlm.parallel.threads import in_threads
from charlm.search import WORD_BITS, argsort

Counts: TypeAlias = NDArray[np.unsignedinteger[Any]]  # in as few bytes as hold them
CountedWords: TypeAlias = tuple[Words, Counts]  # sorted distinct windows, and how often each occurs

WAITING = 1 << 24  # windows that may wait to be merged: 160 MB with their counts, where of one word
RANGE = 1 << 21  # windows of one range, about: they stay near the cache


class Merger:
    """Collect parts; memory is bounded by the result and the windows that may be `waiting`."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._most_waiting = min(waiting, WAITING)
        self._parts: list[CountedWords] = []
        self._waiting = 0

    @property
    def size(self) -> int:
        """How many windows there are, those in several parts counted in each."""
        return sum(len(counts) for _, counts in self._parts)

    def add(self, part: CountedWords) -> None:
        """Take one more part."""
        self._parts.append(part)
        self._waiting += len(part[1])
        if self._waiting > self._most_waiting:
            self._parts = [merge(self._parts)]
            self._waiting = 0

    def result(self) -> CountedWords:
        """Return all parts as one, and let go of them."""
        parts, self._parts, self._waiting = self._parts, [], 0
        return merge(parts)


def merge(parts: list[CountedWords]) -> CountedWords:
    """Merge sorted parts, adding the counts of windows that are in several."""
    if len(parts) == 1:
        return parts[0]
    size = sum(len(counts) for _, counts in parts)
    bounds = _bounds([words[0] for words, _ in parts], max(1, size // RANGE))
    cuts = [[0, *np.searchsorted(words[0], bounds), len(words[0])] for words, _ in parts]

    def merge_range(i: int) -> CountedWords:
        slices = [slice(cut[i], cut[i + 1]) for cut in cuts]
        pieces = [[word[s] for word in part[0]] for part, s in zip(parts, slices, strict=True)]
        counts = [part[1][s] for part, s in zip(parts, slices, strict=True)]
        words = tuple(np.concatenate(word) for word in zip(*pieces, strict=True))
        return merge_unsorted(words, np.concatenate(counts))

    merged = list(in_threads(merge_range, range(len(bounds) + 1)))
    words = zip(*(words for words, _ in merged), strict=True)
    return tuple(map(np.concatenate, words)), np.concatenate([counts for _, counts in merged])


def _bounds(words: list[Keys], ranges: int) -> Keys:
    """Return first words that cut all parts into ranges of about equal size."""
    sample = np.concatenate([word[:: max(1, len(word) // 256)] for word in words])
    sample.sort()
    return np.unique(sample[np.arange(1, ranges) * len(sample) // ranges])


def merge_unsorted(words: Words, counts: Counts) -> CountedWords:
    """Sort windows, and add up the counts of equal ones."""
    if not len(counts):
        return words, counts
    count_bits = int(counts.max()).bit_length()
    if len(words) == 1 and int(words[0].max()).bit_length() + count_bits <= WORD_BITS:
        packed = words[0] << np.uint64(count_bits)
        packed |= counts.astype(np.uint64)
        packed.sort()
        counts = packed & np.uint64((1 << count_bits) - 1)
        packed >>= np.uint64(count_bits)
        words = (packed,)
    else:
        order = order_of(words)
        words, counts = tuple(word[order] for word in words), counts[order]
    starts = np.flatnonzero(begins(words))
    sums = np.add.reduceat(counts, starts, dtype=np.uint64)
    return tuple(word[starts] for word in words), shrunk(sums)


def sorted_words(words: Words) -> Words:
    """Return windows in ascending order; a single word is sorted in its place."""
    if len(words) == 1:
        words[0].sort()
        return words
    order = order_of(words)
    return tuple(word[order] for word in words)


def order_of(words: Words) -> Integers:
    """Return the places of windows in ascending order; equal ones keep their order."""
    order = argsort(words[-1])
    for word in words[-2::-1]:
        order = order[argsort(word[order])]
    return order


def shrunk(counts: NDArray[Any]) -> Counts:
    """Return counts in as few bytes as hold them."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
