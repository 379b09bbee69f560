r"""Units: what counts as one symbol. Every unit is lossless: `join(cut(text)) == text`.

A symbol is a string whatever the unit, so that one vocabulary and one tokenizer serve all.
Bytes become strings through Latin-1, which maps byte b to code point b and back.
A line end is a symbol of its own in every unit (a grapheme CR LF is cut in two), since
`--sequence line` ends a sequence there.
"""

from dataclasses import dataclass
from functools import cached_property

import regex

from charlm.errors import UsageError
from charlm.holder import Lean

SURROGATES = range(0xD800, 0xE000)  # code points that are no scalar values
SCALAR_VALUES = 0x110000 - len(SURROGATES)


@dataclass(frozen=True)
class Unit(Lean):
    """One way to cut a text.

    `pattern` matches one symbol; None makes each code point a symbol. `alphabet` is the closed
    set of all symbols there can be, or None where it is open. `encoding` fixes how bytes become
    text, or is None where the reader may choose (`--encoding`).
    """

    name: str
    pattern: str | None = None
    alphabet: tuple[str, ...] | None = None
    encoding: str | None = None

    @property
    def is_single(self) -> bool:
        """Every symbol is one code point, so that arrays of code points can stand for it."""
        return self.pattern is None

    @cached_property
    def _regex(self) -> regex.Pattern[str]:
        assert self.pattern is not None
        return regex.compile(self.pattern, regex.DOTALL)

    def cut(self, text: str) -> list[str]:
        """Cut the text into symbols, in order, losing nothing."""
        return list(text) if self.is_single else self._regex.findall(text)

    def from_typed(self, text: str) -> str:
        """Give typed text as this unit reads it: as bytes where it reads bytes."""
        if self.encoding is None:
            return text
        return text.encode(errors="surrogateescape").decode(self.encoding)

    def as_text(self, text: str) -> str:
        """Undo `from_typed`: bytes that are no UTF-8 become lone surrogates, as in file names."""
        if self.encoding is None:
            return text
        return text.encode(self.encoding).decode(errors="surrogateescape")

    def join(self, symbols: list[str]) -> str:
        """Put symbols together again."""
        return "".join(symbols)


# Words, runs of blanks, single line ends, and every other character by itself. Han script is
# written without spaces: each of its characters is a word. Apostrophes inside a word belong to it.
_WORD = r"\p{Han}|[^\W\p{Han}]+(?:['’][^\W\p{Han}]+)*|[^\S\r\n]+|."

UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("char"),
        Unit("byte", alphabet=tuple(map(chr, range(256))), encoding="latin-1"),
        Unit("grapheme", pattern=r"\r(?=\n)|\X"),
        Unit("word", pattern=_WORD),
    )
}


def get(name: str) -> Unit:
    """Find a unit by name; a `UsageError` lists the names there are."""
    if name not in UNITS:
        raise UsageError(f"unknown unit {name!r}; there are {', '.join(UNITS)}")
    return UNITS[name]
