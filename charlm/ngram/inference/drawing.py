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
the histories, and the longest ones lead to their suffix. These tables take time to make, as much
as some thousand symbols drawn from whole distributions, and so those are drawn first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Holder, Integers
from charlm.errors import ModelFileError
from charlm.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from charlm.ngram.inference.scoring import State
    from charlm.ngram.model import NgramModel

UNFIT = "is damaged: an n-gram is there without its suffix"
FEWEST = 500  # symbols drawn from whole distributions before the tables are made
NGRAMS_A_SYMBOL = 1000  # that the tables take in, in the time such a symbol takes
RANDOM_BLOCK = 4096
MOST_TRIES = 200  # of one draw, about as long as a whole distribution takes


@dataclass(frozen=True, eq=False, repr=False)
class Tables(Holder):
    """What follows the histories of each length; lists are indexed by that length.

    Successors of a history in row r stand at `first[r]:first[r + 1]`; `cumulative` has the sum of
    all probabilities before each. `suffix` leads from an n-gram to the row of its last symbols.
    """

    first: list[memoryview]
    symbols: list[memoryview]
    cumulative: list[memoryview]
    backoff: list[memoryview]
    suffix: list[memoryview]


def make_tables(model: "NgramModel") -> Tables:
    """Prepare a model.

    Raises:
        ModelFileError: its tables hold what is impossible.
    """
    model.check()
    tables = Tables([], [], [], [], [])
    suffix = np.zeros(0, np.int64)  # of the n-grams of one length
    for k in range(model.order + 1):
        keys = model.keys[k] if k else np.arange(model.vocab_size)
        history, symbol = (a.astype(np.int64) for a in np.divmod(keys, model.vocab_size))
        histories = len(model.backoff[k - 1]) if k else 1
        suffix = _suffix(model, k, suffix, history, symbol)
        first = np.append(0, np.cumsum(np.bincount(history, minlength=histories)))
        tables.first.append(_narrow(first))
        tables.symbols.append(_narrow(symbol))
        tables.cumulative.append(np.append(0, np.cumsum(model.probability[k], dtype=float)).data)
        tables.backoff.append((model.backoff[k - 1] if k else np.zeros(1, np.float32)).data)
        tables.suffix.append(_narrow(suffix))
    return tables


def _narrow(numbers: Integers) -> memoryview:
    """Give a view, which Python reads faster than an array, of no more bytes than needed."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0)))).data


def _suffix(
    model: "NgramModel", k: int, below: Integers, history: Integers, symbol: Integers
) -> Integers:
    """Give the row of the last k symbols of each n-gram of k + 1, `below` being one length less."""
    if k == 0:
        return np.zeros(model.vocab_size + 1, np.int64)  # START too
    if k == 1:
        return symbol
    suffix = search.rows(model.keys[k - 1], below[history] * model.vocab_size + symbol)
    if (suffix == search.NOT_FOUND).any():
        raise ModelFileError(UNFIT)
    return suffix


def draws(model: "NgramModel", state: "State", rng: np.random.Generator) -> Iterator[int]:
    """Draw symbols without end, each read before the next is drawn; UNKNOWN never."""
    for _ in range(FEWEST + sum(model.ngrams) // NGRAMS_A_SYMBOL):
        symbol = _pick(_known(_probs(model, state)), rng.random())
        yield symbol
        state = model.advance(state, symbol)
    uniform = chain.from_iterable(rng.random(RANDOM_BLOCK).tolist() for _ in repeat(None))
    yield from _descend(model, state, uniform)


def _probs(model: "NgramModel", state: "State") -> Float64s:
    probs: Float64s = np.exp(model.log_probs(state))
    return probs


def _known(probs: Float64s) -> Float64s:
    probs[UNKNOWN] = 0
    if not probs.any():
        probs[UNKNOWN + 1 :] = 1
    return probs


def _pick(weights: Float64s, u: float) -> int:
    """Give the symbol where a uniform number falls."""
    cumulative = np.cumsum(weights)
    return int(np.searchsorted(cumulative[:-1], u * cumulative[-1], side="right"))


def _descend(model: "NgramModel", state: "State", uniform: Iterator[float]) -> Iterator[int]:
    """Draw by the tables; `length` and `row` are the longest context that was seen."""
    tables, order, end = model.drawing_tables, model.order, model.end
    start = model.initial_state()
    length, row = len(state), state[-1] if state else 0
    levels = list(zip(tables.first, tables.cumulative, tables.symbols, strict=True))
    suffix = tables.suffix[order]
    for u in uniform:
        # The first try of `draw`, without a call: the symbol was mostly seen here.
        first, cumulative, symbols = levels[length]
        low, high = first[row], first[row + 1]
        k, place = length, bisect_right(cumulative, cumulative[low] + u, low + 1, high + 1) - 1
        if place == high or symbols[place] == UNKNOWN:
            k, place = draw(model, length, row, chain((u,), uniform))
        symbol = levels[k][2][place]
        yield symbol
        if symbol == end:
            length, row = len(start), start[-1] if start else 0
        elif k < order:
            length, row = k + 1, place
        else:
            row = suffix[place]


def draw(model: "NgramModel", length: int, row: int, uniform: Iterator[float]) -> tuple[int, int]:
    """Say where the symbol drawn stands: after a context of which length, and in which row."""
    tables = model.drawing_tables
    k, history = length, row
    seen = no_symbols = memoryview(b"")  # successors of the longer context
    for u in islice(uniform, MOST_TRIES):
        low, high = tables.first[k][history], tables.first[k][history + 1]
        cumulative = tables.cumulative[k]
        place = bisect_right(cumulative, cumulative[low] + u, low + 1, high + 1) - 1
        if place == high:
            if k and (low == high or tables.backoff[k][history]):
                seen = tables.symbols[k][low:high]
                k, history = k - 1, tables.suffix[k - 1][history]
            continue
        symbol = tables.symbols[k][place]
        if _holds(seen, symbol):
            continue
        if symbol != UNKNOWN:
            return k, place
        k, history, seen = length, row, no_symbols
    probs = _probs(model, _contexts(tables, k, history))
    probs[np.asarray(seen)] = 0
    symbol = _pick(probs, next(uniform)) if probs.any() else UNKNOWN  # by rounding nothing is left
    if symbol == UNKNOWN:
        symbol = _pick(_known(_probs(model, _contexts(tables, length, row))), next(uniform))
    return _stand(tables, length, row, symbol)


def _contexts(tables: Tables, length: int, row: int) -> "State":
    """Give the rows of the contexts of length 1, 2, ... that end as the longest one does."""
    rows = []
    for k in range(length, 0, -1):
        rows.append(row)
        row = tables.suffix[k - 1][row]
    return tuple(reversed(rows))


def _stand(tables: Tables, length: int, row: int, symbol: int) -> tuple[int, int]:
    """Say where a symbol stands: after the longest context that it was seen after."""
    for k in range(length, 0, -1):
        low, high = tables.first[k][row], tables.first[k][row + 1]
        place = bisect_left(tables.symbols[k], symbol, low, high)
        if place < high and tables.symbols[k][place] == symbol:
            return k, place
        row = tables.suffix[k - 1][row]
    return 0, symbol


def _holds(symbols: memoryview, symbol: int) -> bool:
    """Tell whether the symbol is among sorted ones."""
    place = bisect_left(symbols, symbol)
    return place < len(symbols) and bool(symbols[place] == symbol)
