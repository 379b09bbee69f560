"""Charts in characters: an area that grows, and curves told apart by their marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

BLOCKS = " ▁▂▃▄▅▆▇█"
MARKS, PLAIN_MARKS = "●▲■◆○△□◇", "ox+*#%@$"
COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")


@dataclass(frozen=True)
class Curve:
    """Values at 0, 1, 2 ..., drawn with a mark and in a colour."""

    name: str
    values: Sequence[float]
    mark: str
    colour: str


def area(values: Sequence[float | None], height: int, low: float, high: float) -> list[str]:
    """Return rows, the top one first, of columns filled up to each value; None stays empty."""
    eighths = [
        0 if value is None else 1 + round((8 * height - 1) * share(value, low, high))
        for value in values
    ]
    return [
        "".join(BLOCKS[min(8, max(0, eighth - 8 * row))] for eighth in eighths)
        for row in reversed(range(height))
    ]


def share(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, from 0 to 1."""
    return min(1.0, max(0.0, (value - low) / (high - low or 1)))


# A cell of a chart: the character and the colour, if any.
Cell = tuple[str, str]
EMPTY: Cell = (" ", "")


def log_chart(curves: Iterable[Curve], width: int, height: int) -> list[tuple[str, list[Cell]]]:
    """Return rows, the top one first: a label, where a power of ten lies, and the cells.

    Values that are 0 have no place on a logarithmic axis and are left out.
    """
    curves = list(curves)
    logs = [log10(v) for curve in curves for v in curve.values if v > 0 and isfinite(v)]
    low, high = (floor(min(logs)), ceil(max(logs))) if logs else (-1, 0)
    high = max(high, low + 1)
    grid = [[EMPTY] * width for _ in range(height)]
    for curve in curves:
        last = max(1, len(curve.values) - 1)
        for i, value in enumerate(curve.values):
            if value > 0 and isfinite(value):
                row = round((height - 1) * (1 - share(log10(value), low, high)))
                grid[row][round((width - 1) * i / last)] = (curve.mark, curve.colour)
    labels = _labels(low, high, height)
    return [(labels.get(row, ""), cells) for row, cells in enumerate(grid)]


def _labels(low: int, high: int, height: int) -> dict[int, str]:
    """Name powers of ten on rows, no more than there is room for."""
    stride = ceil((high - low) / max(1, (height - 1) // 2))
    powers = range(high, low - 1, -stride)
    return {round((height - 1) * (high - power) / (high - low)): f"1e{power}" for power in powers}
