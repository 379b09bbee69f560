"""Texts to try charlm on, which come with it."""

from pathlib import Path

from charlm.text import shipped


def corpus(name: str) -> Path:
    """Return the file of a text that comes with charlm; `charlm corpora` lists them.

        >>> import charlm
        >>> len(charlm.corpus("us_first_names").read_text().splitlines())
        5163

    Raises:
        UsageError: there is no text of that name.
    """
    return shipped.get(name).path
