"""Two models on the same text: the bits of each laid on the same places, and compared there.

Symbols of different units do not pair. So a symbol's bits go to its last byte (an END that the text
lacks, to the last byte there is), and the bytes of a character are added up: then any two models
are compared character by character, or byte by byte where the text is no UTF-8.

Who wins a character? Only the places where symbols of both models end can be compared; all
characters since the place before are won together. Between models of characters and of words, say,
each word is won as a whole.
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
    """A model's bits on the bytes of a text, and where its symbols end, all (bytes,)."""

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

    `interval` is that of the first one's mean minus the second one's, per character, or per byte
    where the text has no characters: of these two models, if the text went on like this. `chars`
    are shares of the characters (or bytes), `lines` of the lines.
    """

    interval: Interval
    chars: Shares
    lines: Shares


def place(trained: TrainedModel, text: str, bits: Float64s) -> Placed:
    """Lay bits, (T,), on the bytes of a text, which the tokenizer must leave as it is."""
    text = trained.tokenizer.with_line_ends(text)
    data = np.frombuffer(text.encode(trained.tokenizer.unit.encoding or "utf-8"), np.uint8)
    last = np.minimum(locate(trained.tokenizer, text).last_byte, len(data) - 1)
    ends = np.zeros(len(data), np.bool_)
    ends[last] = True
    on_bytes: Float64s = np.bincount(last, bits, len(data)).astype(np.float64)
    return Placed(data, on_bytes, ends)


def pair(first: Sequence[Placed], second: Sequence[Placed], by_chars: bool) -> Paired:
    """Compare finite bits over the same texts, one after the other, which hold a byte at least."""
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
    """Shares of characters won, a stretch up to a cut at once."""
    starts = np.flatnonzero(np.append(True, cuts[:-1]))
    stretches = np.add.reduceat(series, starts)
    return _won(stretches, np.diff(starts, append=len(series)))


def _won(differences: Float64s, sizes: NDArray[np.number]) -> Shares:
    """Weigh where the first model needs fewer bits, and where the second does."""
    sizes = np.broadcast_to(sizes, differences.shape)
    total = sizes.sum()
    return Shares(
        won=float(sizes[differences < 0].sum() / total),
        lost=float(sizes[differences > 0].sum() / total),
    )


def _starts_of_chars(data: NDArray[np.uint8]) -> Integers:
    """Bytes that do not continue a character of UTF-8."""
    return np.flatnonzero((data & 0xC0) != 0x80)


def _starts_of_lines(texts: Sequence[Placed]) -> Integers:
    """Bytes that begin a line: the first of each text, and those after line ends."""
    begin = [np.append(True, placed.data[:-1] == LINE_END)[: len(placed.data)] for placed in texts]
    return np.flatnonzero(np.concatenate(begin))
