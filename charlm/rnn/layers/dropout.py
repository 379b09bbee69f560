"""Dropout (Srivastava et al. 2014), inverted: what is kept is scaled so that the mean stays.

Masks depend on seed, step and part alone, so that a run can be resumed at any step.
"""

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Floats

LEVELS = 1 << 16  # a mask costs two random bytes an element


class DropoutMasks:
    """Draws the masks of one part in one step, one after the other."""

    def __init__(self, rate: float, seed: tuple[int, ...], dtype: DTypeLike):
        self._dropped = min(round(rate * LEVELS), LEVELS - 1)
        self._scale = np.full(1, LEVELS / (LEVELS - self._dropped), dtype)
        self._rng = np.random.default_rng(seed)

    def __call__(self, shape: tuple[int, ...]) -> Floats:
        """Return 0 with the rate's probability, else 1 / (1 - rate)."""
        draws = self._rng.integers(0, LEVELS, shape, np.uint16)
        mask: Floats = (draws >= self._dropped) * self._scale
        return mask
