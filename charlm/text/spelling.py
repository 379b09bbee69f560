"""How an unknown symbol is spelt, letter by letter; what `Tokenizer.spelling_bits` counts.

Where a symbol is one code point, its one letter is its place among the scalar values outside the
vocabulary. Longer symbols are spelt by their code points, each a letter, and a last one that
closes them. All `letters` are equally likely.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from charlm.text.pieces import LINE_END
from charlm.text.tokenizer import Tokenizer
from charlm.text.units import SCALAR_VALUES, SURROGATES


class Spelling:
    """From unknown symbols to letters and back."""

    def __init__(self, tokenizer: Tokenizer):
        self._single = tokenizer.unit.is_single
        line_end = "" if tokenizer.end is None else LINE_END
        known = [*tokenizer.vocabulary.symbols, *line_end] if self._single else []
        self._known = sorted(map(_number, known))
        self.letters = tokenizer.unknown_values if self._single else SCALAR_VALUES + 1

    def spell(self, symbol: str) -> list[int]:
        """Return the letters of a symbol."""
        if self._single:
            return [_number(symbol) - bisect_left(self._known, _number(symbol))]
        return [*map(_number, symbol), SCALAR_VALUES]

    def read(self, letter: Callable[[], int]) -> str:
        """Read letters, as `letter` gives them, to the end of the symbol."""
        if self._single:
            return _character(_skipping(self._known, letter()))
        return "".join(map(_character, iter(letter, SCALAR_VALUES)))


def _skipping(known: Sequence[int], rank: int) -> int:
    """Return the number that has `rank` smaller ones beside those known (sorted)."""
    # known[i] has known[i] - i smaller unknown ones, and that never falls.
    return rank + bisect_left(range(len(known)), rank + 1, key=lambda i: known[i] - i)


def _number(character: str) -> int:
    """Count scalar values: code points without the surrogates."""
    code_point = ord(character)
    return code_point if code_point < SURROGATES.start else code_point - len(SURROGATES)


def _character(number: int) -> str:
    return chr(number if number < SURROGATES.start else number + len(SURROGATES))
