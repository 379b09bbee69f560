"""Curves in a picture, with axes that say what they are and a legend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isfinite, log10

from charlm.cli.pictures.svg import CURVES, picture, text

WIDTH, HEIGHT = 720.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 24.0, 44.0, 56.0  # around the axes
LEGEND_LINE = 20.0
TICKS = 6  # on an axis, about
LONGEST_NAME = 90  # characters of a legend's line


@dataclass(frozen=True)
class Series:
    """Points by increasing x; what is not finite, or has no logarithm, is left out.

    `look` are the numbers of a colour and of dashes; None for those of its place in the legend.
    """

    name: str
    points: Sequence[tuple[float, float]]
    look: tuple[int, int] | None = None

    def classes(self, place: int) -> str:
        """Return how its line is drawn."""
        colour, dashes = self.look or (place, place)
        return f"curve c{colour % len(CURVES)} d{dashes % len(CURVES)}"


@dataclass(frozen=True)
class Axis:
    """A label, the range, from tick to tick, and whether it is one of powers of ten."""

    label: str
    low: float
    high: float
    step: float
    is_log: bool = False

    @classmethod
    def around(cls, label: str, values: Sequence[float], *, is_log: bool = False) -> "Axis":
        """Return the axis on which all values have a place."""
        values = [log10(v) for v in values if v > 0] if is_log else [*values]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        step = _step(low, high, is_log=is_log)
        low, high = floor(low / step) * step, ceil(high / step) * step
        return cls(label, low, high if high > low else low + step, step, is_log)

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1."""
        if self.is_log:
            value = log10(value)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield shares and what stands there."""
        for i in range(round((self.high - self.low) / self.step) + 1):
            at = self.low + i * self.step
            name = f"1e{round(at)}" if self.is_log else f"{round(at, 10):g}"
            yield (at - self.low) / (self.high - self.low), name


def curves(command: str, title: str, series: Sequence[Series], x: str, y: str, *, log: bool) -> str:
    """Draw curves over an axis `x`; the axis `y` is one of powers of ten where `log` says so."""
    drawn = [
        replace(one, points=[p for p in one.points if isfinite(p[1]) and (p[1] > 0 or not log)])
        for one in series
    ]
    across = Axis.around(x, [p[0] for one in drawn for p in one.points])
    up = Axis.around(y, [p[1] for one in drawn for p in one.points], is_log=log)
    height = HEIGHT + LEGEND_LINE * len(series)
    parts = [text(LEFT, 26, title, "title"), *_axes(across, up)]
    for i, one in enumerate(drawn):
        points = " ".join(f"{_x(across, a):z.1f},{_y(up, b):z.1f}" for a, b in one.points)
        parts.append(f'<polyline class="{one.classes(i)}" points="{points}"/>')
        line = HEIGHT + LEGEND_LINE * i
        parts.append(f'<path class="{one.classes(i)}" d="M{LEFT:g} {line - 4:g}h34"/>')
        parts.append(text(LEFT + 44, line, one.name[:LONGEST_NAME]))
    return picture(command, title, WIDTH, height, parts)


def _axes(across: Axis, up: Axis) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM - LEGEND_LINE
    for share, name in up.ticks():
        y = bottom - share * (bottom - TOP)
        yield f'<path class="grid" d="M{LEFT:g} {y:z.1f}H{right:g}"/>'
        yield text(LEFT - 8, y + 4, name, "end small")
    for share, name in across.ticks():
        x = LEFT + share * (right - LEFT)
        yield f'<path class="axis" d="M{x:z.1f} {bottom:g}v5"/>'
        yield text(x, bottom + 20, name, "middle small")
    yield f'<path class="axis" d="M{LEFT:g} {TOP:g}V{bottom:g}H{right:g}"/>'
    yield text((LEFT + right) / 2, bottom + 40, across.label, "middle")
    middle = (TOP + bottom) / 2
    turned = f' transform="rotate(-90 18 {middle:g})"'
    yield text(18, middle, up.label, "middle", turned)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.share(value) * (WIDTH - RIGHT - LEFT)


def _y(axis: Axis, value: float) -> float:
    bottom = HEIGHT - BOTTOM - LEGEND_LINE
    return bottom - axis.share(value) * (bottom - TOP)


def _step(low: float, high: float, *, is_log: bool) -> float:
    """Return 1, 2 or 5 times a power of ten, so that there are a few ticks; whole powers."""
    rough = (high - low) / TICKS
    if is_log:
        return max(1, ceil(rough))
    if rough <= 0 or rough == inf:
        return 1.0
    power = 10.0 ** floor(log10(rough))
    return next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
