"""How surprising symbols are, shown on a terminal: five classes of bits.

Sixteen colours, since every terminal has them; the surprising classes are told apart by other
means too, for readers who do not tell colours apart.
"""

from dataclasses import dataclass
from math import inf
from typing import Any

import click


@dataclass(frozen=True)
class Class:
    """Bits below a limit, and how they look."""

    below: float
    colour: str | None = None
    bold: bool = False
    underline: bool = False
    reverse: bool = False

    def paint(self, text: str) -> str:
        """Put a text between the terminal's commands; a line end is left without."""
        look: dict[str, Any] = {"bold": self.bold, "underline": self.underline}
        look |= {"reverse": self.reverse, "fg": self.colour}
        if not any(look.values()):
            return text
        set_ = {name: value for name, value in look.items() if value}
        return "\n".join(click.style(line, **set_) if line else "" for line in text.split("\n"))


CLASSES = (
    Class(1.0, "green"),
    Class(3.0),
    Class(6.0, "yellow", underline=True),
    Class(10.0, "magenta", bold=True, underline=True),
    Class(inf, "red", bold=True, reverse=True),
)


def paint(text: str, bits: float) -> str:
    """Show by its look how surprising a text was; it is one that may be printed."""
    return next(c for c in CLASSES if bits < c.below or c.below == inf).paint(text)


def legend() -> str:
    """Say what looks like what."""
    low, shown = 0.0, []
    for c in CLASSES:
        shown.append(c.paint(f"{low:g}-{c.below:g}" if c.below < inf else f"{low:g} and more"))
        low = c.below
    return f"Bits a symbol: {'  '.join(shown)}"
