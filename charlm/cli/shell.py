"""Commands as they may be typed: words that a shell takes for what they are."""

import os
import shlex
from collections.abc import Iterable

from charlm.text.escaping import visible


def line(words: Iterable[str]) -> str:
    """Return a command of these words."""
    return " ".join(map(_word, words))


def _word(word: str) -> str:
    r"""Quote a word; what a terminal cannot show, or is no UTF-8, stands as $'\xNN'."""
    if word == visible(word):
        return shlex.quote(word)
    return f"$'{''.join(map(_byte, os.fsencode(word)))}'"


def _byte(code: int) -> str:
    return f"\\x{code:02x}" if chr(code) in "'\\" or not 0x20 <= code < 0x7F else chr(code)
