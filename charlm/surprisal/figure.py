"""Bits by word as a figure for a paper: bars above the words of each line, for one model or more.

Words stand in their order, each as wide as it is written, and the axis of bits is the same on all
rows; what does not fit on one goes on in the next, as text does. It is plain SVG, light or dark.
Colours are those of Okabe and Ito (2008), which readers who see few colours tell apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, isfinite
from unicodedata import east_asian_width

import numpy as np

from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.files.replacing import Kind, beginning
from charlm.surprisal.cells import Cells
from charlm.text.escaping import visible

MARK = "<!-- charlm figure -->"
FIGURE = Kind("a figure that charlm drew", lambda path: MARK.encode() in beginning(path))

WIDTH, LEFT, RIGHT = 680.0, 46.0, 10.0  # of the figure, of the axis, of the other margin
BARS, TITLE, WORDS, GAP = 90.0, 18.0, 20.0, 12.0  # heights: bars, what stands above and below
LETTER, BETWEEN, LEAST = 6.6, 9.0, 14.0  # widths: a letter, between words, a bar at least
TICKS = 4  # of the axis, about
STEPS = (1, 2, 5, 10)  # of an axis, times a power of ten


@dataclass(frozen=True)
class Theme:
    """The ground, letters, lines of the axis, and bars of a figure, as #rrggbb."""

    ground: str
    letters: str
    lines: str
    bars: tuple[str, ...]


LIGHT = Theme("#ffffff", "#1a1a1a", "#d9d9d9",
              ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"))  # fmt: skip
DARK = Theme("#15161c", "#ececec", "#3a3c46",
             ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#f0e442"))  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Panel(Holder):
    """A line or an item: what it is called, its words, and the bits of each by model, (M, W)."""

    title: str
    words: Sequence[str]
    bits: Float64s

    @classmethod
    def of(cls, title: str, cells: Sequence[Cells]) -> "Panel":
        """Put together what several models made of the same text.

        Raises:
            UsageError: they do not cut it into the same words.
        """
        first = list(cells[0].texts)
        if any(list(other.texts) != first for other in cells):
            raise UsageError(
                f"{title}: the models do not cut it alike, so their bars have no common places"
            )
        words = [text.strip() or text for text in first]
        return cls(title, words, np.array([one.bits for one in cells]))


def figure(panels: Sequence[Panel], models: Sequence[str], *, dark: bool = False) -> str:
    """Draw panels below each other, with a legend of the models' names.

    Raises:
        UsageError: there are more models than colours that can be told apart.
    """
    theme = DARK if dark else LIGHT
    if len(models) > len(theme.bars):
        raise UsageError(f"a figure shows {len(theme.bars)} models at most")
    finite = [panel.bits[np.isfinite(panel.bits)] for panel in panels]
    axis = _axis(max((float(bits.max()) for bits in finite if bits.size), default=1.0))
    rows = [row for panel in panels for row in _rows(panel, len(models))]
    parts, top = list(_legend(models, theme)), GAP + TITLE
    for row in rows:
        parts += _drawn(row, top, axis, theme)
        top += TITLE + BARS + WORDS + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {top:g}" '
        f'width="{WIDTH:g}" height="{top:g}" font-family="Helvetica, Arial, sans-serif" '
        f'font-size="11" fill="{theme.letters}">\n{MARK}\n'
        f'<rect width="100%" height="100%" fill="{theme.ground}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


@dataclass(frozen=True, eq=False, repr=False)
class _Row(Holder):
    """Some words of a panel, with the width of each, and which of the panel's words is first."""

    panel: Panel
    first: int
    widths: Sequence[float]


def _rows(panel: Panel, models: int) -> Iterator[_Row]:
    """Cut a panel's words into rows that are no wider than the figure."""
    room, first, widths = WIDTH - LEFT - RIGHT, 0, list[float]()
    for i, word in enumerate(panel.words):
        letters = sum(2 if east_asian_width(c) in "WF" else 1 for c in visible(word))
        width = min(room, max(letters * LETTER, LEAST * models) + BETWEEN)
        if widths and sum(widths) + width > room:
            yield _Row(panel, first, widths)
            first, widths = i, []
        widths.append(width)
    yield _Row(panel, first, widths)


def _axis(highest: float) -> tuple[float, float]:
    """Return the step between ticks, and where the axis ends."""
    highest = max(highest, 1.0)
    rough = highest / TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(s * power) for s in STEPS if s * power >= rough * (1 - 1e-9))
    return step, step * ceil(highest / step - 1e-9)


def _legend(models: Sequence[str], theme: Theme) -> Iterator[str]:
    place = LEFT
    for name, colour in zip(models, theme.bars, strict=False):
        yield f'<rect x="{place:z.1f}" y="{GAP - 2:g}" width="10" height="10" fill="{colour}"/>'
        yield _text(place + 14, GAP + 7, name)
        place += 30 + len(name) * LETTER


def _drawn(row: _Row, top: float, axis: tuple[float, float], theme: Theme) -> Iterator[str]:
    """Draw a row: its title, the axis, and each word with its bars."""
    step, end = axis
    floor, scale = top + TITLE + BARS, BARS / end
    if not row.first:
        yield _text(LEFT, top + 11, row.panel.title, weight="bold")
    for i in range(round(end / step) + 1):
        y = floor - i * step * scale
        yield (
            f'<line x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:z.1f}" y2="{y:z.1f}" '
            f'stroke="{theme.lines}"/>'
        )
        yield _text(LEFT - 6, y + 4, f"{i * step:g}", anchor="end")
    middle = floor - BARS / 2
    yield (
        f'<text transform="translate(13 {middle:z.1f}) rotate(-90)" text-anchor="middle">'
        "surprisal (bits)</text>"
    )
    place = LEFT
    for i, width in enumerate(row.widths, start=row.first):
        yield from _word(row.panel, i, place, width, floor, scale, theme)
        place += width


def _word(
    panel: Panel, i: int, place: float, width: float, floor: float, scale: float, theme: Theme
) -> Iterator[str]:
    """Draw a word and above it a bar for each model; one that has no end has an arrow."""
    each = (width - BETWEEN) / len(panel.bits)
    bar = min(each, 2 * LEAST)
    left = place + (width - bar * len(panel.bits)) / 2
    for bits, colour in zip(panel.bits[:, i].tolist(), theme.bars, strict=False):
        height = bits * scale if isfinite(bits) else BARS
        yield (
            f'<rect x="{left:z.1f}" y="{floor - height:z.1f}" width="{bar - 1:z.1f}" '
            f'height="{height:z.1f}" fill="{colour}"><title>{_shown(panel.words[i])}: '
            f"{bits:z.2f} bits</title></rect>"
        )
        if not isfinite(bits):
            yield _text(left + bar / 2, floor - BARS - 2, "∞", anchor="middle")
        left += bar
    yield _text(place + width / 2, floor + 14, panel.words[i], anchor="middle")


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    bold = "" if weight == "normal" else f' font-weight="{weight}"'
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:z.1f}" y="{y:z.1f}"{place}{bold}>{_shown(text)}</text>'


def _shown(text: str) -> str:
    """Return a text as XML can hold it, which has no place for control characters and U+FFFE."""
    return escape(re.sub("[\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", visible(text)))
