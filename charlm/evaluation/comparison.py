"""Several models on several texts: the figures as plain data, for tables and for JSON.

A figure that cannot be given is None, and `reason` says why. `differences` are the first model's
figures minus each other one's, over all texts; below zero the first is the better one. Each has

    total_bits, bits_per_char, bits_per_byte       the differences
    interval      of bits per `unit` (char, or byte where there are no characters): `low`, `high`,
                  `level`, and the `blocks` of `block_length` that it was found from; where the
                  difference of these two trained models would lie if the text went on like this
                  (`charlm/evaluation/uncertainty.py`)
    chars_won, chars_lost, lines_won, lines_lost   shares where the first needs fewer bits, or more

Perplexities have no differences: those of different units say nothing about each other. Nor are
models compared of which only one learns while it reads, or texts that a model changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, log10
from typing import Any

from charlm.arrays import Holder
from charlm.evaluation.bits import Evaluation, exponential, finite, total
from charlm.evaluation.pairing import Paired, Placed, pair
from charlm.evaluation.uncertainty import FEWEST_BATCHES, LEVEL, Interval

SCHEMA = 1
ADAPTIVE, FREE_RUNNING = "adaptive", "free-running"
FIGURES = (
    "total_bits",
    "nats_per_char",
    "bits_per_symbol",
    "bits_per_char",
    "bits_per_byte",
    "perplexity",
    "perplexity_known",
)


SHARES = ("chars_won", "chars_lost", "lines_won", "lines_lost")


@dataclass(frozen=True, eq=False, repr=False)
class Judged(Holder):
    """A model's name, kind and signature, and what it needs for each text, in order.

    `changes` names what alters the text before this model scores it (`evaluation.changes`).
    `reading` says how the text was read where that is not as it is: adaptive (the model learnt
    while it read) or free-running (it heard itself instead). `placed` is the bits of each text in
    their places (`pairing.place`), without which differences have no intervals. `largest_sum` is
    what probabilities add up to where that is more than 1 (`Record.excess`).
    """

    model: str
    kind: str
    signature: str
    evaluations: Sequence[Evaluation]
    changes: str = ""
    reading: str = ""
    unit: str = ""
    placed: Sequence[Placed] = ()
    largest_sum: float | None = None


def compare(
    judged: Sequence[Judged], texts: Sequence[str], with_conventions: bool = False
) -> dict[str, Any]:
    """Give every figure under the keys that `charlm perplexity --json` prints."""
    row = figures_and_conventions if with_conventions else figures
    return {
        "schema": SCHEMA,
        "results": [
            {**row(j, evaluation), "text": text}
            for j in judged
            for text, evaluation in zip(texts, j.evaluations, strict=True)
        ],
        "totals": [row(j, total(j.evaluations)) for j in judged],
        "differences": [_difference(judged[0], other) for other in judged[1:]],
    }


def figures(judged: Judged, evaluation: Evaluation) -> dict[str, Any]:
    """Give one row of figures."""
    row: dict[str, Any] = {
        "model": judged.model,
        "kind": judged.kind,
        "unit": judged.unit,
        "adaptive": judged.reading == ADAPTIVE,
        "free_running": judged.reading == FREE_RUNNING,
        "symbols": evaluation.symbols,
        "chars": evaluation.chars,
        "bytes": evaluation.bytes,
        "unknown_symbols": evaluation.unknown_symbols,
    }
    row |= {name: finite(getattr(evaluation, name)) for name in FIGURES}
    row |= {"signature": judged.signature, "seconds": evaluation.seconds}
    reason = why_missing(evaluation)
    return row | ({"reason": reason} if reason else {})


def figures_and_conventions(judged: Judged, evaluation: Evaluation) -> dict[str, Any]:
    """Give a row of figures, and those of `conventions` in it."""
    return {**figures(judged, evaluation), "conventions": conventions(evaluation)}


def conventions(evaluation: Evaluation) -> dict[str, float | None]:
    """Give what other tools print: an unknown symbol costs P(UNKNOWN), and no spelling.

    nats_per_symbol is what torch's `cross_entropy` gives (the mean over symbols); the others are
    KenLM's `query`: the total of log10 P, and perplexities including and excluding OOVs.
    """
    bits = evaluation.total_bits - evaluation.spelling_bits
    per_symbol = bits / evaluation.symbols if evaluation.symbols else None
    given = {
        "nats_per_symbol": None if per_symbol is None else per_symbol * log(2),
        "log10_total": 0.0 - bits * log10(2),
        "perplexity_with_unknowns": exponential(per_symbol),
        "perplexity_without_unknowns": evaluation.perplexity_known,
    }
    return {name: finite(value) for name, value in given.items()}


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


def _difference(first: Judged, other: Judged) -> dict[str, Any]:
    a, b = total(first.evaluations), total(other.evaluations)
    incomparable = _why_incomparable(first, other)
    row: dict[str, Any] = {
        "model": first.model,
        "against": other.model,
        "reading": first.reading,
        "against_reading": other.reading,
    }
    for name in ("total_bits", "bits_per_char", "bits_per_byte"):
        values = [finite(getattr(evaluation, name)) for evaluation in (a, b)]
        known = None not in values and not incomparable
        row[name] = values[0] - values[1] if known else None  # type: ignore[operator]
    paired = None
    if row["bits_per_byte"] is not None and first.placed and other.placed:
        by_chars = row["bits_per_char"] is not None
        paired = pair(first.placed, other.placed, by_chars)
    row |= _pairs(paired, "byte" if row["bits_per_char"] is None else "char")
    reason = incomparable or why_missing(a) or why_missing(b)
    return row | ({"reason": reason} if reason else {})


def _pairs(paired: Paired | None, unit: str) -> dict[str, Any]:
    """Give the interval and the shares; None where nothing was paired."""
    won: dict[str, float | None] = dict.fromkeys(SHARES)
    if paired is None:
        return {"interval": None, **won}
    shares = zip(SHARES, (*paired.chars, *paired.lines), strict=True)
    return {"interval": _interval(paired.interval, unit), **dict(shares)}


def _interval(interval: Interval, unit: str) -> dict[str, Any]:
    row = {
        "level": LEVEL,
        "low": interval.low,
        "high": interval.high,
        "unit": unit,
        "blocks": interval.blocks,
        "block_length": interval.block,
    }
    if interval.low is not None:
        return row
    blocks = f"{interval.blocks} blocks of {interval.block} {unit}s"
    return row | {"reason": f"too short: {blocks}, where an interval needs {FEWEST_BATCHES}"}


def _why_incomparable(first: Judged, other: Judged) -> str | None:
    """Say why two models cannot be compared; None where they can."""
    if (first.reading == ADAPTIVE) != (other.reading == ADAPTIVE):
        return "not comparable: one learns from the text while it reads, the other is frozen"
    if first.changes or other.changes:
        return f"not comparable: the text was changed ({first.changes or other.changes})"
    if total := first.largest_sum or other.largest_sum:
        return f"not comparable: probabilities of one model add up to {total:.3g}"
    if [e.bytes for e in first.evaluations] != [e.bytes for e in other.evaluations]:
        return "not comparable: one model reads bytes that are no part of the text for the other"
    return None
