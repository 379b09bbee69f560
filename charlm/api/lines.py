"""Lines of a log from Python: what `charlm score --by line` and `--rank` print."""

from typing import NamedTuple

import numpy as np

from charlm.arrays import Float64s
from charlm.evaluation.judging import Judge
from charlm.surprisal.cells import LINE, cells
from charlm.surprisal.peaks import measure, peaks, per_character
from charlm.surprisal.scores import place
from charlm.trained import TrainedModel


class ScoredLine(NamedTuple):
    """A line of a text, what it cost, and its most surprising window of symbols."""

    line: int
    text: str
    bits: float
    bits_per_char: float
    peak_bits: float
    peak_column: int
    peak: str


def scored_lines(
    trained: TrainedModel, text: str, rank_by: str, window: int, *, reset: bool
) -> tuple[list[ScoredLine], Float64s]:
    """Return the lines of a decoded text, and by what they are ranked, (L,)."""
    scores = place(trained, text, Judge("", trained).score(text, reset=reset))
    found = cells(scores, LINE)
    top = peaks(scores, found, window)
    columns = found.line, found.bits, per_character(found), top.bits, top.column
    line, bits, by_character, peak_bits, peak_column = (column.tolist() for column in columns)
    rows = zip(
        line, found.texts, bits, by_character, peak_bits, peak_column, top.texts, strict=True
    )
    return list(map(ScoredLine._make, rows)), measure(rank_by, found, top)


def the_strangest(lines: list[ScoredLine], values: Float64s, count: int) -> list[ScoredLine]:
    """Return the lines of the greatest values, the strangest first; of equals the first."""
    return [lines[i] for i in np.argsort(-values, kind="stable")[:count].tolist()]
