"""How symbols are called in an ARPA file.

Symbols with blanks, control or other invisible characters are written by their code points, a
space as `<U+0020>`. `<unk>`, `<s>` and `</s>` are what KenLM wants; Sphinx, MITLM and others
write them in capitals.
"""

import re
import sys

from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN_NAME

SPECIAL = (UNKNOWN_NAME, START_NAME, END_NAME)


def name_of(symbol: str) -> str:
    """Return a symbol so written that it holds no blank and nothing invisible."""
    shown = [c if c.isprintable() and c != " " else f"<U+{ord(c):04X}>" for c in symbol]
    return "".join(shown)


def symbol_of(name: str) -> str:
    """Undo `name_of`; what is no code point of a character stays as it is."""
    return re.sub(r"<U\+([0-9A-F]{4,6})>", _character, name)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code > sys.maxunicode or 0xD800 <= code < 0xE000 else chr(code)
