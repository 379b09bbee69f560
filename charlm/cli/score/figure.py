"""A figure for a paper: bars by word, of items of a table or of the lines of a text."""

from collections.abc import Sequence
from pathlib import Path

from charlm.cli.console import progress_bar, warn
from charlm.cli.files import STANDARD_OUTPUT, write
from charlm.cli.score.items import refuse_tokens
from charlm.cli.score.scored import View
from charlm.cli.tabular import say_written
from charlm.evaluation.judging import Judge
from charlm.parallel.extras import module
from charlm.surprisal.figure import Panel, figure
from charlm.surprisal.items import item_cells
from charlm.text.items import Item

SUFFIXES = (".svg", ".pdf", ".png")
PIXELS = 3  # of a picture, for each that a screen shows
SHOWN = 100  # lines, where nothing is said


def draw(
    judges: Sequence[Judge],
    items: Sequence[Item],
    view: View,
    output: str,
    *,
    dark: bool,
    lines: int | None,
) -> None:
    """Draw the first items and write the figure, as the name of its file ends.

    Raises:
        UsageError: the package that converts it is not installed, or models cut words differently.
    """
    suffix = Path(output).suffix.lower()
    convert = module("cairosvg", "figures") if suffix in SUFFIXES[1:] else None
    if len(items) > (most := lines or SHOWN):
        warn(f"{output} shows {most} of {len(items):,} lines; --lines shows more.")
    shown = items[:most]
    found = []
    for judge in judges:
        refuse_tokens(judge, view)
        texts = [judge.trained.tokenizer.unit.from_typed(item.text) for item in shown]
        with progress_bar() as report:
            own = item_cells(judge, texts, view.by, view.blank, reset=view.reset, report=report)
            found.append(list(own))
    panels = [
        Panel.of(item.name, cells)
        for item, cells in zip(shown, zip(*found, strict=True), strict=True)
        if len(cells[0])  # an empty line is read, and has nothing to show
    ]
    drawn = figure(panels, [judge.name for judge in judges], dark=dark).encode()
    if suffix == ".pdf" and convert is not None:
        drawn = convert.svg2pdf(bytestring=drawn)
    elif convert is not None:
        drawn = convert.svg2png(bytestring=drawn, scale=PIXELS)
    write(output, drawn)
    if output != STANDARD_OUTPUT:
        say_written(output)


def lines_of(text: str) -> list[Item]:
    """Return the lines of a text as items that are called by their numbers."""
    lines = text.removesuffix("\n").split("\n")
    return [Item(f"line {number}", line, ()) for number, line in enumerate(lines, start=1)]
