"""A chart of a sweep as SVG: bits against seconds, and against the size of the model.

A point is a run, a line joins the settings of one kind; both axes of cost are logarithmic. What a
point is stands in its title, which a browser shows where the mouse is.
"""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10

from charlm.api.sweeping.running import Result
from charlm.api.sweeping.summary import figures_of

MARK = "<!-- charlm sweep -->"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420, 300, 56, 34, 44  # of a panel, and of its margins
GAP, ROW = 24, 16
# Told apart by those who see fewer colours, too (Okabe & Ito 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
STYLE = """text { font: 12px sans-serif; fill: #333; } .title { font-weight: bold; }
.axis { stroke: #999; } .grid { stroke: #e5e5e5; } .line { fill: none; stroke-width: 1.5; }
svg { background: white; }"""


def chart(results: Sequence[Result], unit: str) -> str:
    """Draw the runs that gave figures, in two panels and with a legend."""
    drawn = [result for result in results if figures_of([result], unit)]
    kinds = list(dict.fromkeys(map(_kind, drawn)))
    width = 2 * (LEFT + WIDTH) + GAP
    height = TOP + HEIGHT + BOTTOM + ROW * len(kinds)
    panels = [
        _panel(drawn, kinds, unit, 0, "seconds of training", lambda r: r.seconds),
        _panel(drawn, kinds, unit, LEFT + WIDTH + GAP, "bytes of the model", lambda r: r.bytes),
    ]
    legend = [
        f'<circle cx="{LEFT}" cy="{y - 4}" r="4" fill="{_colour(i)}"/>'
        f'<text x="{LEFT + 10}" y="{y}">{escape(kind)}</text>'
        for i, kind in enumerate(kinds)
        for y in [TOP + HEIGHT + BOTTOM + ROW * i]
    ]
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg">\n{MARK}\n<style>{STYLE}</style>\n'
        + "\n".join([*panels, *legend])
        + "\n</svg>\n"
    )


def _kind(result: Result) -> str:
    """Name what is joined by a line: the smoothing, or the cell."""
    setting = result.run.setting
    names = [str(value) for name, value in setting.options if isinstance(value, str)]
    return " ".join([setting.kind, *names])


def _colour(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def _panel(
    results: Sequence[Result],
    kinds: Sequence[str],
    unit: str,
    x: int,
    cost_name: str,
    cost: Callable[[Result], float],
) -> str:
    bits = [figure for result in results for figure in figures_of([result], unit)]
    costs = [max(cost(result), 1e-3) for result in results]
    low, high = _bounds(bits)
    least, most = _powers(costs)

    def place(cost: float, figure: float) -> tuple[float, float]:
        along = (log10(cost) - least) / (most - least)
        return x + LEFT + along * WIDTH, TOP + (high - figure) / (high - low) * HEIGHT

    parts = [f'<text class="title" x="{x + LEFT}" y="{TOP - 14}">bits/{unit} by {cost_name}</text>']
    for power in range(least, most + 1):
        at, bottom = place(10.0**power, low)
        parts.append(f'<path class="grid" d="M{at:z.1f} {TOP}V{bottom:z.1f}"/>')
        parts.append(f'<text x="{at:z.1f}" y="{bottom + 16:z.1f}" text-anchor="middle">'
                     f"{10.0**power:,g}</text>")  # fmt: skip
    for i in range(5):
        value = low + (high - low) * i / 4
        _, at = place(10.0**least, value)
        parts.append(f'<path class="grid" d="M{x + LEFT} {at:z.1f}h{WIDTH}"/>')
        parts.append(f'<text x="{x + LEFT - 6}" y="{at + 4:z.1f}" text-anchor="end">'
                     f"{value:z.2f}</text>")  # fmt: skip
    for i, kind in enumerate(kinds):
        own = [(c, b, r) for c, b, r in zip(costs, bits, results, strict=True) if _kind(r) == kind]
        parts += _series([(*place(c, b), b, r) for c, b, r in own], _colour(i), unit)
    return "\n".join(parts)


def _series(
    points: Sequence[tuple[float, float, float, Result]], colour: str, unit: str
) -> list[str]:
    """Draw the runs of a kind, the first seed of each setting joined by a line."""
    ends = " ".join(f"{x:z.1f},{y:z.1f}" for x, y, _, result in points if not result.run.seed)
    drawn = [f'<polyline class="line" stroke="{colour}" points="{ends}"/>']
    for x, y, bits, result in points:
        title = f"{result.run}: {bits:z.3f} bits/{unit}, {result.seconds:z.1f} s"
        drawn.append(
            f'<circle cx="{x:z.1f}" cy="{y:z.1f}" r="4" fill="{colour}">'
            f"<title>{escape(title)}, {result.bytes / 1e6:z.1f} MB</title></circle>"
        )
    return drawn


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return round numbers around values."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    step = 10 ** floor(log10(max(high - low, 1e-3)))
    return floor(low / step) * step, (floor(high / step) + 1) * step


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten around values, at least one apart."""
    least = floor(min(map(log10, values), default=0))
    return least, max(least + 1, ceil(max(map(log10, values), default=1)))
