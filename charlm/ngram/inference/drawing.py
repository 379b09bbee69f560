"""Drawing symbols from an n-gram model without whole distributions.

After a history h, the symbols S(h) seen there have their probabilities, and what is left belongs to
the others, in proportion to what the shorter history h' says of them. So a uniform number u falls

    on a symbol of S(h)        if u < sum of P(x|h) over those, found by bisection;
    on the shorter history     otherwise: draw from P(x|h') until x is not in S(h)

    P(drawn x) = (1 - sum over S(h) of P(y|h)) P(x|h') / (1 - sum over S(h) of P(y|h')) = P(x|h)

for x outside S(h). That holds for any back-off model, interpolated or not: which x are left, and
their proportions, is all that counts. The number of draws from h' is the back-off weight, on
average.

What is wanted is P(x|h) without UNKNOWN, P(x|h) / (1 - P(UNKNOWN|h)). So where that descent ends
at UNKNOWN, which it does with P(UNKNOWN|h), all of it begins anew at h: rejection leaves all others
in their proportions. But it has not ended where UNKNOWN comes up after h' and is in S(h): like any
other symbol of S(h) it is refused by the draw from h', and that draw alone is repeated. To begin
anew at h there would draw what is outside S(h) too seldom, by as much as P(UNKNOWN|h') is.

What is left may be little, after h or in all, and would be tried for long. After some tries the
rest of the way is taken through whole distributions. Each try forgets those before it, so the law
is the same.

Where the next history stands is known from where the symbol stood: an n-gram is its own row among
the histories, and the longest ones lead to their suffix. These lists (`Successors`) take time to
make, as much as some thousand symbols drawn from whole distributions, and so those are drawn first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Holder, Integers
from charlm.errors import ModelFileError
from charlm.ngram.inference import distributions
from charlm.ngram.tables import State, Tables
from charlm.text.vocabulary import UNKNOWN

UNFIT = "is damaged: an n-gram is there without its suffix"
FEWEST = 500  # symbols drawn from whole distributions before the lists are made
NGRAMS_A_SYMBOL = 1000  # that the lists take in, in the time such a symbol takes
RANDOM_BLOCK = 4096
MOST_TRIES = 200  # of one draw, about as long as a whole distribution takes


class Drawer:
    """Draws from one model's tables; what that takes is made once, when it is worth it."""

    def __init__(self, tables: Tables):
        self._tables = tables

    @cached_property
    def successors(self) -> "Successors":
        """What long samples are drawn from.

        Raises:
            ModelFileError: the tables hold what is impossible.
        """
        self._tables.check()
        return successors(self._tables)

    def draws(self, state: State, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end, each read before the next is drawn; UNKNOWN never."""
        for _ in range(FEWEST + sum(self._tables.ngrams) // NGRAMS_A_SYMBOL):
            symbol = _pick(_known(self._probs(state)), rng.random())
            yield symbol
            state = self._tables.advance(state, symbol)
        uniform = chain.from_iterable(rng.random(RANDOM_BLOCK).tolist() for _ in repeat(None))
        yield from self._descend(state, uniform)

    def _probs(self, state: State) -> Float64s:
        probs: Float64s = np.exp(distributions.after(self._tables, state))
        return probs

    def _descend(self, state: State, uniform: Iterator[float]) -> Iterator[int]:
        """Draw by descent; `length` and `row` are the longest context that was seen."""
        order, end = self._tables.order, self._tables.end
        start = self._tables.initial_state()
        length, row = len(state), state[-1] if state else 0
        after = self.successors
        levels = list(zip(after.first, after.cumulative, after.symbols, strict=True))
        suffix = after.suffix[order]
        for u in uniform:
            # The first try of `draw`, without a call: the symbol was mostly seen here.
            first, cumulative, symbols = levels[length]
            low, high = first[row], first[row + 1]
            k, place = length, bisect_right(cumulative, cumulative[low] + u, low + 1, high + 1) - 1
            if place == high or symbols[place] == UNKNOWN:
                k, place = self.draw(length, row, chain((u,), uniform))
            symbol = levels[k][2][place]
            yield symbol
            if symbol == end:
                length, row = len(start), start[-1] if start else 0
            elif k < order:
                length, row = k + 1, place
            else:
                row = suffix[place]

    def draw(self, length: int, row: int, uniform: Iterator[float]) -> tuple[int, int]:
        """Say where the symbol drawn stands: after a context of which length, and in which row."""
        after = self.successors
        k, history = length, row
        seen = no_symbols = memoryview(b"")  # successors of the longer context
        for u in islice(uniform, MOST_TRIES):
            low, high = after.first[k][history], after.first[k][history + 1]
            cumulative = after.cumulative[k]
            place = bisect_right(cumulative, cumulative[low] + u, low + 1, high + 1) - 1
            if place == high:
                if k and (low == high or after.backoff[k][history]):
                    seen = after.symbols[k][low:high]
                    k, history = k - 1, after.suffix[k - 1][history]
                continue
            symbol = after.symbols[k][place]
            if _holds(seen, symbol):
                continue
            if symbol != UNKNOWN:
                return k, place
            k, history, seen = length, row, no_symbols
        return self._draw_whole((length, row), (k, history), seen, uniform)

    def _draw_whole(
        self,
        longest: tuple[int, int],
        reached: tuple[int, int],
        seen: memoryview,
        uniform: Iterator[float],
    ) -> tuple[int, int]:
        """Go the rest of the way, from the context reached, through whole distributions."""
        after = self.successors
        probs = self._probs(after.contexts(*reached))
        probs[np.asarray(seen)] = 0
        symbol = _pick(probs, next(uniform)) if probs.any() else UNKNOWN  # by rounding none is left
        if symbol == UNKNOWN:
            symbol = _pick(_known(self._probs(after.contexts(*longest))), next(uniform))
        return after.place(*longest, symbol)


@dataclass(frozen=True, eq=False, repr=False)
class Successors(Holder):
    """What follows the histories of each length; lists are indexed by that length.

    Successors of a history in row r stand at `first[r]:first[r + 1]`; `cumulative` has the sum of
    all probabilities before each. `suffix` leads from an n-gram to the row of its last symbols.
    """

    first: list[memoryview]
    symbols: list[memoryview]
    cumulative: list[memoryview]
    backoff: list[memoryview]
    suffix: list[memoryview]

    def contexts(self, length: int, row: int) -> State:
        """Return the rows of the contexts of length 1, 2, ... that end as the longest one does."""
        rows = []
        for k in range(length, 0, -1):
            rows.append(row)
            row = self.suffix[k - 1][row]
        return tuple(reversed(rows))

    def place(self, length: int, row: int, symbol: int) -> tuple[int, int]:
        """Say where a symbol stands: after the longest context that it was seen after."""
        for k in range(length, 0, -1):
            low, high = self.first[k][row], self.first[k][row + 1]
            place = bisect_left(self.symbols[k], symbol, low, high)
            if place < high and self.symbols[k][place] == symbol:
                return k, place
            row = self.suffix[k - 1][row]
        return 0, symbol


def successors(tables: Tables) -> Successors:
    """Return the successors of all histories, from tables that were checked."""
    made = Successors([], [], [], [], [])
    suffix = np.zeros(0, np.int64)  # of the n-grams of one length
    for k in range(tables.order + 1):
        keys = tables.keys[k] if k else np.arange(tables.vocab_size)
        history, symbol = (a.astype(np.int64) for a in np.divmod(keys, tables.vocab_size))
        histories = len(tables.backoff[k - 1]) if k else 1
        suffix = _suffix(tables, k, suffix, history, symbol)
        first = np.append(0, np.cumsum(np.bincount(history, minlength=histories)))
        made.first.append(_narrow(first))
        made.symbols.append(_narrow(symbol))
        made.cumulative.append(np.append(0, np.cumsum(tables.probability[k], dtype=float)).data)
        made.backoff.append((tables.backoff[k - 1] if k else np.zeros(1, np.float32)).data)
        made.suffix.append(_narrow(suffix))
    return made


def _narrow(numbers: Integers) -> memoryview:
    """Return a view, which Python reads faster than an array, of no more bytes than needed."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0)))).data


def _suffix(
    tables: Tables, k: int, below: Integers, history: Integers, symbol: Integers
) -> Integers:
    """Return the row of the last k symbols of each n-gram of k + 1, `below` for one length less."""
    if k == 0:
        return np.zeros(tables.vocab_size + 1, np.int64)  # START too
    if k == 1:
        return symbol
    suffix = search.rows(tables.keys[k - 1], below[history] * tables.vocab_size + symbol)
    if (suffix == search.NOT_FOUND).any():
        raise ModelFileError(UNFIT)
    return suffix


def _known(probs: Float64s) -> Float64s:
    probs[UNKNOWN] = 0
    if not probs.any():
        probs[UNKNOWN + 1 :] = 1
    return probs


def _pick(weights: Float64s, u: float) -> int:
    """Return the symbol where a uniform number falls."""
    cumulative = np.cumsum(weights)
    return int(np.searchsorted(cumulative[:-1], u * cumulative[-1], side="right"))


def _holds(symbols: memoryview, symbol: int) -> bool:
    """Tell whether the symbol is among sorted ones."""
    place = bisect_left(symbols, symbol)
    return place < len(symbols) and bool(symbols[place] == symbol)
