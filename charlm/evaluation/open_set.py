"""Whether a text is of a model's kind at all: how typical its bits are, for its length.

To know which of several models explains a line best says nothing where it is of none of their
kinds: gibberish has a best model too. So the bits of a line are held against those that the model
needs for held-out text of its own kind, cut into pieces of the same length. A short piece may cost
twice the mean, a long one never does, so mean and spread are known by length:

    z = (bits per byte - mean) / spread          of pieces as long as the line

The spread falls as the length grows, but not as its square root, since texts change from place to
place; between lengths it is found by interpolation, in logarithms. A line is refused where z is
beyond the limit that only so many of the held-out pieces are beyond (the false-alarm rate). That
limit is a quantile of those very pieces and not of a normal distribution: bits have a long tail
upwards (this is conformal prediction; Vovk, Gammerman & Shafer 2005).

Pieces begin where words do, are read as lines are (`identification.py`), and have blanks for line
ends. Where sequences are lines, they begin where lines do and end before the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from charlm.arrays import Booleans, Float64s, Holder, Integers
from charlm.errors import UsageError
from charlm.evaluation.identification import NOBODY, Identification, line_bits
from charlm.trained import TrainedModel, TypicalRows

LENGTHS = (4, 8, 16, 32, 64, 128, 256)  # characters
MOST_PIECES, MOST_CHARS = 400, 16_384  # of each length
FEWEST_PIECES = 50  # that say what is typical
RATES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.001)  # of false alarms, whose limits are known
USUAL_RATE = 0.01
LONGEST_WORD = 40  # characters, after which a text is one without blanks, as Chinese is
DIGITS = 6  # significant ones, so that what is stored is the same everywhere


@dataclass(frozen=True, eq=False, repr=False)
class Typical(Holder):
    """What is typical of a model's kind of text, by length, (K,), and limits of z, (K, rates)."""

    bytes: Float64s
    mean: Float64s
    spread: Float64s
    limits: Float64s

    @classmethod
    def of(cls, rows: TypicalRows) -> "Typical":
        """Read what `rows` gives."""
        table = np.array(rows, np.float64)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3:])

    @property
    def rows(self) -> TypicalRows:
        """The figures of each length, as a record has them."""
        table = np.column_stack([self.bytes, self.mean, self.spread, self.limits])
        return tuple(tuple(float(f"{x:.{DIGITS}g}") for x in row) for row in table.tolist())

    def z(self, sizes: Integers, bits: Float64s) -> Float64s:
        """Return how untypical lines are, (L,): of so many bytes, that cost so many bits."""
        lengths = np.maximum(sizes, 1)
        at = np.log(lengths)
        mean = np.interp(at, np.log(self.bytes), self.mean)
        spread = np.exp(np.interp(at, np.log(self.bytes), np.log(self.spread)))
        spread *= np.sqrt(np.maximum(1.0, self.bytes[0] / lengths))  # shorter than any piece
        found: Float64s = (bits / lengths - mean) / spread
        return found

    def refused(self, sizes: Integers, bits: Float64s, rate: float) -> Booleans:
        """Tell which lines are not of this kind, where `rate` of those that are may be refused."""
        columns = [np.interp(-log(rate), -np.log(RATES), row) for row in self.limits]
        limit = np.interp(np.log(np.maximum(sizes, 1)), np.log(self.bytes), columns)
        found: Booleans = self.z(sizes, bits) > limit
        return found


def refuse(found: Identification, kinds: Sequence[Typical], rate: float) -> Identification:
    """Leave to nobody the lines that are untypical of their best model's kind, one for each model.

    Raises:
        UsageError: there is no limit for such a rate of false alarms.
    """
    check_rate(rate)
    z = np.full(len(found.best), np.nan)
    refused = np.zeros(len(found.best), np.bool_)
    for m, kind in enumerate(kinds):
        own = np.flatnonzero(found.best == m)
        sizes, bits = found.bytes[own], found.bits[m, own]
        z[own], refused[own] = kind.z(sizes, bits), kind.refused(sizes, bits, rate)
    best = np.where(refused, NOBODY, found.best)
    return replace(found, best=best, z=z, refused=refused)


def check_rate(rate: float) -> None:
    """Refuse a rate of false alarms whose limit is not known.

    Raises:
        UsageError: it is out of range.
    """
    if not RATES[-1] <= rate <= RATES[0]:
        raise UsageError(f"a false-alarm rate is from {RATES[-1]} to {RATES[0]}, not {rate:g}")


def typical(trained: TrainedModel, texts: Sequence[str]) -> Typical | None:
    """Learn from held-out texts what is typical; None where they are too short to tell."""
    encoding = trained.tokenizer.unit.encoding or "utf-8"
    table: list[list[float]] = []
    for length in LENGTHS:
        pieces = _pieces(texts, length, lines=trained.tokenizer.end is not None)
        if len(pieces) < FEWEST_PIECES:
            break
        sizes = np.array([len(piece.encode(encoding)) for piece in pieces])
        costs = line_bits(trained, pieces) / sizes
        if not np.isfinite(costs).all():
            return None  # a model that finds its own text impossible knows no limit
        mean, spread = float(costs.mean()), max(float(costs.std(ddof=1)), 1e-6)
        z = np.sort((costs - mean) / spread)
        limits = [float(z[_place(len(z), rate)]) for rate in RATES]
        table.append([float(sizes.mean()), mean, spread, *limits])
    return Typical.of(tuple(map(tuple, table))) if table else None


def _place(count: int, rate: float) -> int:
    """Return the place of the piece that a new one is beyond with that probability at most."""
    return min(count - 1, int(np.ceil((count + 1) * (1 - rate))) - 1)


def _pieces(texts: Sequence[str], length: int, *, lines: bool) -> list[str]:
    """Return pieces of so many characters from all over the texts, overlapping by half at most."""
    text = "\n".join(texts)
    most = min(MOST_PIECES, MOST_CHARS // length, 2 * len(text) // length)
    places = np.linspace(0, max(0, len(text) - length), most).astype(int).tolist()
    starts = dict.fromkeys(_start(text, place, length, lines=lines) for place in places)
    pieces = (text[start : start + length] for start in starts if start is not None)
    whole = (piece for piece in pieces if len(piece) == length)
    return [piece.replace("\r", " ").replace("\n", " ") for piece in whole]


def _start(text: str, place: int, length: int, *, lines: bool) -> int | None:
    """Return where a piece begins, from a place on; None where no line is as long as that."""
    if lines:
        found = re.compile(rf"(?m)^[^\n]{{{length}}}").search(text, place)
        return None if found is None else found.start()
    word = re.compile("[ \n]").search(text, place, place + LONGEST_WORD)
    return place if place == 0 or word is None else word.end()
