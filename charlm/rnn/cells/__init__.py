"""Cells: the arithmetic of one time step, forward and backward, one file each.

A cell knows no weights and no time. It is given what the input contributes, `U x_t + b`, and what
the hidden state contributes, `W h_(t-1)`; `bptt.py` does the rest for every cell alike.
"""

from charlm.rnn.cells.elman import elman
from charlm.rnn.cells.registry import CELLS, Backward, Cell, State, get

__all__ = ["CELLS", "Backward", "Cell", "State", "elman", "get"]
