r"""What samples must be like: what they match, begin with, are at least as long as, and are not.

A text that is not whole yet may still become one that is wanted, or it cannot. What cannot need not
be drawn to its end: so `possible` prunes, and never wrongly. The `regex` package tells whether a
text may be the beginning of a match (partial matching). It looks at the end of the text as if
nothing followed, so where a pattern asks what follows (\b, a negative look-ahead ...) it would
prune what can still match; such a pattern is asked at the end alone.
"""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import regex

from charlm.arrays import Lean
from charlm.errors import UsageError
from charlm.text.units import Unit

# What depends on what follows: word ends, negative look-ahead, conditions, verbs, what never gives
# back; and fuzzy or recursive patterns. A look-behind sees what is there, and a positive look-ahead
# may be partial itself.
_LOOKING = regex.compile(r"\\[bBmMG]|\(\?!|\(\?\(|\(\*|\(\?>|[*+?}]\+|\{[^}]*[eisd]|\(\?[&R0-9]")
_ESCAPED = regex.compile(r"\\\\")


@dataclass(frozen=True)
class Constraint(Lean):
    """What a sample must be; a text is as the unit reads it, patterns are of what it shows.

    `pattern` matches the whole sample. `starts_with` is the beginning of it, `min_length` the
    symbols that it has at least. `is_known` tells texts that are not wanted; `unique` wants no text
    twice.

    Raises:
        UsageError: the pattern is none, or the length no whole number from 0.
    """

    pattern: str | None = None
    starts_with: str = ""
    min_length: int = 0
    is_known: Callable[[str], bool] | None = None
    unique: bool = False

    def __post_init__(self) -> None:
        if not (isinstance(self.min_length, Integral) and self.min_length >= 0):
            raise UsageError("the least length is a number of symbols, 0 or more")
        try:
            _ = self._pattern
        except regex.error as error:
            raise UsageError(f"{self.pattern!r} is no regular expression: {error}") from None

    @property
    def prunes(self) -> bool:
        """Whether some beginnings are known to lead nowhere."""
        return bool(self.starts_with) or self._is_pruning

    def possible(self, text: str, unit: Unit) -> bool:
        """Tell whether a text may be the beginning of what is wanted; if in doubt, it may."""
        shown = _shown(text, unit, final=False)
        if not (shown.startswith(self.starts_with) or self.starts_with.startswith(shown)):
            return False
        if not self._is_pruning or self._pattern is None:
            return True
        return self._pattern.fullmatch(shown, partial=True) is not None

    def holds(self, text: str, symbols: int, unit: Unit) -> bool:
        """Tell whether a whole text, of so many symbols, is wanted."""
        shown = _shown(text, unit, final=True)
        if symbols < self.min_length or not shown.startswith(self.starts_with):
            return False
        if self._pattern is not None and self._pattern.fullmatch(shown) is None:
            return False
        return self.is_known is None or not self.is_known(text)

    @cached_property
    def _pattern(self) -> regex.Pattern[str] | None:
        return None if self.pattern is None else regex.compile(self.pattern)

    @cached_property
    def _is_pruning(self) -> bool:
        return self.pattern is not None and not _LOOKING.search(_ESCAPED.sub("", self.pattern))


def _shown(text: str, unit: Unit, *, final: bool) -> str:
    """Return a text as its reader sees it; a character whose bytes are not all there is not."""
    if unit.encoding is None:
        return text
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    return decoder.decode(text.encode(unit.encoding), final)
