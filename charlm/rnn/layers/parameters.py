"""Parameters by name, as views into one flat vector that the optimiser updates at once."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Arrays, Floats
from charlm.parallel.processes import shared
from charlm.rnn.layers.ngram_rows import TABLE


class Parameters(dict[str, Floats]):
    """Named arrays that lie one after the other in `flat`, sorted by name.

    So two of the same shapes lie alike, whatever order the names came in: files have their own.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: DTypeLike = np.float32):
        self._lie_in(np.zeros(sum(map(prod, shapes.values())), dtype), shapes)

    def _lie_in(self, flat: Floats, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.flat = flat
        offset = 0
        for name, shape in sorted(shapes.items()):
            self[name] = flat[offset : offset + prod(shape)].reshape(shape)
            offset += prod(shape)

    @property
    def dense(self) -> Floats:
        """All but the rows for n-grams, of which a step changes few; their name sorts last."""
        return self.flat[: self.flat.size - (self[TABLE].size if TABLE in self else 0)]

    def share(self) -> None:
        """Move to memory that later copies of this process share.

        Views that were made before still show the old memory.
        """
        flat = shared(self.flat.size, self.flat.dtype)
        flat[:] = self.flat
        self._lie_in(flat, {name: array.shape for name, array in self.items()})

    @classmethod
    def of(cls, arrays: Mapping[str, Floats], dtype: DTypeLike = np.float32) -> "Parameters":
        """Copy named arrays into one new vector."""
        parameters = cls({name: array.shape for name, array in arrays.items()}, dtype)
        for name, array in arrays.items():
            parameters[name][...] = array
        return parameters

    def __reduce__(self) -> tuple[Any, ...]:
        """Let arrays be views of one vector in copies too, also in those for other processes."""
        return Parameters.of, (self.arrays(), self.flat.dtype)

    def arrays(self) -> Arrays:
        """Return independent copies of the arrays."""
        return {name: array.copy() for name, array in self.items()}
