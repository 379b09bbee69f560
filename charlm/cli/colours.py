"""Whether there are colours: what --color, the environment and the terminal decide together.

How surprise is coloured where there are, `palette.py` knows.
"""

import os
from typing import IO, Literal, TypeAlias

from charlm.cli.settings import settings

Colours: TypeAlias = Literal["auto", "256"]  # of rich: those that a terminal says it has, or many

ALWAYS: Colours = "256"  # where no terminal says what it has


def colours_of(stream: IO[str]) -> Colours | None:
    """Return the colours that a stream may be given, bold being one of them; None for none.

    An empty variable counts as one that is not set (no-color.org).
    """
    wanted = settings().color
    if wanted == "auto" and not os.environ.get("NO_COLOR"):
        if os.environ.get("FORCE_COLOR"):
            return ALWAYS
        return "auto" if stream.isatty() and os.environ.get("TERM") != "dumb" else None
    return ALWAYS if wanted == "always" else None
