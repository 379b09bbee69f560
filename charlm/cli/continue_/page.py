"""The text of `charlm continue` on a terminal, where what is typed becomes part of it.

After Enter the cursor stands below what was typed. The text is to go on behind it; so the row above
is written again, as far as the text goes, and the cursor stands at its end.
"""

import os
import sys
from dataclasses import dataclass

from charlm.cli.console import console, shown_text, write_shown
from charlm.cli.tables import width_of

UP = "\x1b[A\r"
TAB = 8  # columns
SEEN_AGAIN = 6  # rows of the text that are shown after a command


@dataclass(frozen=True)
class Page:
    """Shows a text whose unit has an encoding, or None; where nobody looks on, nothing."""

    encoding: str | None

    @property
    def is_shown(self) -> bool:
        """Whether somebody looks on."""
        return sys.stdout.isatty()

    @property
    def is_one(self) -> bool:
        """Whether what is typed stands in the text, and the cursor can go up there."""
        return self.is_shown and sys.stdin.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def write(self, text: str) -> None:
        """Show what has come."""
        if self.is_shown:
            write_shown(shown_text(self.encoding)(text))

    def write_again(self, text: str, rows: int = SEEN_AGAIN) -> None:
        """Show the last rows of the text."""
        if self.is_shown:
            write_shown("\n".join(self._rows(text)[-rows:]))

    def rejoin(self, text: str) -> None:
        """Go back to the end of a text whose last part was typed, or write that part."""
        if self.is_one:
            write_shown(UP + self._rows(text)[-1])

    def _rows(self, text: str) -> list[str]:
        """Cut the text as a terminal does that is full, where it is full."""
        return folded(shown_text(self.encoding)(text), console().width)


def folded(text: str, width: int) -> list[str]:
    """Return the rows of a terminal of so many columns, which goes on below where one is full."""
    rows, room = [""], width
    for character in text:
        to_stop = min(TAB - (width - room) % TAB, max(0, room - 1))  # a tab stays on its row
        wide = to_stop if character == "\t" else width_of(character)
        if character == "\n" or wide > room:
            rows.append("")
            room = width
        if character != "\n":
            rows[-1] += character
            room = max(0, room - wide)
    return rows
