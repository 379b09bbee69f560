"""Commands as they may be typed: words that a shell takes for what they are."""

import os
import shlex
import sys
from collections.abc import Iterable

from charlm.text.escaping import visible


def line(words: Iterable[str]) -> str:
    """Return a command of these words."""
    return " ".join(map(_word, words))


def file_name(name: str) -> str:
    """Return the name of a file as a word that is no option."""
    return f"./{name}" if name.startswith("-") else name


def _word(word: str) -> str:
    r"""Quote a word; what a terminal cannot show, or is no UTF-8, stands as $'\xNN'."""
    if word == visible(word) and _can_be_written(word):
        return shlex.quote(word)
    return f"$'{''.join(map(_byte, os.fsencode(word)))}'"


def _byte(code: int) -> str:
    # An interactive shell may look for ! before it looks for quotes.
    return f"\\x{code:02x}" if chr(code) in "!'\\" or not 0x20 <= code < 0x7F else chr(code)


def _can_be_written(word: str) -> bool:
    """Tell whether a note can hold it: not on a terminal of an encoding that lacks a letter."""
    try:
        word.encode(sys.stderr.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
