"""Two models compared on the same text, place by place.

The difficulty: the symbols of one model may be characters, those of the other words. They do not
pair. The idea: lay the bits of both models on the bytes of the text. All bits of a symbol go to its
last byte. (An END that the text itself lacks goes to the last byte of the text.) Then the bits of a
character are the sum over its bytes, whatever the symbols were. A text that is not UTF-8 is
compared byte by byte.

Who wins a character is the model that needs fewer bits for it. But a model of words has all the
bits of a word on the last letter, and would win the other letters at no cost. So only those places
are compared where a symbol of both models ends, and all characters since the last such place are
won together:

    text                 t   h   e   _   a
    bits of characters   1   1   1   9   2
    bits of words        0   0   4   1   1
    a symbol of both ends        |   |   |
    fewer bits           3 < 4   9>1 2>1

The first model wins 3 of the 5 characters, the second 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Float64s, Holder, Integers
from charlm.evaluation.uncertainty import Interval, interval
from charlm.text.positions import locate
from charlm.trained import TrainedModel

LINE_END = ord("\n")


@dataclass(frozen=True, eq=False, repr=False)
class Placed(Holder):
    """The bytes of a text, a model's bits on each, and whether a symbol ends there; (bytes,)."""

    data: NDArray[np.uint8]
    bits: Float64s
    ends: Booleans


class Shares(NamedTuple):
    """Where the first of two models needs fewer bits, and where the second does.

    Both sum to less than 1 where some places are even.
    """

    won: float
    lost: float


@dataclass(frozen=True)
class Paired:
    """How the first of two models compares with the second.

    `interval` is of the difference in bits per character: the first model's minus the second's. It
    says what the difference of these two models would be on more text like this. `chars` are shares
    of all characters, `lines` of all lines. Where the text is not UTF-8, bytes take the place of
    characters.
    """

    interval: Interval
    chars: Shares
    lines: Shares


def place(trained: TrainedModel, text: str, bits: Float64s) -> Placed:
    """Lay the bits of symbols, (T,), on the bytes of a text.

    The tokenizer must leave the text as it is, but for its line ends.
    """
    text = trained.tokenizer.with_line_ends(text)
    data = np.frombuffer(text.encode(trained.tokenizer.unit.encoding or "utf-8"), np.uint8)
    last = np.minimum(locate(trained.tokenizer, text).last_byte, len(data) - 1)
    ends = np.zeros(len(data), np.bool_)
    ends[last] = True
    on_bytes: Float64s = np.bincount(last, bits, len(data)).astype(np.float64)
    return Placed(data, on_bytes, ends)


def pair(first: Sequence[Placed], second: Sequence[Placed], by_chars: bool) -> Paired:
    """Compare two models on the same texts, which are taken one after the other.

    There is at least one byte in all, and all bits are finite.
    """
    data = np.concatenate([placed.data for placed in first])
    less = [a.bits - b.bits for a, b in zip(first, second, strict=True)]
    both = [a.ends & b.ends for a, b in zip(first, second, strict=True)]
    difference, cuts = np.concatenate(less), np.concatenate(both)
    starts = _starts_of_chars(data) if by_chars else np.arange(len(data))
    series = np.add.reduceat(difference, starts)
    return Paired(
        interval=interval(series),
        chars=_shares(series, cuts[np.append(starts[1:], len(data)) - 1]),
        lines=_won(np.add.reduceat(difference, _starts_of_lines(first)), np.ones(1)),
    )


def _shares(series: Float64s, cuts: Booleans) -> Shares:
    """Return the shares of characters that the first model wins, and the second.

    Differences in bits and cuts are by character, (chars,). A cut is where a symbol of both models
    ends; the stretch of characters from one cut to the next is won together.
    """
    starts = np.flatnonzero(np.append(True, cuts[:-1]))
    stretches = np.add.reduceat(series, starts)
    return _won(stretches, np.diff(starts, append=len(series)))


def _won(differences: Float64s, sizes: NDArray[np.number]) -> Shares:
    """Return the share, by size, of negative differences (the first model wins) and of positive."""
    sizes = np.broadcast_to(sizes, differences.shape)
    total = sizes.sum()
    return Shares(
        won=float(sizes[differences < 0].sum() / total),
        lost=float(sizes[differences > 0].sum() / total),
    )


def _starts_of_chars(data: NDArray[np.uint8]) -> Integers:
    """Return the places of bytes that begin a character of UTF-8, and do not continue one."""
    return np.flatnonzero((data & 0xC0) != 0x80)


def _starts_of_lines(texts: Sequence[Placed]) -> Integers:
    """Return the places of bytes that begin a line: at each text's start and after line ends."""
    begin = [np.append(True, placed.data[:-1] == LINE_END)[: len(placed.data)] for placed in texts]
    return np.flatnonzero(np.concatenate(begin))
