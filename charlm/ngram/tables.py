"""The tables of an n-gram model as named arrays, and back: `2.keys`, `2.probability` ...

The number is that of the symbols of an n-gram. Names, sizes and types are checked here; values,
which may be many, are not read.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays
from charlm.errors import ModelFileError

UNFIT = "is damaged: the n-gram tables do not fit together"

Tables: TypeAlias = tuple[NDArray[Any], ...]  # one for each length of n-grams


def pack(keys: Tables, probability: Tables, backoff: Tables) -> Arrays:
    """Name the arrays by the number of symbols; unigrams need no keys."""
    named = {f"{i}.probability": array for i, array in enumerate(probability, start=1)}
    named |= {f"{i}.backoff": array for i, array in enumerate(backoff, start=1)}
    named |= {f"{i}.keys": array for i, array in enumerate(keys, start=1) if i > 1}
    return named


def unpack(
    arrays: Mapping[str, NDArray[Any]], order: int, vocab_size: int
) -> tuple[Tables, Tables, Tables]:
    """Undo `pack`.

    Raises:
        ModelFileError: an array is missing or left over, or has not the size or type it must have.
    """
    lengths = range(1, order + 2)
    if set(arrays) != _names(order) or any(array.ndim != 1 for array in arrays.values()):
        raise ModelFileError(UNFIT)
    probability = tuple(arrays[f"{i}.probability"] for i in lengths)
    backoff = tuple(arrays[f"{i}.backoff"] for i in lengths[:-1])
    keys = (np.empty(0, np.uint32), *(arrays[f"{i}.keys"] for i in lengths[1:]))
    rows = [vocab_size, *map(len, keys[1:])]
    histories = [vocab_size + 1, *rows[1:-1]] if order else []
    fits = list(map(len, probability)) == rows and list(map(len, backoff)) == histories
    floats = all(a.dtype == np.float32 for a in (*probability, *backoff))
    types = [key_type(number, vocab_size) for number in histories]
    if not (fits and floats and types == [key.dtype for key in keys[1:]]):
        raise ModelFileError(UNFIT)
    return keys, probability, backoff


def key_type(histories: int, vocab_size: int) -> type[np.unsignedinteger[Any]]:
    """Give the smaller type that holds every key, and the first that is too large."""
    return np.uint32 if (histories + 1) * vocab_size < 1 << 32 else np.uint64


def _names(order: int) -> set[str]:
    lengths = range(1, order + 2)
    names = {f"{i}.probability" for i in lengths} | {f"{i}.backoff" for i in lengths[:-1]}
    return names | {f"{i}.keys" for i in lengths[1:]}
