"""Binary search for many keys at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers

NOT_FOUND = -1


def places(table: NDArray[Any], queries: NDArray[Any]) -> Integers:
    """Say where each query stands, or would stand, in a sorted table.

    Queries are sorted first, so that the search walks through memory in order: several times
    faster on large tables.
    """
    order = np.argsort(queries)
    found = np.empty(len(queries), np.int64)
    found[order] = np.searchsorted(table, queries[order].astype(table.dtype, copy=False))
    return found


def rows(table: NDArray[Any], queries: NDArray[Any]) -> Integers:
    """Say where each query stands in a sorted table, NOT_FOUND where it is missing."""
    if not len(table):
        return np.full(len(queries), NOT_FOUND)
    found = places(table, queries)
    found[table[np.minimum(found, len(table) - 1)] != queries] = NOT_FOUND
    return found
