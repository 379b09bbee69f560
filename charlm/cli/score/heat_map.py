"""A heat map on a terminal: the text in colours, or with marks beneath where there are none.

Each character has the ground of its class (`cli/palette.py`). Where there is no colour a row of
marks stands under each row of text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TypeAlias

from rich.cells import cell_len
from rich.text import Text

from charlm.cli.palette import Palette
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import visible

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


def _letters(text: str, heat: int, palette: Palette) -> list[Letter]:
    """Make the text of a cell visible."""
    if text == "\n":
        text = PLAIN_LINE_END if palette.is_ascii else LINE_END
    elif text == "\t" and not palette.is_ascii:
        text = TAB
    return [Letter(c, heat, cell_len(c)) for c in visible(text)]


def _painted(letters: Sequence[Letter], palette: Palette) -> Text:
    """Put letters together, in colour."""
    row = Text()
    for letter in letters:
        row.append(letter.text, palette.styles[letter.heat])
    return row


def _marks_below(letters: Sequence[Letter], palette: Palette) -> str:
    """Return the marks that stand beneath letters."""
    return "".join(palette.mark(letter.heat) * letter.width for letter in letters).rstrip()


def show_text(palette: Palette, heat_map: HeatMap, rows: int, how: str = "") -> None:
    """Print rows of the text with the numbers of its lines, and say how far they go.

    `how` says how more can be seen.
    """
    last, gutter = lines_and_gutter(heat_map)
    folded = fold(palette, heat_map, max(LEAST_WIDTH, palette.target.width - gutter))
    shown = 0
    for line, begins, letters in islice(folded, rows):
        number = (f"{line if begins else '':>{gutter - 1}} ", "dim")
        row = Text.assemble(number, _painted(letters, palette))
        palette.target.print(row, no_wrap=True, crop=False)
        if palette.marks:
            marks = " " * gutter + _marks_below(letters, palette)
            palette.target.print(marks.rstrip(), no_wrap=True, crop=False)
        shown = line
    if next(folded, None):
        palette.target.print(f"{'':>{gutter}}line {shown:,} of {last:,}{how}", style="dim")


def lines_and_gutter(heat_map: HeatMap) -> tuple[int, int]:
    """Return the number of lines, and the columns that their numbers take."""
    last = int(heat_map.cells.line[-1]) if len(heat_map.cells) else 0
    return last, len(f"{last}") + 1


def fold(palette: Palette, heat_map: HeatMap, width: int) -> Iterator[Row]:
    """Return rows no wider than that, cut after blanks where there are some."""
    heats = heat_map.scale.classes(heat_map.values).tolist()
    line, begins = 1, True
    row: list[Letter] = []
    for text, heat in zip(heat_map.cells.texts, heats, strict=True):
        for character in text:
            row += _letters(character, heat, palette)
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
    """Return the number of letters that stay on a row which is too wide."""
    ends = list(accumulate(letter.width for letter in row))
    fitting = max(1, sum(end <= width for end in ends))
    blanks = [i + 1 for i, letter in enumerate(row[:fitting]) if letter.text == " "]
    return blanks[-1] if blanks else fitting


def show_places(
    palette: Palette,
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
    symbols = [f"[{symbol}]" if palette.marks else symbol for symbol in shown]
    width = _width_before(palette.target.width, heads, symbols)
    heats = heat_map.scale.classes(heat_map.values)
    for i, place in enumerate(places):
        before, after = (visible(text) for text in heat_map.context(place, *AROUND))
        row = Text(heads[i])
        row.append(_right(before, width), "dim")
        row.append(symbols[i], palette.styles[heats[place]])
        row.append(after, "dim")
        if expected:
            named = ", ".join(f"'{visible(a.symbol)}' {a.probability:.0%}" for a in expected[i])
            row.append(f"  expected {named}")
        palette.target.print(row, no_wrap=True, overflow="ellipsis")


def _width_before(width: int, heads: Sequence[str], symbols: Sequence[str]) -> int:
    """Return the columns for what stands before the symbols, so that each is seen itself."""
    longest = max(cell_len(head + symbol) for head, symbol in zip(heads, symbols, strict=True))
    before, after = AROUND
    return min(before, max(0, width - longest) * before // (before + after))


def _right(text: str, width: int) -> str:
    """Return the end of a text, as wide as that, with blanks before it where it is too short."""
    while cell_len(text) > width:
        text = text[1:]
    return " " * (width - cell_len(text)) + text
