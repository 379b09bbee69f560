"""Charts of a page, as SVG: how values are spread, and how they run through the text."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import isfinite

import numpy as np

from charlm.arrays import Float64s
from charlm.surprisal.colours import CLASSES, Scale
from charlm.surprisal.heat import HeatMap

STRETCHES = 160  # of a text, at most, each one bar
HEIGHT = 100.0


def histogram(heat_map: HeatMap) -> str:
    """Draw the share of cells in each class of colours."""
    scale, values = heat_map.scale, heat_map.values
    classes = scale.classes(values)
    counts = np.bincount(classes, minlength=CLASSES)
    bits = np.bincount(classes, np.nan_to_num(values, posinf=0.0, neginf=0.0), CLASSES)
    highest = max(1, int(counts.max()))
    bars = []
    for i, (count, own) in enumerate(zip(counts.tolist(), bits.tolist(), strict=True)):
        low = scale.low + i * scale.width
        title = (
            f"{_range(scale, low)}: {count:,} ({count / max(1, len(values)):.1%}), {own:z,.0f} bits"
        )
        bars.append(_bar(i, title, f"c{i}", 0.0, HEIGHT * count / highest))
    middle = scale.low + (scale.top - scale.low) / 2
    return _chart("spread", CLASSES, bars, [f"{v:g}" for v in (scale.low, middle, scale.top)])


def _range(scale: Scale, low: float) -> str:
    """Name a class; the last ones are open."""
    if low + scale.width > scale.top - scale.width / 2:
        return f"{low:z.1f} bits and more"
    return f"{low:z.1f} to {low + scale.width:z.1f} bits"


def course(heat_map: HeatMap) -> str:
    """Draw how far the mean value of equal stretches of the text lies above or below a level.

    The level is the mean of all, or of a difference zero.
    """
    level = base(heat_map)
    edges = _stretches(len(heat_map.cells))
    means = [_mean(heat_map.values[low:high]) for low, high in pairwise(edges)]
    above = max([mean - level for mean in means], default=0.0)
    below = max([level - mean for mean in means], default=0.0)
    share = HEIGHT / ((max(above, 0.0) + max(below, 0.0)) or 1.0)
    bars = []
    for i, (mean, cell) in enumerate(zip(means, edges, strict=False)):
        title = f"line {heat_map.cells.line[cell]:,}: {mean:z.2f} bits"
        colour = "less" if mean < level else "more"
        zero, height = share * max(below, 0.0), share * (mean - level)
        bars.append(_bar(i, title, colour, zero, height, cell))
    last = heat_map.cells.line[-1] if len(heat_map.cells) else 1
    return _chart("course", len(bars), bars, ["line 1", f"line {last:,}"])


def base(heat_map: HeatMap) -> float:
    """Return the level that means of stretches are held against."""
    return 0.0 if heat_map.scale.is_difference else _mean(heat_map.values)


def _stretches(length: int) -> list[int]:
    number = min(STRETCHES, length)
    return [i * length // max(1, number) for i in range(number + 1)]


def _mean(values: Float64s) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else 0.0


def _bar(
    place: int, title: str, colour: str, zero: float, height: float, cell: int | None = None
) -> str:
    """Draw a bar up from zero, or down; `zero` and `height` as shares of HEIGHT."""
    assert isfinite(height)
    top = HEIGHT - zero - max(height, 0.0)
    goes = "" if cell is None else f' data-go="{cell}"'
    return (
        f"<g{goes}><title>{escape(title)}</title>"
        f'<rect class="hit" x="{place}" y="0" width="1" height="{HEIGHT:g}"/>'
        f'<rect class="{colour}" x="{place + 0.06:z.2f}" y="{top:z.1f}" width="0.88" '
        f'height="{abs(height):z.1f}"/></g>'
    )


def _chart(name: str, width: int, bars: Sequence[str], axis: Sequence[str]) -> str:
    ticks = "".join(f"<span>{escape(tick)}</span>" for tick in axis)
    return (
        f'<svg class="{name}" viewBox="0 0 {max(1, width)} {HEIGHT:g}" '
        f'preserveAspectRatio="none" role="img">\n{chr(10).join(bars)}\n</svg>\n'
        f'<div class="axis">{ticks}</div>'
    )
