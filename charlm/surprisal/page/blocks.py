"""The text of a page in blocks, and its values as arrays that a script can read.

Bits are stored as integers of two bytes, in steps of a hundredth of a bit. If a cell has more than
655 bits, all are stored in tenths, and so on; so even a cell as long as a book keeps four digits. A
million cells take 2.7 MB.
"""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s, Integers
from charlm.surprisal.cells import Cells
from charlm.surprisal.heat import HeatMap
from charlm.text.escaping import visible

BLOCK_CELLS = 3000  # cells: a block is coloured in some milliseconds
LINE = 100  # characters, about, that stand side by side
LONGEST_CELL = 20_000  # characters shown of one cell; its UTF-16 units must fit two bytes
FINEST = 100  # steps of a bit, divided by ten until they reach as far as they must
INFINITE = 0xFFFF  # stands for a probability of zero
NOT_ESCAPED = "\n\t"


def shown(text: str) -> str:
    """Make the text of a cell fit to be shown: escaped, and not endless."""
    text = "".join(c if c in NOT_ESCAPED else visible(c) for c in text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def shown_texts(texts: Sequence[str]) -> Sequence[str]:
    """Make all texts of cells fit to be shown."""
    table = {text: shown(text) for text in set(texts)}
    if all(text == fit for text, fit in table.items()):
        return texts
    return [table[text] for text in texts]


def blocks(cells: Cells, texts: Sequence[str]) -> Iterator[str]:
    """Return the elements of the text, one a block; `texts` are the cells as shown."""
    for low, high in pairwise(_edges(cells)):
        text = "".join(texts[low:high])
        rows = text.count("\n") + len(text) // LINE + 1
        swallowed = "\n" if text.startswith("\n") else ""  # browsers drop the first of a <pre>
        yield (
            f'<pre data-cell="{low}" data-line="{cells.line[low]}" style="--rows:{rows}">'
            f"{swallowed}{escape(text, quote=False)}</pre>\n"
        )


def _edges(cells: Cells) -> list[int]:
    """Cut cells into blocks at line ends, within lines only where they are very long."""
    starts = np.flatnonzero(np.diff(cells.line, prepend=0))
    edges = [0]
    while edges[-1] < len(cells):
        low, high = edges[-1], min(edges[-1] + BLOCK_CELLS, len(cells))
        start = int(starts[np.searchsorted(starts, high, side="right") - 1])
        if high < len(cells):
            high = start if low < start else _after_blank(cells.texts, low, high)
        edges.append(high)
    return edges


def _after_blank(texts: Sequence[str], low: int, high: int) -> int:
    """Find a place near the end of a range where a line may be broken."""
    near = range(high, max(low, high - LINE), -1)
    return next((i for i in near if texts[i - 1] == " "), high)


def arrays(heat_map: HeatMap, texts: Sequence[str]) -> dict[str, Any]:
    """Return what the script must know of the cells.

    `bits`, of one model or two, in `steps`; `lengths` in UTF-16 units, which are a browser's, where
    not all are 1; `unknown`, a bit for each cell, where any is.
    """
    both = [heat_map.cells.bits, *([] if heat_map.second is None else [heat_map.second])]
    most = max(float(bits.max(where=np.isfinite(bits), initial=0.0)) for bits in both)
    steps = next(steps for steps in _steps() if most * steps < INFINITE - 1)
    lengths = _lengths(texts)
    unknown = heat_map.cells.unknown
    return {
        "steps": steps,
        "bits": [_text(_in_steps(bits, steps)) for bits in both],
        "lengths": _text(lengths) if (lengths != 1).any() else None,
        "unknown": _text(np.packbits(unknown, bitorder="little")) if unknown.any() else None,
    }


def _steps() -> Iterator[float]:
    """Return ever coarser steps of a bit."""
    return (FINEST / 10**power for power in count())


def _in_steps(bits: Float64s, steps: float) -> NDArray[np.uint16]:
    finite = np.clip(np.rint(bits * steps), 0, INFINITE - 1)
    return np.where(np.isinf(bits), INFINITE, finite).astype("<u2")


def _lengths(texts: Sequence[str]) -> NDArray[np.uint16]:
    """UTF-16 units of each text, (C,)."""
    joined = "".join(texts).encode("utf-32-le")
    units = 1 + (np.frombuffer(joined, np.uint32) >= 0x10000)
    if isinstance(texts, str):
        return units.astype("<u2")
    ends: Integers = np.cumsum(np.fromiter(map(len, texts), np.int64))
    so_far = np.concatenate([[0], np.cumsum(units)])
    return np.diff(so_far[ends], prepend=0).astype("<u2")


def _text(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode()
