"""Lines of logs: each scored as soon as it has come, and the strangest ones of files."""

import heapq
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from charlm.arrays import Holder
from charlm.cli.console import say
from charlm.cli.score.request import Request
from charlm.cli.score.rows import Layout, Row
from charlm.cli.score.scored import ScoredText
from charlm.evaluation.bits import score, sum_up
from charlm.evaluation.judging import Judge
from charlm.surprisal.cells import LINE
from charlm.surprisal.peaks import measure, peaks
from charlm.surprisal.scores import place
from charlm.text.arriving import arriving_lines

INPUT = "standard input"


@dataclass(frozen=True, eq=False, repr=False)
class Ranked(Holder):
    """A line that is stranger than others, by `value`, and where it stands."""

    value: float
    scored: ScoredText
    cell: int


def arriving(judge: Judge, *, reset: bool) -> Iterator[ScoredText]:
    """Score lines of standard input as they come, some at a time: the model reads on.

    With `reset` each line begins afresh.
    """
    unit = judge.trained.tokenizer.unit
    reader = judge.reader()
    bytes_before = lines_before = 0
    for text in arriving_lines(sys.stdin.buffer, INPUT, unit, judge.decoding, say):
        if reset:
            scored = judge.score(text, reset=True)
        else:
            scored = score(judge.trained, text, reader=reader)
        placed = place(judge.trained, text, scored)
        evaluation = sum_up(judge.trained, text, scored)
        yield ScoredText(
            INPUT, [judge], [placed], [evaluation], LINE,
            bytes_before=bytes_before, lines_before=lines_before,
        )  # fmt: skip
        bytes_before += len(placed.data)
        lines_before += text.count("\n")


def strangest(
    texts: Iterator[ScoredText], number: int, rank_by: str, layout: Layout
) -> list[tuple[ScoredText, Row]]:
    """Return the lines that rank highest, the strangest first; of equals the first."""
    found: list[Ranked] = []
    for scored in texts:
        cells = scored.cut(LINE).cells
        values = measure(rank_by, cells, peaks(scored.scores[0], cells, layout.window))
        here = [Ranked(value, scored, i) for i, value in enumerate(values.tolist())]
        found = heapq.nlargest(number, [*found, *here], key=lambda line: line.value)
    rows: dict[tuple[int, int], Row] = {}
    for scored in {id(line.scored): line.scored for line in found}.values():
        places = [line.cell for line in found if line.scored is scored]
        drawn = layout.rows(scored, places)
        rows |= {(id(scored), i): row for i, row in zip(places, drawn, strict=True)}
    return [(line.scored, rows[id(line.scored), line.cell]) for line in found]


def is_streamed(request: Request) -> bool:
    """Tell whether lines are shown as they come: those of standard input, which has no rows."""
    is_plain = request.column is None
    return list(request.texts) == ["-"] and request.view.by == LINE and is_plain
