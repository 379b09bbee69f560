"""The shape of a cell, and the table in which cells are found by name."""

from typing import ClassVar, Protocol, TypeAlias

from charlm.arrays import Floats
from charlm.errors import UsageError

State: TypeAlias = tuple[Floats, ...]  # h first, then whatever else the cell carries; each (H, B)
Parts: TypeAlias = tuple[Floats, ...]  # views of (G, H, B): (H, B), or (n, H, B) of n gates


class Cell(Protocol):
    """The arithmetic of one time step, forward and backward, in place.

    It is given U x_t + b and W h_(t-1), each cut into parts: the cell's gates, and those of them
    that are treated alike. It knows no weights and no time.
    """

    gates: ClassVar[int]  # G; W, U and b hold them one below the other, in this order
    states: ClassVar[int]  # arrays in the state
    saved: ClassVar[int]  # S, arrays (H, B) that the way back needs besides gates and states
    # A gate acts on W h itself, or h has a way past W h: then W h is kept, and the way back leaves
    # dL/d(W h) of every gate too.
    gated_product: ClassVar[bool]
    activations: ClassVar[tuple[str, ...]]  # names its constructor takes
    squashes: bool  # h stays between -1 and 1, which scoring relies on; set by `__init__`
    bias: ClassVar[tuple[float, ...]]  # (G,) what each gate's bias starts from

    def __init__(self, activation: str): ...

    def parts(self, gates: Floats) -> Parts:
        """Cut (G, H, B) into views, once for all steps: a view costs as much as arithmetic."""
        ...

    def forward(self, gates: Parts, product: Parts, old: State, new: State, saved: Parts) -> None:
        """Fill `new` from `old`, and `saved`, S arrays.

        `gates` holds U x_t + b and is left with what the way back needs; `product` holds W h_(t-1)
        and may be overwritten. `old` and `new` share no memory.
        """
        ...

    def backward(
        self, gates: Parts, product: Parts, old: State, new: State, saved: Parts, d_state: State
    ) -> None:
        """Send gradients back through one step.

        `gates`, `new` and `saved` are as `forward` left them; `d_state` holds dL/dnew. Left are
        dL/d(U x_t + b) in `gates` and, but for h, what reaches `old` in `d_state`. `product` is
        scratch space; where the cell has a `gated_product` it is as `forward` left it, is left
        with dL/d(W h_(t-1)), and `d_state` is left with what reaches the old h past W h too.
        """
        ...


CELLS: dict[str, type[Cell]] = {}


def register(cell: type[Cell]) -> type[Cell]:
    """Register a cell under the name of its class, in lower case."""
    CELLS[cell.__name__.lower()] = cell
    return cell


def get(name: str, activation: str = "tanh") -> Cell:
    """Make a cell by name.

    Raises:
        UsageError: there is no such cell, or it does not take that activation; the error lists
            what there is.
    """
    if name not in CELLS:
        raise UsageError(f"unknown cell {name!r}; there are {', '.join(CELLS)}")
    cell = CELLS[name]
    if activation not in cell.activations:
        names = ", ".join(cell.activations)
        raise UsageError(f"the {name} cell has no activation {activation!r}; it has {names}")
    return cell(activation)
