"""A scored text cut into cells: symbols, characters, words or lines, and what each cost.

A word can be summed with the blank before it, with the one after it, or without (`BLANKS`).

A cell ends only where a symbol ends, and with two models only where a symbol of both ends. So the
bits of a cell are a sum over whole symbols: no symbol's bits are divided among cells, and the sum
over all cells is the total.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import regex

from charlm.arrays import Booleans, Float64s, Holder, Integers
from charlm.errors import UsageError
from charlm.surprisal.scores import Scores
from charlm.text import units
from charlm.text.pieces import LINE_END
from charlm.text.positions import byte_widths


@dataclass(frozen=True, eq=False, repr=False)
class Cells(Holder):
    """What stands in each cell, where it begins, and what it cost, each (C,).

    Bytes that are not UTF-8 stand in `texts` as lone surrogates (`surrogateescape`).
    """

    texts: Sequence[str]
    first_byte: Integers
    line: Integers
    column: Integers
    symbols: Integers  # that end in the cell
    unknown: Booleans  # one of them is
    bits: Float64s

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self.bits)


SYMBOL, WORD, LINE = "symbol", "word", "line"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# How a text is cut; None: only where symbols end.
BY: dict[str, Callable[[str], Sequence[str]] | None] = {
    SYMBOL: None,
    "character": list,
    WORD: units.get("word").cut,
    LINE: _LINE.findall,
}
# What blanks separate, in either direction; each Han character by itself. A line end is no blank
# that a word follows, but one that may follow a word.
_PIECE = r"(?:\p{Han}|[^\s\p{Han}]+)"
_LEADING = regex.compile(rf"[^\S\n]*{_PIECE}|[^\S\n]+|\n")
_TRAILING = regex.compile(rf"{_PIECE}(?:[^\S\n]*\n|[^\S\n]+)?|[^\S\n]+|\n")
# Where a blank counts when a text is cut into words. `own`: by itself, as does each mark.
#
# What to choose is argued for models of subwords, and holds for characters. Most surprisals in
# print are of words with the blank before them (leading), since tokens are cut so. But then
# nothing says where a word ends, and the probabilities of all words after a context add up to more
# than one: P(" can") has in it that of " cannot". With the blank after it (trailing) a word is
# what a reader has seen to end, and the words are a distribution (Oh and Schuler 2024; Pimentel
# and Meister 2024).
BLANKS: dict[str, Callable[[str], Sequence[str]]] = {
    "leading": _LEADING.findall,
    "trailing": _TRAILING.findall,
    "own": units.get("word").cut,
}


def cells(scores: Scores, by: str = "symbol", blank: str = "own") -> Cells:
    """Cut a scored text; of words, `blank` says where a blank counts (`BLANKS`)."""
    return _cells(scores, _ends([scores], by, blank))


def difference(
    first: Scores, second: Scores, by: str = "symbol", blank: str = "own"
) -> tuple[Cells, Float64s]:
    """Cut a text that two models have scored; give the first one's cells and the second's bits.

    Raises:
        UsageError: the models did not read the same text.
    """
    if _text(first) != _text(second):
        raise UsageError(
            "the models do not read the same text (byte order mark, normalisation, lower case), "
            "so their symbols cannot be laid side by side"
        )
    ends = _ends([first, second], by, blank)
    return _cells(first, ends), _sums(second, ends)


def _text(scores: Scores) -> bytes:
    """Return the bytes without an END that the text lacked."""
    return scores.data.removesuffix(LINE_END.encode())


def _ends(scored: Sequence[Scores], by: str, blank: str) -> Integers:
    """Return the last bytes of cells: where a piece of the text and symbols of all models end."""
    ends = [scores.positions.last_byte for scores in scored]
    cut = BLANKS[blank] if by == WORD else BY[by]
    if cut is not None:
        ends.append(_piece_ends(scored[0].data.decode(errors="surrogateescape"), cut))
    last = min(len(scores.data) for scores in scored) - 1  # an END that only one has is left out
    return reduce(np.intersect1d, [np.minimum(places, last) for places in ends])


def _piece_ends(text: str, cut: Callable[[str], Sequence[str]]) -> Integers:
    lengths = np.fromiter(map(len, cut(text)), np.int64)
    ends: Integers = np.cumsum(byte_widths(text), dtype=np.int64)[np.cumsum(lengths) - 1] - 1
    return ends


def _cells(scores: Scores, ends: Integers) -> Cells:
    starts = _starts(scores, ends)
    first_byte = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    return Cells(
        texts=_texts(scores.data, first_byte, ends),
        first_byte=first_byte,
        line=scores.positions.line[starts],
        column=scores.positions.column[starts],
        symbols=np.diff(starts, append=len(scores.ids)),
        unknown=np.logical_or.reduceat(scores.unknown, starts) if len(ends) else scores.unknown,
        bits=_sums(scores, ends),
    )


def _starts(scores: Scores, ends: Integers) -> Integers:
    """Return the first symbol of each cell; the last cell also has an END after it."""
    before = np.searchsorted(scores.positions.last_byte, ends[:-1], side="right")
    return np.concatenate([[0], before])[: len(ends)]


def _sums(scores: Scores, ends: Integers) -> Float64s:
    return np.add.reduceat(scores.bits, _starts(scores, ends)) if len(ends) else scores.bits


def _texts(data: bytes, first_byte: Integers, ends: Integers) -> Sequence[str]:
    """Cut the bytes; where each cell is a code point, the text itself is the sequence of them."""
    text = data.decode(errors="surrogateescape")
    if len(text) == len(ends):
        return text
    pairs = zip(first_byte.tolist(), (ends + 1).tolist(), strict=True)
    return [data[low:high].decode(errors="surrogateescape") for low, high in pairs]
