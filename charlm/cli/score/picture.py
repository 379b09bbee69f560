"""A heat map as a picture: what a wide terminal would show, as SVG."""

import io
from itertools import islice

from rich.color import Color
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from charlm.cli.palette import Palette
from charlm.cli.score.heat_map import fold, lines_and_gutter, show_text
from charlm.surprisal.colours import CLASSES
from charlm.surprisal.heat import HeatMap
from charlm.text.escaping import visible

LEGEND_WIDTH = 40

# Rich's own frame around the terminal, without the fonts that it fetches from elsewhere.
SVG = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!-- charlm score -->
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(heat_map: HeatMap, title: str, width: int, rows: int) -> str:
    """Draw the heat map and its legend as SVG, with the fonts at hand, no wider than it must be."""
    _, gutter = lines_and_gutter(heat_map)
    folded = fold(Palette(_canvas(width), heat_map.scale), heat_map, width - gutter)
    widths = [sum(letter.width for letter in letters) for *_, letters in islice(folded, rows)]
    target = _canvas(max([LEGEND_WIDTH, *(gutter + own for own in widths)]))
    palette = Palette(target, heat_map.scale)
    show_text(palette, heat_map, rows)
    target.print()
    palette.show_legend()
    return target.export_svg(title=visible(title), theme=_theme(heat_map), code_format=SVG)


def _theme(heat_map: HeatMap) -> TerminalTheme:
    """Return the ground of what costs nothing to the whole picture."""
    scale = heat_map.scale
    plain = scale.colours(dark=True)[CLASSES // 2 if scale.is_difference else 0]
    ground, letters = (Color.parse(c).get_truecolor() for c in (plain.ground, plain.letters))
    return TerminalTheme(ground, letters, [letters] * 8)


def _canvas(width: int) -> Console:
    """Return a terminal that is only recorded."""
    return Console(
        file=io.StringIO(), record=True, width=width, force_terminal=True,
        color_system="truecolor", no_color=False, legacy_windows=False,
    )  # fmt: skip
