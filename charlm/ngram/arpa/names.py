"""How symbols are called in an ARPA file.

Symbols with blanks, control or other invisible characters are written by their code points, a
space as `<U+0020>`. `<unk>`, `<s>` and `</s>` are what KenLM wants; Sphinx, MITLM and others
write them in capitals.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from charlm.errors import UsageError
from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN_NAME

SPECIAL = (UNKNOWN_NAME, START_NAME, END_NAME)
CASES: Final[Mapping[str, Callable[[str], str]]] = {"lower": str.lower, "upper": str.upper}


@dataclass(frozen=True)
class Names:
    """What a file calls what other tools call otherwise; None where it is called as usual.

    `space` is for `<U+0020>`, `unknown` for `<unk>`; `case`, lower or upper, is that of all letters
    but those in names of our own.
    """

    space: str | None = None
    unknown: str | None = None
    case: str | None = None

    def of(self, symbols: Sequence[str]) -> list[str]:
        """Return the names of the unknown symbol and of these.

        Raises:
            UsageError: a name has blanks in it, two are alike, or there is no such case.
        """
        if self.case not in (None, *CASES):
            raise UsageError(f"unknown case {self.case!r}; there are {', '.join(CASES)}")
        for what in filter(lambda name: name is not None, (self.space, self.unknown)):
            if not what or name_of(what) != what:
                raise UsageError(
                    f"{what!r} cannot be a name in an ARPA file: it holds what is not seen"
                )
        names = [UNKNOWN_NAME if self.unknown is None else self.unknown]
        names += map(self._name, symbols)
        self._check(names, symbols)
        return names

    def _name(self, symbol: str) -> str:
        if symbol == " " and self.space is not None:
            return self.space
        return name_of(CASES[self.case](symbol) if self.case else symbol)

    def _check(self, names: Sequence[str], symbols: Sequence[str]) -> None:
        """Refuse a name that two have."""
        times = Counter([*names, START_NAME, END_NAME, *{UNKNOWN_NAME} - {names[0]}])
        for name, symbol in zip(names, (None, *symbols), strict=True):
            if times[name] == 1:
                continue
            if self.space == name or symbol is None:
                what = "unknown symbol" if symbol is None else "space"
                raise UsageError(
                    f"{name!r} is the name of another symbol; choose another for the {what}"
                )
            if self.case:
                raise UsageError(
                    f"two symbols would be called {name!r}; train with --lowercase, or leave the "
                    "case as it is"
                )


USUAL = Names()


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
