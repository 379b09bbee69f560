r"""Do the probabilities after every history add up to one, as those of a distribution must?

After a history h of which the model has seen some successors x, and h' without its oldest symbol,

    total(h) = sum P(x|h) + backoff(h) (total(h') - sum P(x|h'))        sums over those x

A model made from counts keeps to it. A file from elsewhere need not: words added by hand, orders
cut off, mistaken exponents. Where a total is above 1, bits come out too few, and no text could be
compressed to them; below 1 they are only more than need be.

Numbers of d decimals, logarithms to base 10, are right to the factor 1 +- ln(10) / 2 * 10^-d, and
what that can do to a total is followed through the formula. Besides, `NEGLIGIBLE` is let pass: it
changes bits per symbol by less than the last of the three decimals that are reported.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from charlm import search
from charlm.arrays import Float64s, Integers
from charlm.ngram.tables import Tables

NEGLIGIBLE = 1e-4


@dataclass(frozen=True)
class Excess:
    """The history after which probabilities add up to most, above 1; ids, the oldest first."""

    total: float
    history: tuple[int, ...]


def find_excess(tables: Tables, decimals: int) -> Excess | None:
    """Return where the most is too much, for numbers that were written with so many decimals."""
    rounding = log(10) / 2 * 10.0**-decimals
    found = Excess(1.0, ())
    total = np.array([tables.probability[0].sum(dtype=float)])  # of the histories of one length
    error = total * rounding
    suffix = np.zeros(tables.vocab_size + 1, np.int64)  # rows of h' by rows of h
    for k in range(tables.order + 1):
        if k:
            history, symbol = _parts(tables, k)
            lower = suffix[history] * tables.vocab_size + symbol if k > 1 else symbol
            suffix_of_grams = search.rows(tables.keys[k - 1], lower) if k > 1 else lower
            total, error = _totals(
                tables, k, history, suffix_of_grams, total[suffix], error[suffix], rounding
            )
            suffix = suffix_of_grams
        if not len(total):
            break  # an order without n-grams, so that there are no longer ones
        worst = int(np.argmax(total - error))
        if total[worst] - error[worst] > 1 + NEGLIGIBLE and total[worst] > found.total:
            found = Excess(float(total[worst]), _symbols(tables, k, worst))
    return found if found.total > 1 else None


def _parts(tables: Tables, k: int) -> tuple[Integers, Integers]:
    """Return the histories of the (k + 1)-grams as rows, and their last symbols."""
    history, symbol = np.divmod(tables.keys[k].astype(np.int64), tables.vocab_size)
    return history, symbol


def _totals(
    tables: Tables,
    k: int,
    history: Integers,
    suffix: Integers,
    lower: Float64s,
    lower_error: Float64s,
    rounding: float,
) -> tuple[Float64s, Float64s]:
    """Return the total after each history of k symbols, and by how much rounding may have moved it.

    `lower` has the total after each h', and `suffix` the row of h'x for each n-gram hx.
    """
    backoff = tables.backoff[k - 1].astype(float)
    seen = np.bincount(history, tables.probability[k], len(backoff))
    below = np.bincount(history, tables.probability[k - 1][suffix], len(backoff))
    rest = lower - below
    totals = seen + backoff * rest
    moved = seen + backoff * (np.abs(rest) + below)
    if tables.end is not None and k == 1:
        totals[tables.end] = 0.0  # after END there is START
    return totals, moved * rounding + backoff * lower_error


def _symbols(tables: Tables, k: int, row: int) -> tuple[int, ...]:
    """Return the symbols of a history of k symbols."""
    symbols: list[int] = []
    for length in range(k, 0, -1):
        if length == 1:
            symbols.append(row)
        else:
            row, symbol = divmod(int(tables.keys[length - 1][row]), tables.vocab_size)
            symbols.append(symbol)
    return tuple(reversed(symbols))
