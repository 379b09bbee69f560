"""Several models on several texts: their figures, and the differences between them.

A figure that cannot be given is None, and `reason` says why. Perplexities have no differences:
those of different units say nothing about each other. Nor are models compared of which only one
learns while it reads, or texts that a model changes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, log, log10
from typing import Any

from charlm.arrays import Holder
from charlm.evaluation.bits import Evaluation, exponential, finite, total
from charlm.evaluation.judging import Judged
from charlm.evaluation.pairing import Paired, pair
from charlm.evaluation.reading import Reading
from charlm.evaluation.uncertainty import FEWEST_BATCHES, LEVEL, Interval

SCHEMA = 1
FIGURES = (
    "total_bits",
    "nats_per_char",
    "bits_per_symbol",
    "bits_per_char",
    "bits_per_byte",
    "perplexity",
    "perplexity_known",
)


@dataclass(frozen=True)
class Conventions:
    """What other tools print: an unknown symbol costs P(UNKNOWN), and no spelling.

    `nats_per_symbol` is what torch's `cross_entropy` gives (the mean over symbols); the others are
    KenLM's `query`: the total of log10 P, and perplexities including and excluding OOVs.
    """

    nats_per_symbol: float | None
    log10_total: float | None
    perplexity_with_unknowns: float | None
    perplexity_without_unknowns: float | None

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Conventions":
        """Return the figures of an evaluation as those tools count."""
        bits = evaluation.total_bits - evaluation.spelling_bits
        per_symbol = bits / evaluation.symbols if evaluation.symbols else None
        return cls(
            nats_per_symbol=None if per_symbol is None else finite(per_symbol * log(2)),
            log10_total=finite(0.0 - bits * log10(2)),
            perplexity_with_unknowns=finite(exponential(per_symbol)),
            perplexity_without_unknowns=finite(evaluation.perplexity_known),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


@dataclass(frozen=True, eq=False, repr=False)
class Figures(Holder):
    """What a model needs for a text of that name, or for all texts together."""

    judged: Judged
    evaluation: Evaluation
    text: str | None = None

    @property
    def reason(self) -> str | None:
        """Why a figure is missing; None where all are there."""
        return why_missing(self.evaluation)

    @property
    def conventions(self) -> Conventions:
        """What other tools would print."""
        return Conventions.of(self.evaluation)

    def to_json(self, with_conventions: bool = False) -> dict[str, Any]:
        """Return the figures by name."""
        judged, evaluation = self.judged, self.evaluation
        row: dict[str, Any] = {
            "model": judged.model,
            "kind": judged.kind,
            "unit": judged.unit,
            "adaptive": judged.reading is Reading.ADAPTIVE,
            "free_running": judged.reading is Reading.FREE_RUNNING,
            "symbols": evaluation.symbols,
            "chars": evaluation.chars,
            "bytes": evaluation.bytes,
            "unknown_symbols": evaluation.unknown_symbols,
            **{name: finite(getattr(evaluation, name)) for name in FIGURES},
            "signature": judged.signature,
            "seconds": evaluation.seconds,
        }
        if self.reason:
            row["reason"] = self.reason
        if with_conventions:
            row["conventions"] = self.conventions.to_json()
        return row if self.text is None else {**row, "text": self.text}


@dataclass(frozen=True)
class Difference:
    """One model's figures minus another's, over all texts; below zero the first is the better one.

    `paired` has the interval of the difference per `unit`, and the shares of characters and lines
    that either model wins; None where nothing could be paired.
    """

    model: str
    against: str
    reading: Reading
    against_reading: Reading
    total_bits: float | None
    bits_per_char: float | None
    bits_per_byte: float | None
    paired: Paired | None
    reason: str | None

    @property
    def unit(self) -> str:
        """What the difference is given per: char, or byte where there are no characters."""
        return "byte" if self.bits_per_char is None else "char"

    @property
    def bits_per_unit(self) -> float | None:
        """The difference per `unit`."""
        return self.bits_per_byte if self.bits_per_char is None else self.bits_per_char

    @property
    def why_no_interval(self) -> str | None:
        """Why the texts are too short for an interval; None where there is one."""
        if self.paired is None or self.paired.interval.low is not None:
            return None
        found = self.paired.interval
        blocks = f"{found.blocks} blocks of {found.block} {self.unit}s"
        return f"too short: {blocks}, where an interval needs {FEWEST_BATCHES}"

    def to_json(self) -> dict[str, Any]:
        """Return all of it by name.

        interval      `low` and `high`, of bits per `unit`; where the difference of these two
                      trained models would lie, with a probability of `level`, if the text went
                      on like this (`uncertainty.py`), and the `blocks` of `block_length` that
                      it was found from
        chars_won, chars_lost, lines_won, lines_lost
                      shares where the first needs fewer bits, or more
        """
        row: dict[str, Any] = {
            "model": self.model,
            "against": self.against,
            "reading": self.reading,
            "against_reading": self.against_reading,
            "total_bits": self.total_bits,
            "bits_per_char": self.bits_per_char,
            "bits_per_byte": self.bits_per_byte,
            "interval": self.paired and self._interval(self.paired.interval),
            "chars_won": self.paired and self.paired.chars.won,
            "chars_lost": self.paired and self.paired.chars.lost,
            "lines_won": self.paired and self.paired.lines.won,
            "lines_lost": self.paired and self.paired.lines.lost,
        }
        return {**row, "reason": self.reason} if self.reason else row

    def _interval(self, interval: Interval) -> dict[str, Any]:
        row = {
            "level": LEVEL,
            "low": interval.low,
            "high": interval.high,
            "unit": self.unit,
            "blocks": interval.blocks,
            "block_length": interval.block,
        }
        reason = self.why_no_interval
        return {**row, "reason": reason} if reason else row


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Holder):
    """Each model on each text, on all together, and the first one beside each other one."""

    results: Sequence[Figures]
    totals: Sequence[Figures]
    differences: Sequence[Difference]

    def to_json(self, with_conventions: bool = False) -> dict[str, Any]:
        """Return every figure under the keys that `charlm perplexity --json` prints."""
        return {
            "schema": SCHEMA,
            "results": [row.to_json(with_conventions) for row in self.results],
            "totals": [row.to_json(with_conventions) for row in self.totals],
            "differences": [difference.to_json() for difference in self.differences],
        }


def compare(judged: Sequence[Judged], texts: Sequence[str]) -> Comparison:
    """Lay side by side what models need for texts of these names."""
    return Comparison(
        results=[
            Figures(j, evaluation, text)
            for j in judged
            for text, evaluation in zip(texts, j.evaluations, strict=True)
        ],
        totals=[Figures(j, total(j.evaluations)) for j in judged],
        differences=[subtract(judged[0], other) for other in judged[1:]],
    )


def subtract(first: Judged, other: Judged) -> Difference:
    """Return how a model differs from another one, over all texts."""
    a, b = total(first.evaluations), total(other.evaluations)
    incomparable = _why_incomparable(first, other)

    def less(one: float | None, two: float | None) -> float | None:
        one, two = finite(one), finite(two)
        return None if one is None or two is None or incomparable else one - two

    per_char = less(a.bits_per_char, b.bits_per_char)
    per_byte = less(a.bits_per_byte, b.bits_per_byte)
    can_be_paired = per_byte is not None and first.placed and other.placed
    return Difference(
        model=first.model,
        against=other.model,
        reading=first.reading,
        against_reading=other.reading,
        total_bits=less(a.total_bits, b.total_bits),
        bits_per_char=per_char,
        bits_per_byte=per_byte,
        paired=pair(first.placed, other.placed, per_char is not None) if can_be_paired else None,
        reason=incomparable or why_missing(a) or why_missing(b),
    )


def mixed_units(judged: Sequence[Judged]) -> list[str]:
    """List the units of models whose perplexities cannot be ranked; none where all are alike."""
    units = sorted({j.unit for j in judged})
    return units if len(units) > 1 else []


def why_missing(evaluation: Evaluation) -> str | None:
    """Say why a figure is missing, and what to do; None where all are there."""
    if evaluation.impossible:
        place, symbol = evaluation.impossible
        return (
            f"symbol {place + 1}, {symbol!r}, has probability 0 after what stands before it; "
            "train with a smoother other than mle"
        )
    if not evaluation.symbols:
        return "the text is empty"
    if evaluation.chars is None:
        return "the text is not UTF-8, so it has no characters to count"
    if evaluation.unknown_symbols == evaluation.symbols:
        return "every symbol is unknown to the model"
    if evaluation.perplexity == inf:
        return "the perplexity is too large a number"
    return None


def _why_incomparable(first: Judged, other: Judged) -> str | None:
    """Say why two models cannot be compared; None where they can."""
    if (first.reading is Reading.ADAPTIVE) != (other.reading is Reading.ADAPTIVE):
        return "not comparable: one learns from the text while it reads, the other is frozen"
    if first.changes or other.changes:
        return f"not comparable: the text was changed ({first.changes or other.changes})"
    if total := first.largest_sum or other.largest_sum:
        return f"not comparable: probabilities of one model add up to {total:.3g}"
    if [e.bytes for e in first.evaluations] != [e.bytes for e in other.evaluations]:
        return "not comparable: one model reads bytes that are no part of the text for the other"
    return None
