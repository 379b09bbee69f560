"""How surprising something is, shown on a terminal: by the ground behind it, from nothing to much.

All commands draw bits by this one scale of classes (`surprisal/colours.py`); terminals of 16
colours have fewer of them. Whether there are colours at all, `cli/colours.py` decides; where there
are none (NO_COLOR, TERM=dumb), marks stand for the classes, of ASCII only where the terminal has no
more.
"""

from collections.abc import Sequence

import numpy as np
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from rich.text import Text

from charlm.surprisal.colours import CLASSES, Scale

# Styles of terminals with 16 colours, and marks where there is none: from none to much, and for
# differences from less to more.
FEW = {
    False: ("", "cyan", "black on cyan", "black on yellow", "bold white on red"),
    True: ("bold white on blue", "black on cyan", "", "black on yellow", "bold white on red"),
}
MARKS = {False: " ▁▂▃▄▅▆▇█", True: "▼▿ ▵▲"}
PLAIN_MARKS = {False: " .:-=+*#@", True: "<- +>"}


class Palette:
    """What a terminal has for the classes of a scale: a style for each, or marks.

    `levels` is how many of them can be told apart there; `marks` is empty where there are colours.
    """

    def __init__(self, target: Console, scale: Scale):
        self.target, self.scale = target, scale
        self.is_ascii = target.options.ascii_only
        marks = PLAIN_MARKS if self.is_ascii else MARKS
        self.marks = "" if target.color_system else marks[scale.is_difference]
        few = FEW[scale.is_difference] if target.color_system in ("standard", "windows") else ()
        self.levels = len(self.marks or few) or CLASSES
        self.styles = self._styles(few)

    def _styles(self, few: Sequence[str]) -> list[Style]:
        if self.marks:
            return [Style.null()] * CLASSES
        if few:
            return [Style.parse(few[_share(i, len(few))]) for i in range(CLASSES)]
        colours = self.scale.colours(dark=True)
        return [Style(color=colour.letters, bgcolor=colour.ground) for colour in colours]

    def mark(self, heat: int) -> str:
        """Return the mark of a class, where there are marks."""
        return self.marks[_share(heat, len(self.marks))]

    def paint(self, text: str, bits: float) -> str:
        """Return a text between the terminal's commands for its bits; line ends have none."""
        if self.target.color_system is None:
            return text
        system = COLOR_SYSTEMS[self.target.color_system]
        style = self.styles[int(self.scale.classes(np.array([bits]))[0])]
        return "\n".join(style.render(line, color_system=system) for line in text.split("\n"))

    def legend(self) -> Text:
        """Return what the colours or marks stand for, by the bits at which they begin."""
        scale, legend = self.scale, Text()
        if self.levels == CLASSES:
            legend.append(f"{scale.low:g} ")
            for style in self.styles:
                legend.append(" ", style)
            legend.append(f" {scale.top:g} ")
        else:
            for i in range(self.levels):
                heat = -(-i * CLASSES // self.levels)  # the first class of the level
                mark = f"{self.marks[i]} " if self.marks else ""
                bits = f"{mark}{scale.low + heat * scale.width:z.1f}"
                legend.append(f" {bits} ", self.styles[heat]).append("" if self.marks else " ")
        return legend.append("bits")

    def show_legend(self, target: Console | None = None) -> None:
        """Print the legend, here or on another target, but not where it would lose its colours."""
        target = target or self.target
        if self.marks or target.color_system:
            target.print(self.legend(), soft_wrap=self.levels == CLASSES)


def _share(heat: int, number: int) -> int:
    return heat * number // CLASSES
