"""Texts as arrays of code points, which NumPy can count and look up all at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Code points of a block take 4 MB, where those of a whole text may take gigabytes.
BLOCK_CHARS = 1 << 20


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text, (T,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def blocks_of_code_points(text: str) -> Iterator[NDArray[np.uint32]]:
    """Return the code points of a text of any length, some at a time."""
    for low in range(0, len(text), BLOCK_CHARS):
        yield code_points(text[low : low + BLOCK_CHARS])
