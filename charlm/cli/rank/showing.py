"""What `charlm rank` does: the lines of a file are scored and shown in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from charlm import storage
from charlm.cli.asked import Asked
from charlm.cli.console import progress_bar, say, to_json
from charlm.cli.files import read, warn_if_seen
from charlm.cli.tables import Column, print_table, table
from charlm.cli.tabular import Output
from charlm.evaluation.bits import finite
from charlm.evaluation.candidates import Ranking, rank
from charlm.evaluation.identification import lines_of
from charlm.evaluation.judging import Judge
from charlm.text.decoding import Decoding
from charlm.text.escaping import visible
from charlm.text.rows import RowOptions

SCHEMA = 1
HEADINGS = ("rank", "line", "bits", "characters", "bits_per_char", "share", "text")


@dataclass(frozen=True)
class Request:
    """What was asked for: the options by their names."""

    model: str
    candidates: str
    given: str
    per_char: bool
    asked: Asked
    encoding: str
    errors: str


@dataclass(frozen=True)
class Row:
    """A candidate: its line in the file, what it costs, and its share; texts as a reader sees."""

    rank: int
    line: int
    bits: float
    chars: int
    share: float
    text: str

    @property
    def bits_per_char(self) -> float | None:
        """None where there is no character."""
        return self.bits / self.chars if self.chars else None


def show(request: Request) -> None:
    """Rank the lines of a file, and print them.

    Raises:
        TextError: the file cannot be read.
    """
    documents = read([request.candidates], [request.model], RowOptions())
    output = Output(request.asked)
    output.check(request.model, *(document.name for document in documents))
    trained = storage.load(request.model)
    warn_if_seen(request.model, trained, documents)
    judge = Judge(request.model, trained, decoding=Decoding(request.encoding, request.errors))
    unit = trained.tokenizer.unit
    texts = [one for document in documents for one in judge.decode(document, say)]
    lines = [line for one in texts for line in lines_of(one)]
    given = unit.from_typed(request.given)
    with progress_bar() as report:
        ranked = rank(trained, lines, given, per_char=request.per_char, report=report)
    rows = _rows(ranked, [unit.as_text(line) for line in lines])
    if not output.is_data:
        _show_table(rows)
    elif output.is_json:
        output.lines(_objects(rows))
    else:
        output.table(chain([HEADINGS], _cells(rows)))


def _rows(ranked: Ranking, texts: list[str]) -> Iterator[Row]:
    found = ranked.found
    for place, i in enumerate(ranked.order.tolist(), start=1):
        costs = float(found.bits[i]), int(found.chars[i]), float(ranked.shares[i])
        yield Row(place, i + 1, *costs, texts[i])


def _cells(rows: Iterator[Row]) -> Iterator[list[object]]:
    for row in rows:
        per_char = "" if row.bits_per_char is None else f"{row.bits_per_char:z.4f}"
        costs = [f"{row.bits:z.4f}", row.chars, per_char, f"{row.share:z.6f}"]
        yield [row.rank, row.line, *costs, row.text]


def _objects(rows: Iterator[Row]) -> Iterator[str]:
    for row in rows:
        per_char = None if row.bits_per_char is None else finite(row.bits_per_char)
        fields: dict[str, Any] = {
            "schema": SCHEMA, "rank": row.rank, "line": row.line, "bits": finite(row.bits),
            "characters": row.chars, "bits_per_char": per_char, "share": row.share,
            "text": row.text,
        }  # fmt: skip
        yield f"{to_json(fields)}\n"


def _show_table(rows: Iterator[Row]) -> None:
    columns = [*map(Column, ("rank", "bits", "bits/char", "share"))]
    columns.append(Column("candidate", "left", "anywhere"))
    cells = (
        [
            f"{row.rank:,}",
            f"{row.bits:z,.2f}",
            "" if row.bits_per_char is None else f"{row.bits_per_char:z.3f}",
            f"{row.share:.1%}",
            visible(row.text),
        ]
        for row in rows
    )
    print_table(table("", columns, cells))
