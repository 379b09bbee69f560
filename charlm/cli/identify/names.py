"""Names of models in columns: short ones, as wide as a terminal shows them."""

from charlm.cli.console import one_line
from charlm.cli.tables import width_of

LONGEST = 28


def short(name: str) -> str:
    """Keep the end of a long name, which tells more than its beginning."""
    safe = one_line(name).replace("\t", "\\t")
    return safe if len(safe) <= LONGEST else "…" + safe[1 - LONGEST :]


def padded(name: str, width: int) -> str:
    """Fill a name up with blanks to so many columns of a terminal."""
    return name + " " * (width - width_of(name))
