"""Cells: the arithmetic of one time step, forward and backward, one file each.

A cell knows no weights and no time. It is given what the input contributes, `U x_t + b`, and what
the hidden state contributes, `W h_(t-1)`; `bptt.py` does the rest for every cell alike.
"""

from importlib import import_module
from pkgutil import iter_modules

from charlm.rnn.cells.registry import CELLS, Cell, State, get

__all__ = ["CELLS", "Cell", "State", "get"]

for _module in iter_modules(__path__):  # each file registers what it holds
    import_module(f"{__name__}.{_module.name}")
