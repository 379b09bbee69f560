"""Scored texts as rows for programs: tab-separated values with a header, or JSON objects."""

from collections.abc import Iterator
from itertools import repeat
from math import isfinite
from typing import Any, NamedTuple

from charlm.cli.console import to_json
from charlm.cli.score.scored import ScoredText
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import escaped, escaped_bytes

SCHEMA = 1


class Row(NamedTuple):
    """A cell of a text, and what it cost: one model, or two models and the difference."""

    offset: int
    line: int
    column: int
    content: str
    symbols: int
    unknown: bool
    bits: tuple[float, ...]
    expected: list[Alternative]


def header(by: str, compared: bool, top: int, several: bool) -> list[str]:
    """Name the columns."""
    likeliest = [f"{name}_{i}" for i in range(1, top + 1) for name in ("expected", "probability")]
    return [
        *["text"] * several, "offset", "line", "column",
        *(["symbol"] if by == "symbol" else ["content", "symbols"]),
        "bits", *["against", "difference"] * compared, *likeliest,
    ]  # fmt: skip


def values(scored: ScoredText, top: int, several: bool) -> Iterator[list[object]]:
    """Yield a row for each cell of the text; what cannot stand on a line is escaped."""
    heat_map = scored.cut(scored.by)
    names = {text: escaped(text) for text in set(heat_map.cells.texts)}
    start = [escaped(scored.name)] if several else []
    sums = scored.by != "symbol"
    for row in _rows(scored, heat_map, top):
        counted = [row.symbols] if sums else []
        costs = [f"{value:z.6f}" for value in row.bits]
        likeliest = [
            cell for a in row.expected for cell in (escaped(a.symbol), f"{a.probability:z.6f}")
        ]
        place = (row.offset, row.line, row.column)
        yield [*start, *place, names[row.content], *counted, *costs, *likeliest]


def json_lines(scored: ScoredText, top: int) -> Iterator[str]:
    """Yield an object for each cell, one a line."""
    key = "symbol" if scored.by == "symbol" else "content"
    for row in _rows(scored, scored.cut(scored.by), top):
        fields: dict[str, Any] = {
            "schema": SCHEMA, "text": scored.name, "offset": row.offset, "line": row.line,
            "column": row.column, key: escaped_bytes(row.content), "symbols": row.symbols,
            "unknown": row.unknown,
        }  # fmt: skip
        names = ("bits", "against", "difference")
        fields |= {n: v if isfinite(v) else None for n, v in zip(names, row.bits, strict=False)}
        if top:
            fields["expected"] = [
                {**vars(a), "symbol": escaped_bytes(a.symbol)} for a in row.expected
            ]
        yield to_json(fields) + "\n"


def _rows(scored: ScoredText, heat_map: HeatMap, top: int) -> Iterator[Row]:
    cells = heat_map.cells
    columns = (cells.first_byte, cells.line, cells.column)
    costs = [cells.bits]
    if heat_map.second is not None:
        costs += [heat_map.second, heat_map.values]
    expected = scored.expected(cells, range(len(cells)), top) if top else repeat([])
    return map(
        Row,
        *(column.tolist() for column in columns), cells.texts, cells.symbols.tolist(),
        cells.unknown.tolist(), zip(*(cost.tolist() for cost in costs), strict=True), expected,
    )  # fmt: skip
