"""Figures of models on texts as a table for programs: a row for each model, reading and text."""

from collections.abc import Iterator
from dataclasses import astuple, fields

from charlm.cli.tabular import Row
from charlm.evaluation.comparison import FIGURES, Comparison, Conventions

COUNTS = ("symbols", "chars", "bytes", "unknown_symbols")


def rows(comparison: Comparison, *, conventions: bool) -> Iterator[Row]:
    """Yield a row for each model, reading and text, the headings first.

    What has no figure is an empty cell, what is infinite `inf`.
    """
    others = [field.name for field in fields(Conventions)] if conventions else []
    yield ["model", "text", "kind", "unit", "reading", *COUNTS, *FIGURES, *others, "signature"]
    for row in comparison.results:
        judged, evaluation = row.judged, row.evaluation
        figures = [getattr(evaluation, name) for name in (*COUNTS, *FIGURES)]
        noted = astuple(row.conventions) if conventions else ()
        named = [judged.model, row.text, judged.kind, judged.unit, str(judged.reading)]
        yield [*named, *figures, *noted, judged.signature]
