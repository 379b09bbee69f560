r"""Units: what counts as one symbol. Every unit is lossless: `join(cut(text)) == text`.

A symbol is a string whatever the unit, so that one vocabulary and one tokenizer serve all.
Bytes become strings through Latin-1, which maps byte b to code point b and back.
A line end is a symbol of its own in every unit (a grapheme CR LF is cut in two), since
`--sequence line` ends a sequence there.

Tokens are the words of word models (KenLM's and others'), which blanks separate:

    text      =  symbol*                          blank = U+0020, tab or carriage return
    symbol    =  token | line end | gap
    token     =  (neither blank nor line end)+    as long as can be
    gap       =  blank+                           as long as can be
    token token  is written with one U+0020 between, which is no symbol: the separation implies it

One U+0020 between two tokens is therefore never a gap. All other blanks are: two of them, a tab,
one at the beginning or the end of a line. So each text is cut in one way, symbols put together
give it back, and a text that single blanks separate is as many symbols as it has words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import regex

from charlm.arrays import Lean
from charlm.errors import UsageError

SURROGATES = range(0xD800, 0xE000)  # code points that are not scalar values
SCALAR_VALUES = 0x110000 - len(SURROGATES)


@dataclass(frozen=True)
class Unit(Lean):
    """One way to cut a text.

    `pattern` matches one symbol; None makes each code point a symbol. `alphabet` is the closed
    set of all symbols there can be, or None where it is open. `encoding` fixes how bytes become
    text, or is None where the reader may choose (`--encoding`). `blank` stands between two tokens
    and is no symbol; empty where symbols stand side by side.
    """

    name: str
    pattern: str | None = None
    alphabet: tuple[str, ...] | None = None
    encoding: str | None = None
    blank: str = ""

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

    def has(self, symbol: str) -> bool:
        """Tell whether this is one symbol."""
        return self.cut(symbol) == [symbol] and (self.alphabet is None or symbol in self.alphabet)

    def from_typed(self, text: str) -> str:
        """Return typed text as this unit reads it: as bytes where it reads bytes."""
        if self.encoding is None:
            return text
        return text.encode(errors="surrogateescape").decode(self.encoding)

    def as_text(self, text: str) -> str:
        """Undo `from_typed`: bytes that are not UTF-8 become lone surrogates, as in file names."""
        if self.encoding is None:
            return text
        return text.encode(self.encoding).decode(errors="surrogateescape")

    def join(self, symbols: Iterable[str]) -> str:
        """Put symbols together again."""
        return "".join(self.written(symbols))

    def written(self, symbols: Iterable[str], before: str = "") -> list[str]:
        """Return what each symbol adds to a text: itself, and the blank before it that is implied.

        `before` is the symbol that they follow, if there is one.
        """
        return list(self._separated(symbols, before) if self.blank else symbols)

    def _separated(self, symbols: Iterable[str], before: str) -> Iterator[str]:
        follows_token = _is_token(before)
        for symbol in symbols:
            is_token = _is_token(symbol)
            yield self.blank + symbol if is_token and follows_token else symbol
            follows_token = is_token

    def going_on(self, text: str) -> tuple[str, str]:
        """Return the part of a prompt that is read, and the symbol that the sample will follow.

        If tokens are words, the blank between two of them is implied. So a prompt's last blank, as
        in "the ", belongs to the word to come: it is not read as a gap, and not written again.
        """
        symbols = self.cut(text) if self.blank else []
        match symbols:
            case [*_, token, self.blank] if _is_token(token):
                return text.removesuffix(self.blank), ""
            case [*_, last]:
                return text, last
        return text, ""


# Words, runs of blanks, single line ends, and every other character by itself. Han script is
# written without spaces: each of its characters is a word. Apostrophes inside a word belong to it.
_WORD = r"\p{Han}|[^\W\p{Han}]+(?:['’][^\W\p{Han}]+)*|[^\S\r\n]+|."

# A token, a line end, or a gap: blanks that are not the one U+0020 between two tokens.
_TOKEN = r"[^ \t\r\n]+|\n|(?!(?<=[^ \t\r\n]) [^ \t\r\n])[ \t\r]+"
_BLANKS = (" ", "\t", "\r", "\n")


def _is_token(symbol: str) -> bool:
    """Tell a token from a gap, a line end and nothing."""
    return symbol != "" and not symbol.startswith(_BLANKS)


UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("char"),
        Unit("byte", alphabet=tuple(map(chr, range(256))), encoding="latin-1"),
        Unit("grapheme", pattern=r"\r(?=\n)|\X"),
        Unit("word", pattern=_WORD),
        Unit("token", pattern=_TOKEN, blank=" "),
    )
}


def get(name: str) -> Unit:
    """Find a unit by name; a `UsageError` lists the names there are."""
    if name not in UNITS:
        raise UsageError(f"unknown unit {name!r}; there are {', '.join(UNITS)}")
    return UNITS[name]
