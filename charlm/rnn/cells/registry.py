"""The shape of a cell, and the table in which cells are found by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from charlm.arrays import Floats
from charlm.errors import UsageError

State: TypeAlias = tuple[Floats, ...]  # h first, then whatever else the cell carries; each (H, B)

# From dL/dstate to dL/d(U x + b), dL/d(W h), and what reaches the old state other than through W h.
Backward: TypeAlias = Callable[[State], tuple[Floats, Floats, State]]


@dataclass(frozen=True)
class Cell:
    """One kind of recurrence.

    `step(inputs, recurrent, state)` takes `U x_t + b` and `W h_(t-1)`, each (G H, B), and gives
    the new state with the function that sends gradients back through this step.
    """

    gates: int  # G
    states: int  # arrays in the state
    step: Callable[[Floats, Floats, State], tuple[State, Backward]]


CELLS: dict[str, Callable[[str], Cell]] = {}


def cell(name: str) -> Callable[[Callable[[str], Cell]], Callable[[str], Cell]]:
    """Register a function from an activation's name to a cell."""

    def register(make: Callable[[str], Cell]) -> Callable[[str], Cell]:
        CELLS[name] = make
        return make

    return register


def get(name: str, activation: str) -> Cell:
    """Make a cell by name; a `UsageError` lists the names there are."""
    if name not in CELLS:
        raise UsageError(f"unknown cell {name!r}; there are {', '.join(CELLS)}")
    return CELLS[name](activation)
