"""Several models on several texts: the figures as plain data, for tables and for JSON.

A figure that cannot be given is None, and `reason` says why. Differences are between totals over
all texts; below zero the first model is the better one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from charlm.evaluation import Evaluation, total

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


@dataclass(frozen=True)
class Judged:
    """A model's name, kind and signature, and what it needs for each text, in order.

    `changes` names what alters the text before this model scores it (`evaluation.changes`).
    `reading` says how the text was read where that is not as it is: adaptive (the model learnt
    while it read) or free-running (it heard itself instead).
    """

    model: str
    kind: str
    signature: str
    evaluations: Sequence[Evaluation]
    changes: str = ""
    reading: str = ""


def compare(judged: Sequence[Judged], texts: Sequence[str]) -> dict[str, Any]:
    """Give every figure under the keys that `charlm perplexity --json` prints."""
    totals = [figures(j, total(j.evaluations)) for j in judged]
    return {
        "schema": SCHEMA,
        "results": [
            {**figures(j, evaluation), "text": text}
            for j in judged
            for text, evaluation in zip(texts, j.evaluations, strict=True)
        ],
        "totals": totals,
        "differences": [_difference(judged[0], other) for other in judged[1:]],
    }


def figures(judged: Judged, evaluation: Evaluation) -> dict[str, Any]:
    """Give one row of figures."""
    row: dict[str, Any] = {
        "model": judged.model,
        "kind": judged.kind,
        "adaptive": judged.reading == ADAPTIVE,
        "free_running": judged.reading == FREE_RUNNING,
        "symbols": evaluation.symbols,
        "chars": evaluation.chars,
        "bytes": evaluation.bytes,
        "unknown_symbols": evaluation.unknown_symbols,
    }
    row |= {name: _finite(getattr(evaluation, name)) for name in FIGURES}
    row |= {"signature": judged.signature, "seconds": evaluation.seconds}
    reason = why_missing(evaluation)
    return row | ({"reason": reason} if reason else {})


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
    row: dict[str, Any] = {"model": first.model, "against": other.model}
    reason = _why_incomparable(first, other) or why_missing(a) or why_missing(b)
    for name in ("total_bits", "bits_per_char", "bits_per_byte"):
        values = [_finite(getattr(evaluation, name)) for evaluation in (a, b)]
        known = None not in values and not _why_incomparable(first, other)
        row[name] = values[0] - values[1] if known else None  # type: ignore[operator]
    return row | ({"reason": reason} if reason else {})


def _why_incomparable(first: Judged, other: Judged) -> str | None:
    """Say why two models cannot be compared; None where they can."""
    if (first.reading == ADAPTIVE) != (other.reading == ADAPTIVE):
        return "not comparable: one learns from the text while it reads, the other is frozen"
    if first.changes or other.changes:
        return f"not comparable: the text was changed ({first.changes or other.changes})"
    if [e.bytes for e in first.evaluations] != [e.bytes for e in other.evaluations]:
        return "not comparable: one model reads bytes that are no part of the text for the other"
    return None


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
