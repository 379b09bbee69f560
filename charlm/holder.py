"""Values that hold arrays, as Python programs handle values: compare, show, copy, send.

A dataclass compares and shows all that it holds. Of arrays `==` gives no one answer, a hash there
is none, and they fill a screen. So what holds arrays is equal to itself alone, as objects of
Python are, and says in one line what it is; copies, those for other processes too, leave out what
was worked out from it (`cached_property`), which can be again.
"""

from dataclasses import Field, fields
from reprlib import Repr
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 200  # characters of a line that says what a value is


class _Brief(Repr):
    """Show a few of many, and of arrays type and shape."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxother, self.maxstring = 2, 60, 40
        self.maxtuple = self.maxlist = self.maxdict = self.maxset = 3

    def repr_ndarray(self, array: "NDArray[Any]", level: int) -> str:
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


def one_line(shown: str) -> str:
    """Return what shows a value as a line that is not too long."""
    line = " ".join(shown.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4]}...{line[-1]}"
