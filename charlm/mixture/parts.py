"""Members as the arrays of one file: each under a prefix of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays
from charlm.errors import ModelFileError
from charlm.mixture.member import Member
from charlm.model import FAMILIES
from charlm.text.vocabulary import UNKNOWN

UNFIT = "is damaged: its members do not fit together"
ROUNDING = 1e-9  # of shares that add up to one


def named(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """Put a prefix before each name."""
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def taken(arrays: Mapping[str, NDArray[Any]], prefix: str) -> tuple[Arrays, Arrays]:
    """Part the arrays with a prefix, which is taken off, from all others."""
    start = f"{prefix}."
    inside = {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
    return inside, {n: a for n, a in arrays.items() if not n.startswith(start)}


def arrays(members: Sequence[Member]) -> Arrays:
    """Return all arrays of all members."""
    together: Arrays = {}
    for i, member in enumerate(members):
        together |= named(f"{i}", {"symbols": member.symbols, "shares": member.shares})
        together |= named(f"{i}.model", member.model.arrays())
    return together


def members(settings: Mapping[str, Any], arrays: Arrays) -> tuple[Member, ...]:
    """Rebuild what `arrays` and the nested settings gave.

    Raises:
        ModelFileError: there is none, an array is left over, or values are impossible.
    """
    rebuilt = []
    for i, one in enumerate(settings["members"]):
        own, arrays = taken(arrays, f"{i}")
        of_model, mapping = taken(own, "model")
        if one["kind"] not in FAMILIES or set(mapping) != {"symbols", "shares"}:
            raise ModelFileError(UNFIT)
        model = FAMILIES[one["kind"]].from_arrays(one["settings"], of_model)
        member = Member(model, **mapping)
        _check(member, settings["vocab_size"], settings["end"])
        rebuilt.append(member)
    if not rebuilt or arrays:
        raise ModelFileError(UNFIT)
    return tuple(rebuilt)


def _check(member: Member, vocab_size: int, end: int | None) -> None:
    """Hold that the union has the member's symbols in their order, and shares split UNKNOWN."""
    symbols, shares, model = member.symbols, member.shares, member.model
    if symbols.dtype != np.int32 or shares.dtype != np.float64:
        raise ModelFileError(UNFIT)
    if not symbols.shape == shares.shape == (vocab_size,) or symbols[UNKNOWN] != UNKNOWN:
        raise ModelFileError(UNFIT)
    if type(vocab_size) is not int or end not in (None, vocab_size - 1):
        raise ModelFileError(UNFIT)
    if model.end != (None if end is None else symbols[-1]):
        raise ModelFileError(UNFIT)
    known = symbols != UNKNOWN
    if not np.array_equal(symbols[known], np.arange(UNKNOWN + 1, model.vocab_size)):
        raise ModelFileError(UNFIT)
    if not ((shares >= 0) & (shares <= 1)).all() or not (shares[known] == 1).all():
        raise ModelFileError(UNFIT)
    if abs(shares[~known].sum() - 1) > ROUNDING:
        raise ModelFileError(UNFIT)
