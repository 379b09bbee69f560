"""A heat map: the cells of a text, the values that colour them, and the places that stand out.

With one model, the value of a cell is its bits. With two it is the first model's bits minus the
second's, so it is above zero where the second needs fewer. Terminal, page and picture are drawn
from a heat map.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from charlm.arrays import Float64s, Holder, Integers
from charlm.surprisal.cells import Cells
from charlm.surprisal.colours import Scale


@dataclass(frozen=True, eq=False, repr=False)
class HeatMap(Holder):
    """Cells with the first model's bits, and the bits of a second one where two are compared."""

    cells: Cells
    second: Float64s | None = None

    @cached_property
    def values(self) -> Float64s:
        """What colours the cells, (C,); a difference of two infinities cannot be told, NaN."""
        if self.second is None:
            return self.cells.bits
        with np.errstate(invalid="ignore"):
            return self.cells.bits - self.second

    @cached_property
    def scale(self) -> Scale:
        """The scale that fits the values."""
        return Scale.fitting(self.values, self.second is not None)

    def places(self, number: int) -> Integers:
        """Return the cells whose values are farthest from zero, farthest first; never a NaN."""
        far = np.nan_to_num(np.abs(self.values), nan=-1.0, posinf=np.inf)
        number = min(number, int((far >= 0).sum()))
        if not number:
            return np.empty(0, np.int64)
        least = np.partition(far, len(far) - number)[len(far) - number]
        among = np.flatnonzero(far >= least)
        return among[np.argsort(-far[among], kind="stable")][:number]

    def context(self, cell: int, before: int, after: int) -> tuple[str, str]:
        """Return what stands before and after a cell, some characters of each."""
        texts = self.cells.texts
        left = "".join(texts[max(0, cell - before) : cell])
        return left[-before:], "".join(texts[cell + 1 : cell + 1 + after])[:after]
