"""What runs of symbols some samples and a long text have in common.

The text is read once, in chunks, and never sorted. Windows of 1, 2, 4, 8 ... symbols are ranked
by doubling (Karp, Miller & Rosenberg 1972): a window is the pair of the ranks of its halves. So
is each place of the text, but only as long as some sample has its window: few places are left at
8 symbols. The longest common run is then found bit by bit: one of L symbols becomes one of
L + 2^j where the same window of 2^j symbols follows it in sample and text.

Time O(T) for a text of T symbols, mostly for the shortest windows; memory that of a chunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Holder, Ids, Integers
from charlm.search import NOT_FOUND, differs, rows
from charlm.text.vocabulary import UNKNOWN

NONE = NOT_FOUND  # the rank of what no sample has
LARGEST_TABLE = 1 << 22  # keys that are looked up directly


class _Ranking:
    """Distinct keys, and the rank of any key among them, NONE of those that are not."""

    def __init__(self, keys: Integers, limit: int | None = None):
        """Keys that are looked up later are below the limit, if there is one."""
        ascending = np.sort(keys)
        self.keys = ascending[differs(ascending)]
        self._table: Integers | None = None
        if limit is not None and limit <= LARGEST_TABLE:
            self._table = np.full(limit, NONE)
            self._table[self.keys] = np.arange(len(self))

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Integers) -> Integers:
        """Give the rank of each key."""
        if self._table is not None:
            return self._table[keys]
        return rows(self.keys, keys)


class _Level:
    """The windows of 2^j symbols of the samples.

    `at` has the rank of the window at each place, NONE where it would leave its sample; `seen`
    says by rank which of them a text has, the last item, of NONE, always not.
    """

    def __init__(self, keys: Integers, limit: int):
        inside = keys != NONE
        self.ranking = _Ranking(keys[inside], limit)
        self.at = np.full(len(keys), NONE)
        self.at[inside] = self.ranking.find(keys[inside])
        self.seen = np.zeros(len(self.ranking) + 1, bool)

    def longer(self, half: int) -> "_Level":
        """Give the level above; the windows of this one have `half` symbols."""
        keys = np.full(len(self.at), NONE)
        left, right = self.at[:-half], self.at[half:]
        keys[:-half] = np.where((left < 0) | (right < 0), NONE, left * len(self.ranking) + right)
        return _Level(keys, len(self.ranking) ** 2)


@dataclass(frozen=True, eq=False, repr=False)
class _Found(Holder):
    """The windows of one level that a chunk has: where, in order, and ranks by place, NONE else."""

    places: Integers
    ranks: NDArray[np.int32]

    def longer(self, half: int, size: int, ranking: _Ranking) -> "_Found":
        """Find the windows of twice the length; `size` windows of this one are distinct."""
        places = self.places[: np.searchsorted(self.places, len(self.ranks) - half)]
        right = self.ranks[places + half]
        both = right != NONE
        places = places[both]
        found = ranking.find(self.ranks[places] * np.int64(size) + right[both])
        known = found != NONE
        places, ranks = places[known], np.full(len(self.ranks), NONE, np.int32)
        ranks[places] = found[known]
        return _Found(places, ranks)


@dataclass(frozen=True, eq=False, repr=False)
class _Common(Holder):
    """Runs of one length in samples and chunk: where each is, and ranks, equal for equal runs."""

    length: int
    places: Integers
    ranks: Integers
    text_places: Integers
    text_ranks: Integers


class Matching:
    """Samples, laid out with gaps between, and what of them was met so far.

    `copied` is the length of the longest run of each sample that a text has, `place` where in the
    sample the first such run begins.
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
        self._levels = [_Level(symbols, self._foreign + 1)]  # more, as a text needs them

    def unseen(self, length: int) -> Integers:
        """Count the windows of 1, 2, 4, 8 ... symbols in each sample that no text has, (samples,).

        Each occurrence in the sample counts.
        """
        j = length.bit_length() - 1
        if j >= len(self._levels):
            return np.maximum(0, self._lengths - length + 1)
        level = self._levels[j]
        new = (level.at != NONE) & ~level.seen[level.at]
        return np.bincount(self._owner[new], minlength=len(self.copied))

    def meet(self, chunk: Ids) -> None:
        """Look at a part of a text; what reaches over its ends is not found."""
        found = self._windows(chunk)
        waiting = np.ones(len(self.copied), bool)
        for j in reversed(range(len(found))):
            level, windows = self._levels[j], found[j]
            here = np.zeros(len(level.seen), bool)
            here[windows.ranks[windows.places]] = True
            level.seen |= here
            shared = np.flatnonzero(here[level.at] & waiting[self._owner])
            waiting[self._owner[shared]] = False
            # Here no more than 2^(j + 1) - 1 symbols can be common.
            places = shared[self.copied[self._owner[shared]] < 2 ** (j + 1) - 1]
            ranks = windows.ranks[windows.places].astype(np.int64)
            common = _Common(2**j, places, level.at[places], windows.places, ranks)
            self._lengthen(common, found[:j])

    def _windows(self, chunk: Ids) -> list[_Found]:
        """Find the windows of each level that the chunk has, as far as there are any."""
        symbols = np.where(chunk == UNKNOWN, self._foreign, np.minimum(chunk, self._foreign))
        ranks = self._levels[0].ranking.find(symbols)
        found = [_Found(np.flatnonzero(ranks != NONE), ranks.astype(np.int32))]
        while len(found[-1].places) and 2 ** len(found) <= self.longest:
            below, half = self._levels[len(found) - 1], 2 ** (len(found) - 1)
            if len(found) == len(self._levels):
                self._levels.append(below.longer(half))
            ranking = self._levels[len(found)].ranking
            found.append(found[-1].longer(half, len(below.ranking), ranking))
        return found

    def _lengthen(self, common: _Common, found: list[_Found]) -> None:
        """Add a window of half the length where that can be; of each sample the longest stays."""
        if not len(common.places):
            return
        if not found:
            owners, first = np.unique(self._owner[common.places], return_index=True)
            longer = self.copied[owners] < common.length
            owners, first = owners[longer], first[longer]
            self.copied[owners] = common.length
            self.place[owners] = common.places[first] - self._first[owners]
            return
        grown = self._grown(common, found)
        self._lengthen(grown, found[:-1])
        stays = ~np.isin(self._owner[common.places], self._owner[grown.places])
        rest = replace(common, places=common.places[stays], ranks=common.ranks[stays])
        self._lengthen(rest, found[:-1])

    def _grown(self, common: _Common, found: list[_Found]) -> _Common:
        """Give the runs that go on with the same window of the last level found."""
        level, windows, length = self._levels[len(found) - 1], found[-1], common.length
        follows = level.at[common.places + length]
        places = np.flatnonzero(follows != NONE)
        inside = common.text_places < len(windows.ranks) - length
        text_places, text_ranks = common.text_places[inside], common.text_ranks[inside]
        text_follows = windows.ranks[text_places + length]
        goes_on = text_follows != NONE
        size = len(level.ranking)
        keys = common.ranks[places] * size + follows[places]
        text_keys = text_ranks[goes_on] * size + text_follows[goes_on]
        ranking = _Ranking(keys)
        ranks, text_ranks = ranking.find(keys), ranking.find(text_keys)
        met = np.zeros(len(ranking) + 1, bool)
        met[text_ranks] = True
        met[NONE] = False
        kept, known = met[ranks], text_ranks != NONE
        return _Common(
            length=length + 2 ** (len(found) - 1),
            places=common.places[places[kept]],
            ranks=ranks[kept],
            text_places=text_places[goes_on][known],
            text_ranks=text_ranks[known],
        )
