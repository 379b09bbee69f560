"""Sorting and searching many keys at once, by NumPy's sort of values.

That sort is vectorised (AVX-512, AVX2) and several times faster than `argsort`. So an index that
must travel along is packed into the low bits of the key, where both fit 64 bits.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers

NOT_FOUND = -1
WORD_BITS = 64


def argsort(keys: NDArray[Any]) -> Integers:
    """Give the places of non-negative keys in ascending order; equal keys keep their order."""
    if not len(keys):
        return np.empty(0, np.int64)
    index_bits = len(keys).bit_length()
    if int(keys.max()).bit_length() + index_bits > WORD_BITS:
        return np.argsort(keys, kind="stable")
    packed = keys.astype(np.uint64) << np.uint64(index_bits)
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    packed &= np.uint64((1 << index_bits) - 1)
    return packed.view(np.int64)


def places(table: NDArray[Any], queries: NDArray[Any]) -> Integers:
    """Say where each query stands, or would stand, in a sorted table.

    Queries are sorted first, so that the search walks through memory in order: several times
    faster on large tables.
    """
    order = argsort(queries)
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
