"""Parameters by name, as views into one flat vector that the optimiser updates at once."""

from collections.abc import Callable, Mapping
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Arrays, Floats


class Parameters(dict[str, Floats]):
    """Named arrays that lie one after the other in `flat`, sorted by name.

    So two of the same shapes lie alike, whatever order the names came in: files have their own.
    `zeros(size, dtype)` makes the vector.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        dtype: DTypeLike = np.float32,
        zeros: Callable[[int, DTypeLike], Floats] = np.zeros,
    ):
        self.flat: Floats = zeros(sum(map(prod, shapes.values())), dtype)
        offset = 0
        for name, shape in sorted(shapes.items()):
            self[name] = self.flat[offset : offset + prod(shape)].reshape(shape)
            offset += prod(shape)

    @classmethod
    def of(cls, arrays: Mapping[str, Floats], dtype: DTypeLike = np.float32) -> "Parameters":
        """Copy named arrays into one new vector."""
        parameters = cls({name: array.shape for name, array in arrays.items()}, dtype)
        for name, array in arrays.items():
            parameters[name][...] = array
        return parameters

    def arrays(self) -> Arrays:
        """Give independent copies of the arrays."""
        return {name: array.copy() for name, array in self.items()}
