"""Array types, the letters that name the axes everywhere, values that hold arrays, log-softmax.

B  streams read side by side (the batch)     V  vocabulary
T  time steps, or symbols of a text          H  hidden units
N  n-grams of one order                      G  gates of a cell

An array line ends with its shape where it is not plain, for instance `# (T, H, B)`.

A dataclass compares all its fields and shows them. That does not suit arrays: `==` of two arrays is
an array, arrays have no hash, and shown in full they fill a screen. So a dataclass that holds
arrays (a `Holder`) is equal to itself alone, like a plain Python object, and is shown in one line.
A copy of it, also one for another process, leaves out its cached properties, which can be computed
again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, fields
from reprlib import Repr
from typing import Any, ClassVar, TypeAlias

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


LONGEST_LINE = 200  # characters of a line that says what a value is


class _Brief(Repr):
    """Show a few of many, and of arrays type and shape."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxother, self.maxstring = 2, 60, 40
        self.maxtuple = self.maxlist = self.maxdict = self.maxset = 3

    def repr_ndarray(self, array: NDArray[Any], level: int) -> str:
        return f"{array.dtype}{list(array.shape)}"


_BRIEF = _Brief()


class Lean:
    """A dataclass that is copied and sent without its cached properties."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Holder(Lean):
    """A dataclass that holds arrays, made with `eq=False, repr=False`."""

    def __repr__(self) -> str:
        names = [field.name for field in fields(self) if field.repr]
        shown = (f"{name}={_BRIEF.repr(getattr(self, name))}" for name in names)
        return one_line(f"{type(self).__name__}({', '.join(shown)})")


@dataclass(frozen=True, eq=False, repr=False)
class ArrayInParts(Holder):
    """An array of one dimension that is never in memory as a whole, but read as often as wanted."""

    dtype: np.dtype[Any]
    size: int
    parts: Callable[[], Iterator[NDArray[Any]]]

    @property
    def shape(self) -> tuple[int, ...]:
        """As that of an array."""
        return (self.size,)

    @property
    def nbytes(self) -> int:
        """As those of an array."""
        return self.size * self.dtype.itemsize

    def whole(self) -> NDArray[Any]:
        """Return all parts as one, in memory."""
        return np.concatenate([np.empty(0, self.dtype), *self.parts()])


StoredArrays: TypeAlias = Mapping[str, NDArray[Any] | ArrayInParts]  # what can be written to a file


def log_softmax(logits: Floats, axis: int = -1) -> Float64s:
    """Return logits minus their log-sum-exp, in float64; the maximum is taken off first."""
    normalised = logits.astype(np.float64)
    normalised -= normalised.max(axis=axis, keepdims=True)
    normalised -= np.log(np.exp(normalised).sum(axis=axis, keepdims=True))
    return normalised


def one_line(shown: str) -> str:
    """Return what shows a value as a line that is not too long."""
    line = " ".join(shown.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 4]}...{line[-1]}"
