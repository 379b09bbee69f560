"""What some samples share with a long text: their longest common runs, and their n-grams.

The idea: two windows of 8 symbols are equal if both their halves are. So every window of 1, 2, 4,
8 ... symbols gets a number, its rank, such that equal windows have equal ranks. The rank of a
window follows from the pair of the ranks of its halves (Karp, Miller & Rosenberg 1972). From then
on, long windows are compared as single integers. For the sample "banana":

    place        0   1   2   3   4   5
    1 symbol     b   a   n   a   n   a      ranks   1   0   2   0   2   0
    2 symbols    ba  an  na  an  na         ranks   1   0   2   0   2   -

1. `_SampleWindows` ranks the windows of the samples, one object for each size.
2. `_ChunkWindows` ranks those of the text, which comes in chunks. A window that no sample has gets
   no rank. It is forgotten, and with it all longer windows that begin there: few places are left
   at 8 symbols. What ranks are met tells which n-grams of the samples are not new.
3. `Matching.meet` puts the longest common runs together from windows of falling size, as a number
   is put together from powers of two. A run of 13 symbols is found as 8, then 8 + 4, then, since
   8 + 4 + 2 fails, as 8 + 4 + 1.

Time is O(T) for a text of T symbols, mostly spent on the shortest windows. Memory is that of a
chunk, for the text is read once and never sorted.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Ids, Integers
from charlm.search import NOT_FOUND, differs, rows
from charlm.text.vocabulary import UNKNOWN

NONE = NOT_FOUND  # the rank of what no sample has
LARGEST_TABLE = 1 << 22  # keys that are looked up directly


class _Ranking:
    """Distinct keys in ascending order; the rank of a key is its row among them."""

    def __init__(self, keys: Integers, limit: int | None = None):
        """Rank some keys. If there is a limit, no key that is looked up later reaches it."""
        ascending = np.sort(keys)
        self.keys = ascending[differs(ascending)]
        self._table: Integers | None = None
        if limit is not None and limit <= LARGEST_TABLE:
            self._table = np.full(limit, NONE)
            self._table[self.keys] = np.arange(len(self))

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Integers) -> Integers:
        """Return the rank of each key, NONE for one that is not there."""
        if self._table is not None:
            return self._table[keys]
        return rows(self.keys, keys)


class _SampleWindows:
    """The windows of one size in the samples.

    `ranks[p]` is the rank of the window that begins at place p, NONE where it would leave its
    sample. `seen[r]` tells whether a text has the window of rank r. It has one item more, which
    is always False, so that `seen[NONE]` (the last item) is False too.
    """

    def __init__(self, size: int, keys: Integers, limit: int):
        """Rank the windows by a key for each place: NONE, or a number below the limit."""
        self.size = size
        inside = keys != NONE
        self.ranking = _Ranking(keys[inside], limit)
        self.ranks = np.full(len(keys), NONE)
        self.ranks[inside] = self.ranking.find(keys[inside])
        self.seen = np.zeros(len(self.ranking) + 1, bool)

    def doubled(self) -> "_SampleWindows":
        """Return the windows of twice the size."""
        left, right = self.ranks[: -self.size], self.ranks[self.size :]
        keys = np.full(len(self.ranks), NONE)
        pairs = left * len(self.ranking) + right
        keys[: -self.size] = np.where((left == NONE) | (right == NONE), NONE, pairs)
        return _SampleWindows(2 * self.size, keys, len(self.ranking) ** 2)


class _ChunkWindows(NamedTuple):
    """The windows of one size that a chunk of the text shares with the samples.

    `ranks[p]` is the rank in the samples of the window at place p, or NONE; `places` are those
    that have a rank, in ascending order.
    """

    ranks: NDArray[np.int32]
    places: Integers

    def doubled(self, halves: _SampleWindows, whole: _SampleWindows) -> "_ChunkWindows":
        """Return the windows of twice the size; the samples have the halves and the whole."""
        places = self.places[: np.searchsorted(self.places, len(self.ranks) - halves.size)]
        right = self.ranks[places + halves.size]
        places, right = places[right != NONE], right[right != NONE]
        left = self.ranks[places].astype(np.int64)
        found = whole.ranking.find(left * len(halves.ranking) + right)
        known = found != NONE
        ranks = np.full(len(self.ranks), NONE, np.int32)
        ranks[places[known]] = found[known]
        return _ChunkWindows(ranks, places[known])


class _Runs(NamedTuple):
    """Runs of symbols: the place after each, and a number that equal runs and no others share.

    Number 0 is the empty run.
    """

    ends: Integers
    numbers: Integers

    def only(self, chosen: Booleans) -> "_Runs":
        """Return the chosen runs."""
        return _Runs(self.ends[chosen], self.numbers[chosen])

    def joined(self, others: "_Runs") -> "_Runs":
        """Return these runs and the others."""
        return _Runs(*(np.concatenate(both) for both in zip(self, others, strict=True)))

    def numbered(self, first: int) -> "_Runs":
        """Return the same runs, with numbers from `first` on instead of from 0."""
        return _Runs(self.ends, self.numbers + first)

    def longer(self, ranks: NDArray[np.signedinteger], size: int, distinct: int) -> "_Runs":
        """Return each run with the window after it, where that has a rank.

        The windows have `size` symbols. Their ranks, by place, are below `distinct`.
        """
        following = ranks[self.ends]
        known = following != NONE
        numbers = self.numbers[known] * distinct + following[known]
        return _Runs(self.ends[known] + size, numbers)


def _empty_runs(places: Integers) -> _Runs:
    """Return the empty run at each place."""
    return _Runs(places, np.zeros(len(places), np.int64))


def _common(here: _Runs, there: _Runs) -> tuple[_Runs, _Runs]:
    """Return the runs that both have, numbered anew from 0."""
    limit = 1 + max(here.numbers.max(initial=0), there.numbers.max(initial=0))
    ranking = _Ranking(here.numbers, int(limit))
    there = _Runs(there.ends, ranking.find(there.numbers))
    there = there.only(there.numbers != NONE)
    met = np.zeros(len(ranking), bool)
    met[there.numbers] = True
    here = _Runs(here.ends, ranking.find(here.numbers))
    return here.only(met[here.numbers]), there


class Matching:
    """Some samples, and what of them was met so far in texts.

    `copied[i]` is the length of the longest run of sample i that a text has too; the first such
    run begins at symbol `place[i]` of the sample.

    The samples are laid out one after the other, with a gap of one place after each.
    """

    def __init__(self, samples: Sequence[Ids]):
        self._lengths = lengths = np.array([len(sample) for sample in samples], np.int64)
        self.longest = int(lengths.max(initial=0))
        self._first = np.cumsum(lengths + 1) - lengths - 1
        self._owner = np.repeat(np.arange(len(samples)), lengths + 1)
        self.copied, self.place = np.zeros((2, len(samples)), np.int64)
        symbols = np.full(len(self._owner), NONE)
        for first, sample in zip(self._first.tolist(), samples, strict=True):
            symbols[first : first + len(sample)] = sample
        self._foreign = int(symbols.max(initial=0)) + 1  # stands for symbols of the text alone
        # Windows of 1, 2, 4 ... symbols; more are added when a text has any of that size.
        self._windows = [_SampleWindows(1, symbols, self._foreign + 1)]

    def unseen(self, size: int) -> Integers:
        """Count the windows of 1, 2, 4, 8 ... symbols in each sample that no text has, (samples,).

        A window counts as often as it occurs in the sample.
        """
        j = size.bit_length() - 1
        if j >= len(self._windows):
            return np.maximum(0, self._lengths - size + 1)
        windows = self._windows[j]
        new = (windows.ranks != NONE) & ~windows.seen[windows.ranks]
        return np.bincount(self._owner[new], minlength=len(self.copied))

    def meet(self, chunk: Ids) -> None:
        """Look at a part of a text; what reaches over its ends is not found."""
        found = self._find(chunk)
        pairs = list(zip(self._windows, found, strict=False))
        for windows, shared in pairs:
            windows.seen[shared.ranks[shared.places]] = True
        runs, lengths = self._longest_runs(pairs)
        owners, first = np.unique(self._owner[runs.ends], return_index=True)
        better = lengths[owners] > self.copied[owners]
        owners, first = owners[better], first[better]
        self.copied[owners] = lengths[owners]
        self.place[owners] = runs.ends[first] - lengths[owners] - self._first[owners]

    def _find(self, chunk: Ids) -> list[_ChunkWindows]:
        """Return the windows of 1, 2, 4 ... symbols that the chunk shares with the samples."""
        gap = self._foreign
        symbols = np.where(chunk == UNKNOWN, gap, np.minimum(chunk, gap))
        ranks = self._windows[0].ranking.find(np.append(symbols, gap)).astype(np.int32)
        found = [_ChunkWindows(ranks, np.flatnonzero(ranks != NONE))]
        while len(found[-1].places) and 2 ** len(found) <= self.longest:
            if len(found) == len(self._windows):
                self._windows.append(self._windows[-1].doubled())
            halves, whole = self._windows[len(found) - 1 : len(found) + 1]
            found.append(found[-1].doubled(halves, whole))
        return found

    def _longest_runs(
        self, pairs: Sequence[tuple[_SampleWindows, _ChunkWindows]]
    ) -> tuple[_Runs, Integers]:
        """Return each sample's longest runs that the chunk has, and their length, (samples,).

        All runs of a sample have the same length. At first each place of a sample has an empty
        run. Then the sizes are tried, the largest first: if any runs of a sample can go on with a
        window of that size, which the chunk has there too, these longer runs replace all others
        of the sample. A sample that can no longer beat its `copied` is left out.
        """
        lengths = np.zeros(len(self.copied), np.int64)
        here = _empty_runs(np.flatnonzero(self._windows[0].ranks != NONE))
        there = _empty_runs(np.empty(0, np.int64))  # the same in the chunk; empty ones are left out
        for windows, shared in reversed(pairs):
            size, distinct = windows.size, len(windows.ranking)
            most = lengths + 2 * size - 1  # as size + size / 2 + ... + 1 symbols may follow
            here = here.only((most > self.copied)[self._owner[here.ends]])
            if not len(here.ends):
                break
            start = there if here.numbers.all() else there.joined(_empty_runs(shared.places))
            here_longer, there_longer = _common(
                here.longer(windows.ranks, size, distinct),
                start.longer(shared.ranks, size, distinct),
            )
            grew = np.zeros(len(lengths), bool)
            grew[self._owner[here_longer.ends]] = True
            lengths[grew] += size
            here = here.only(~grew[self._owner[here.ends]])
            there = there.only(np.isin(there.numbers, here.numbers))
            first = 1 + here.numbers.max(initial=0)
            here = here.joined(here_longer.numbered(first))
            there = there.joined(there_longer.numbered(first))
        return here, lengths
