"""Scored texts as rows for programs: cells of a table, or JSON objects.

A row of a line also names the line's most surprising window (`surprisal/peaks.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from charlm.cli import tabular
from charlm.cli.console import to_json
from charlm.cli.score.scored import ScoredText
from charlm.surprisal.cells import LINE, SYMBOL
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.peaks import WIDTH, peaks, per_character
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import escaped_bytes

SCHEMA = 1
COSTS = ("bits", "against", "difference")
NUMBERS = {"offset", "line", "column", "symbols", *COSTS, "bits_per_char", "peak_bits"}
PEAK = ("bits_per_char", "peak_bits", "peak_column", "peak")


class Peak(NamedTuple):
    """The bits of a line by its characters, and its most surprising window."""

    per_char: float
    bits: float
    column: int
    text: str


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
    peak: Peak | None


@dataclass(frozen=True)
class Layout:
    """Which columns there are, and which rows.

    `models` and `texts` tell whether these are named, `above` how many bits a row costs that is
    shown, and `rows` which rows are shown, in that order, each with its rank; None are all.
    """

    by: str
    compared: bool = False
    top: int = 0
    models: bool = False
    texts: bool = False
    ranked: bool = False
    above: float | None = None
    window: int = WIDTH

    @property
    def headings(self) -> list[str]:
        """Name the columns."""
        likeliest = [
            f"{name}_{i}" for i in range(1, self.top + 1) for name in ("expected", "probability")
        ]
        return [
            *["rank"] * self.ranked, *["model"] * self.models, *["text"] * self.texts,
            "offset", "line", "column",
            *(["symbol"] if self.by == SYMBOL else ["content", "symbols"]),
            "bits", *COSTS[1:] * self.compared, *likeliest, *(PEAK if self.by == LINE else ()),
        ]  # fmt: skip

    def cells(self, scored: ScoredText, found: Row, rank: int | None = None) -> list[object]:
        """Return a row of the table."""
        row: list[object] = [] if rank is None else [rank]
        if self.models:
            row.append(scored.judges[0].name)
        if self.texts:
            row.append(scored.name)
        row += (found.offset, found.line, found.column, found.content)
        if self.by != SYMBOL:
            row.append(found.symbols)
        row += [f"{value:z.6f}" for value in found.bits]
        for one in found.expected:
            row += (one.symbol, f"{one.probability:z.6f}")
        if found.peak is not None:
            peak = found.peak
            row += (f"{peak.per_char:z.6f}", f"{peak.bits:z.6f}", peak.column, peak.text)
        return row

    def table(self, scored: ScoredText) -> Iterator[tabular.Row]:
        """Yield a row for each cell of the text."""
        return (self.cells(scored, found) for found in self.rows(scored))

    def json_lines(self, scored: ScoredText) -> Iterator[str]:
        """Yield an object for each cell, one a line."""
        return (self.json_line(scored, found) for found in self.rows(scored))

    def json_line(self, scored: ScoredText, found: Row, rank: int | None = None) -> str:
        """Return a row as an object on a line."""
        key = "symbol" if self.by == SYMBOL else "content"
        fields: dict[str, Any] = {"schema": SCHEMA}
        fields |= {} if rank is None else {"rank": rank}
        fields |= {"model": scored.judges[0].name} if self.models else {}
        fields |= {
            "text": scored.name, "offset": found.offset, "line": found.line,
            "column": found.column, key: escaped_bytes(found.content), "symbols": found.symbols,
            "unknown": found.unknown,
        }  # fmt: skip
        fields |= {name: _finite(v) for name, v in zip(COSTS, found.bits, strict=False)}
        if self.top:
            fields["expected"] = [
                {**vars(a), "symbol": escaped_bytes(a.symbol)} for a in found.expected
            ]
        if found.peak is not None:
            values = (_finite(found.peak.per_char), _finite(found.peak.bits))
            text = escaped_bytes(found.peak.text)
            fields |= dict(zip(PEAK, (*values, found.peak.column, text), strict=True))
        return to_json(fields) + "\n"

    def rows(self, scored: ScoredText, places: Sequence[int] | None = None) -> Iterator[Row]:
        """Yield what is known of cells: of those at some places, or of all that are shown."""
        heat_map = scored.cut(self.by)
        cells = heat_map.cells
        if places is None and self.above is not None:
            places = np.flatnonzero(cells.bits > self.above).tolist()
        at = range(len(cells)) if places is None else places
        chosen = slice(None) if places is None else list(places)
        columns = (cells.first_byte + scored.bytes_before, cells.line + scored.lines_before)
        costs = [cells.bits]
        if heat_map.second is not None:
            costs += [heat_map.second, heat_map.values]
        expected = scored.expected(cells, at, self.top) if self.top else repeat([])
        return map(
            Row,
            *(column[chosen].tolist() for column in (*columns, cells.column)),
            cells.texts if places is None else [cells.texts[i] for i in at],
            cells.symbols[chosen].tolist(), cells.unknown[chosen].tolist(),
            zip(*(cost[chosen].tolist() for cost in costs), strict=True), expected,
            self._peaks(scored, heat_map, at),
        )  # fmt: skip

    def _peaks(
        self, scored: ScoredText, heat_map: HeatMap, at: Sequence[int]
    ) -> Iterator[Peak | None]:
        if self.by != LINE:
            return repeat(None)
        found = peaks(scored.scores[0], heat_map.cells, self.window)
        by_character = per_character(heat_map.cells)
        return (
            Peak(float(by_character[i]), float(found.bits[i]), int(found.column[i]), found.texts[i])
            for i in at
        )


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
