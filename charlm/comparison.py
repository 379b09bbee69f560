"""Several models on several texts: the figures as plain data, for tables and for JSON.

A figure that cannot be given is None, and `reason` says why. Differences are between totals over
all texts; below zero the first model is the better one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from charlm.evaluation import Evaluation, total

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
class Judged:
    """A model's name, kind and signature, and what it needs for each text, in order."""

    model: str
    kind: str
    signature: str
    evaluations: Sequence[Evaluation]


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
        "differences": [_difference(totals[0], other) for other in totals[1:]],
    }


def figures(judged: Judged, evaluation: Evaluation) -> dict[str, Any]:
    """Give one row of figures."""
    row: dict[str, Any] = {
        "model": judged.model,
        "kind": judged.kind,
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
            f"symbol {place + 1}, {symbol!r}, has probability 0 under this model; "
            "train with a smoother other than mle"
        )
    if not evaluation.symbols:
        return "the text is empty"
    if evaluation.chars is None:
        return "the text is not UTF-8, so it has no characters to count"
    if evaluation.unknown_symbols == evaluation.symbols:
        return "every symbol is unknown to the model"
    return None


def _difference(first: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    row = {"model": first["model"], "against": other["model"]}
    for name in ("total_bits", "bits_per_char", "bits_per_byte"):
        missing = first[name] is None or other[name] is None
        row[name] = None if missing else first[name] - other[name]
    reason = first.get("reason") or other.get("reason")
    return row | ({"reason": reason} if reason else {})


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
