"""Texts that come with charlm, so that whoever installed it has something to try it on.

They are some of the repository's `corpora/`, whose README says where each comes from.
"""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from charlm.errors import UsageError


@dataclass(frozen=True)
class ShippedText:
    """A text by its name: what it is, and what may be done with it."""

    name: str
    what: str
    licence: str

    @property
    def path(self) -> Path:
        """The file of the installation that holds it, in UTF-8."""
        return Path(str(resources.files("charlm").joinpath("corpora", f"{self.name}.txt")))


SHIPPED = {
    text.name: text
    for text in (
        ShippedText("shakespeare", "Shakespeare: sonnets and seven plays", "public domain"),
        ShippedText("chinese", "Chinese poems, from the 诗经 to the 宋词", "public domain"),
        ShippedText("us_first_names", "US first names, one a line", "public domain"),
    )
}


def get(name: str) -> ShippedText:
    """Find a text by its name; a `UsageError` lists the names there are."""
    if name not in SHIPPED:
        raise UsageError(f"there is no corpus {name!r}; there are {', '.join(SHIPPED)}")
    return SHIPPED[name]
