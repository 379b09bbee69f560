"""Array types, and the letters that name the axes everywhere.

B  streams read side by side (the batch)     V  vocabulary
T  time steps, or symbols of a text          H  hidden units
N  n-grams of one order                      G  gates of a cell

An array line ends with its shape where it is not plain, for instance `# (T, H, B)`.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int32]  # symbols of a text as vocabulary ids, (T,)
Integers: TypeAlias = NDArray[np.int64]  # rows and counts
Rows: TypeAlias = NDArray[np.signedinteger[Any]]  # rows of a table, int32 where that holds them
Keys: TypeAlias = NDArray[np.uint64]  # packed n-grams
Floats: TypeAlias = NDArray[np.floating[Any]]  # float32 when training, float64 when checking
Float64s: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]
Arrays: TypeAlias = dict[str, NDArray[Any]]  # named arrays, as a model file holds them
