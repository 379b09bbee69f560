"""Where a line is most surprising, and how lines are ranked so that the long ones do not win.

The bits of a whole line grow with its length, so a long line that is like all others outranks a
short one that is like none. Bits per character forgive: one odd word drowns in a long line. The
peak does neither. It is the most expensive run of a few symbols: the window of `width` symbols
(the whole line, where that is shorter) whose bits are the greatest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Float64s, Holder, Integers
from charlm.surprisal.cells import Cells
from charlm.surprisal.scores import Scores

WIDTH = 16  # symbols of a window
RANKS = ("window", "character", "total")  # by what cells are ranked
_IMPOSSIBLE = 1e9  # bits that stand for infinitely many while windows are added up


@dataclass(frozen=True, eq=False, repr=False)
class Peaks(Holder):
    """The most expensive window of each cell: its bits, its first column, its text, each (C,)."""

    bits: Float64s
    column: Integers
    texts: Sequence[str]


def peaks(scores: Scores, cells: Cells, width: int = WIDTH) -> Peaks:
    """Find the window of each cell of a scored text; of several that cost as much the first."""
    starts = np.cumsum(cells.symbols) - cells.symbols
    costs = np.minimum(scores.bits, _IMPOSSIBLE)
    firsts = np.empty(len(cells), np.int64)
    lasts = np.empty(len(cells), np.int64)
    bits = np.empty(len(cells))
    for i, (start, symbols) in enumerate(zip(starts.tolist(), cells.symbols.tolist(), strict=True)):
        size = min(width, symbols)
        sums = np.concatenate([[0.0], np.cumsum(costs[start : start + symbols])])
        windows = sums[size:] - sums[:-size]
        place = int(windows.argmax())
        firsts[i], lasts[i], bits[i] = start + place, start + place + size - 1, windows[place]
    bits[bits >= _IMPOSSIBLE / 2] = np.inf
    columns = scores.positions.column[firsts] if len(firsts) else firsts
    return Peaks(bits, columns, _texts(scores, firsts, lasts))


def _texts(scores: Scores, firsts: Integers, lasts: Integers) -> list[str]:
    ends = scores.positions.last_byte
    begins = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    pairs = zip(begins[firsts].tolist(), (ends[lasts] + 1).tolist(), strict=True)
    return [scores.data[low:high].decode(errors="surrogateescape") for low, high in pairs]


def per_character(cells: Cells) -> Float64s:
    """Return the bits of each cell by its characters, (C,)."""
    characters = np.fromiter(map(len, cells.texts), np.float64, len(cells))
    return np.asarray(cells.bits / np.maximum(characters, 1))


def measure(rank: str, cells: Cells, found: Peaks) -> Float64s:
    """Return that by which cells are ranked, (C,); see `RANKS`."""
    if rank == "total":
        return cells.bits
    return per_character(cells) if rank == "character" else found.bits
