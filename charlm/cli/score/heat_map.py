"""A heat map on a terminal: the text in colours, or with marks beneath where there are none.

Each character has the ground of its class; terminals of 16 colours have fewer classes. Where there
is no colour (NO_COLOR, TERM=dumb) a row of marks stands under each row of text, of ASCII only where
the terminal has no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from charlm.surprisal.colours import CLASSES, Scale
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import visible

# Styles of terminals with 16 colours, and marks where there is none: from none to much, and for
# differences from less to more.
FEW = {
    False: ("", "cyan", "black on cyan", "black on yellow", "bold white on red"),
    True: ("bold white on blue", "black on cyan", "", "black on yellow", "bold white on red"),
}
MARKS = {False: " ▁▂▃▄▅▆▇█", True: "▼▿ ▵▲"}
PLAIN_MARKS = {False: " .:-=+*#@", True: "<- +>"}
LINE_END, PLAIN_LINE_END, TAB = "↵", "\\n", "→"
AROUND = 24, 16  # characters before and after a place, in that proportion where room is short
LEAST_WIDTH = 8  # of the text, on the narrowest terminal


@dataclass(frozen=True)
class Letter:
    """What takes a place on the terminal: a character, marks that combine with it, its class."""

    text: str
    heat: int
    width: int


Row: TypeAlias = tuple[int, bool, list[Letter]]  # number of the line, whether it begins here


class Painter:
    """Knows what the terminal can show, and paints letters with it."""

    def __init__(self, target: Console, scale: Scale):
        self.target, self.scale = target, scale
        self.plain = target.options.ascii_only
        system = None if target.no_color else target.color_system
        marks = PLAIN_MARKS if self.plain else MARKS
        self.marks = "" if system else marks[scale.is_difference]
        few = FEW[scale.is_difference] if system in ("standard", "windows") else ()
        self.levels = len(self.marks or few) or CLASSES
        self.styles = self._styles(few)

    def _styles(self, few: Sequence[str]) -> list[Style]:
        if self.marks:
            return [Style.null()] * CLASSES
        if few:
            return [Style.parse(few[_share(i, len(few))]) for i in range(CLASSES)]
        colours = self.scale.colours(dark=True)
        return [Style(color=colour.letters, bgcolor=colour.ground) for colour in colours]

    def letters(self, text: str, heat: int) -> list[Letter]:
        """Make the text of a cell visible."""
        if text == "\n":
            text = PLAIN_LINE_END if self.plain else LINE_END
        elif text == "\t" and not self.plain:
            text = TAB
        return [Letter(c, heat, cell_len(c)) for c in visible(text)]

    def text(self, letters: Sequence[Letter]) -> Text:
        """Put letters together, in colour."""
        row = Text()
        for letter in letters:
            row.append(letter.text, self.styles[letter.heat])
        return row

    def marks_below(self, letters: Sequence[Letter]) -> str:
        """Give the marks that stand beneath letters."""
        assert self.marks
        row = ""
        for letter in letters:
            row += self.marks[_share(letter.heat, len(self.marks))] * letter.width
        return row.rstrip()


def _share(heat: int, number: int) -> int:
    return heat * number // CLASSES


def show_legend(painter: Painter) -> None:
    """Say what the colours or marks stand for, by the bits at which they begin."""
    scale = painter.scale
    legend = Text()
    if painter.levels == CLASSES:
        legend.append(f"{scale.low:g} ")
        for style in painter.styles:
            legend.append(" ", style)
        legend.append(f" {scale.top:g} ")
    else:
        for i in range(painter.levels):
            heat = -(-i * CLASSES // painter.levels)  # the first class of the level
            mark = f"{painter.marks[i]} " if painter.marks else ""
            bits = f"{mark}{scale.low + heat * scale.width:z.1f}"
            legend.append(f" {bits} ", painter.styles[heat]).append("" if painter.marks else " ")
    painter.target.print(legend.append("bits"), soft_wrap=painter.levels == CLASSES)


def show_text(painter: Painter, heat_map: HeatMap, rows: int, how: str = "") -> None:
    """Print rows of the text with the numbers of its lines, and say how far they go.

    `how` says how more can be seen.
    """
    last, gutter = lines_and_gutter(heat_map)
    folded = fold(painter, heat_map, max(LEAST_WIDTH, painter.target.width - gutter))
    shown = 0
    for line, begins, letters in islice(folded, rows):
        number = (f"{line if begins else '':>{gutter - 1}} ", "dim")
        row = Text.assemble(number, painter.text(letters))
        painter.target.print(row, no_wrap=True, crop=False)
        if painter.marks:
            marks = " " * gutter + painter.marks_below(letters)
            painter.target.print(marks.rstrip(), no_wrap=True, crop=False)
        shown = line
    if next(folded, None):
        painter.target.print(f"{'':>{gutter}}line {shown:,} of {last:,}{how}", style="dim")


def lines_and_gutter(heat_map: HeatMap) -> tuple[int, int]:
    """Give the number of lines, and the columns that their numbers take."""
    last = int(heat_map.cells.line[-1]) if len(heat_map.cells) else 0
    return last, len(f"{last}") + 1


def fold(painter: Painter, heat_map: HeatMap, width: int) -> Iterator[Row]:
    """Give rows no wider than that, cut after blanks where there are some."""
    heats = heat_map.scale.classes(heat_map.values).tolist()
    line, begins = 1, True
    row: list[Letter] = []
    for text, heat in zip(heat_map.cells.texts, heats, strict=True):
        for character in text:
            row += painter.letters(character, heat)
            while sum(letter.width for letter in row) > width:
                end = _fold(row, width)
                yield line, begins, row[:end]
                row, begins = row[end:], False
            if character == "\n":
                yield line, begins, row
                line, begins, row = line + 1, True, []
    if row:
        yield line, begins, row


def _fold(row: Sequence[Letter], width: int) -> int:
    """Give the number of letters that stay on a row which is too wide."""
    ends = list(accumulate(letter.width for letter in row))
    fitting = max(1, sum(end <= width for end in ends))
    blanks = [i + 1 for i, letter in enumerate(row[:fitting]) if letter.text == " "]
    return blanks[-1] if blanks else fitting


def show_places(
    painter: Painter,
    heat_map: HeatMap,
    places: Sequence[int],
    expected: Sequence[Sequence[Alternative]] = (),
) -> None:
    """List cells that stand out, each with its place and what stands around it."""
    cells = heat_map.cells
    where = [f"{cells.line[place]}:{cells.column[place]}" for place in places]
    heads = [
        f"{heat_map.values[place]:z7.2f} bits  {where[i]:>{max(map(len, where))}}  "
        for i, place in enumerate(places)
    ]
    shown = [visible(cells.texts[place]) for place in places]
    symbols = [f"[{symbol}]" if painter.marks else symbol for symbol in shown]
    width = _width_before(painter.target.width, heads, symbols)
    heats = heat_map.scale.classes(heat_map.values)
    for i, place in enumerate(places):
        before, after = (visible(text) for text in heat_map.context(place, *AROUND))
        row = Text(heads[i])
        row.append(_right(before, width), "dim")
        row.append(symbols[i], painter.styles[heats[place]])
        row.append(after, "dim")
        if expected:
            named = ", ".join(f"'{visible(a.symbol)}' {a.probability:.0%}" for a in expected[i])
            row.append(f"  expected {named}")
        painter.target.print(row, no_wrap=True, overflow="ellipsis")


def _width_before(width: int, heads: Sequence[str], symbols: Sequence[str]) -> int:
    """Return the columns for what stands before the symbols, so that each is seen itself."""
    longest = max(cell_len(head + symbol) for head, symbol in zip(heads, symbols, strict=True))
    before, after = AROUND
    return min(before, max(0, width - longest) * before // (before + after))


def _right(text: str, width: int) -> str:
    """Give the end of a text, as wide as that, with blanks before it where it is too short."""
    while cell_len(text) > width:
        text = text[1:]
    return " " * (width - cell_len(text)) + text
