"""Scored texts as rows for programs: tab-separated values with a header, or JSON objects."""

from collections.abc import Iterator
from itertools import repeat
from math import isfinite
from typing import TYPE_CHECKING, Any

from charlm.cli.console import to_json
from charlm.cli.score.scored import Scored
from charlm.text.escaping import escaped, escaped_bytes

if TYPE_CHECKING:
    from charlm.surprisal.heat import HeatMap
    from charlm.surprisal.scores import Alternative

SCHEMA = 1


def header(by: str, compared: bool, top: int, several: bool) -> list[str]:
    """Name the columns."""
    likeliest = [f"{name}_{i}" for i in range(1, top + 1) for name in ("expected", "probability")]
    return [
        *["text"] * several, "offset", "line", "column",
        *(["symbol"] if by == "symbol" else ["content", "symbols"]),
        "bits", *["against", "difference"] * compared, *likeliest,
    ]  # fmt: skip


def values(scored: Scored, top: int, several: bool) -> Iterator[list[object]]:
    """Yield a row for each cell of the text; what cannot stand on a line is escaped."""
    heat_map = scored.cut(scored.by)
    names = {text: escaped(text) for text in set(heat_map.cells.texts)}
    start = [escaped(scored.text)] if several else []
    sums = scored.by != "symbol"
    for row in _rows(scored, heat_map, top):
        offset, line, column, content, symbols, _, bits, expected = row
        counted = [symbols] if sums else []
        costs = [f"{value:z.6f}" for value in bits]
        likeliest = [
            cell for a in expected for cell in (escaped(a.symbol), f"{a.probability:z.6f}")
        ]
        yield [*start, offset, line, column, names[content], *counted, *costs, *likeliest]


def json_lines(scored: Scored, top: int) -> Iterator[str]:
    """Give an object for each cell, one a line."""
    key = "symbol" if scored.by == "symbol" else "content"
    for row in _rows(scored, scored.cut(scored.by), top):
        offset, line, column, content, symbols, unknown, bits, expected = row
        fields: dict[str, Any] = {
            "schema": SCHEMA, "text": scored.text, "offset": offset, "line": line,
            "column": column, key: escaped_bytes(content), "symbols": symbols, "unknown": unknown,
        }  # fmt: skip
        names = ("bits", "against", "difference")
        fields |= {n: v if isfinite(v) else None for n, v in zip(names, bits, strict=False)}
        if top:
            fields["expected"] = [{**vars(a), "symbol": escaped_bytes(a.symbol)} for a in expected]
        yield to_json(fields) + "\n"


# Offset, line, column, text, symbols, unknown, bits (against, difference), likeliest symbols.
Row = tuple[int, int, int, str, int, bool, tuple[float, ...], list["Alternative"]]


def _rows(scored: Scored, heat_map: "HeatMap", top: int) -> Iterator[Row]:
    cells = heat_map.cells
    columns = (cells.first_byte, cells.line, cells.column)
    costs = [cells.bits]
    if heat_map.second is not None:
        costs += [heat_map.second, heat_map.values]
    expected = scored.expected(cells, range(len(cells)), top) if top else repeat([])
    return zip(
        *(column.tolist() for column in columns), cells.texts, cells.symbols.tolist(),
        cells.unknown.tolist(), zip(*(cost.tolist() for cost in costs), strict=True), expected,
        strict=False,
    )  # fmt: skip
