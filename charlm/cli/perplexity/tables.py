"""What `charlm perplexity` shows on a terminal: tables, differences in words, signatures."""

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from charlm.cli.console import console, one_line, print_prose

if TYPE_CHECKING:
    from rich.table import Table

    from charlm.evaluation.comparison import Judged
    from charlm.text.corpus import Document

LONGEST_BAR = 16
LARGE = 100_000  # from here on figures are given as powers of ten
HEADINGS = ("bits/char", "bits/byte", "perplexity", "unknown")  # the last go where room is short
CONVENTIONS = {
    "nats_per_symbol": "torch: nats",
    "log10_total": "KenLM: log10",
    "perplexity_with_unknowns": "perplexity",
    "perplexity_without_unknowns": "without OOVs",
}
SHORTEST_NAME, WIDTH_OF_FIGURE = 12, 13
BITS_TO_SHOW = 0.0005  # smaller differences print as 0.000


class Rungs(NamedTuple):
    """What simple means need for a text, by their names, and the size of that text."""

    chars: int
    bytes: int
    bits_per_char: dict[str, float]


class Row(NamedTuple):
    """A model's or a rung's figures for a text; `unknown` is None for a rung.

    Rows are ranked within a group: figures of other readings, or of a text that was changed or has
    other bytes, are another thing.
    """

    name: str
    bits_per_char: float | None
    bits_per_byte: float | None
    perplexity: float | None
    unknown: int | None
    group: str = ""


def show(
    documents: "list[Document]",
    judged: "list[Judged]",
    figures: dict[str, Any],
    ladders: list[Rungs],
) -> None:
    """Show a table for each text, then differences, conventions, reasons and signatures."""
    from charlm.evaluation.comparison import mixed_units

    for i, document in enumerate(documents):
        _show_text(document, judged, i, ladders[i])
    if units := mixed_units(judged):
        print_prose(
            f"Perplexities of different units ({', '.join(units)}) are not ranked; "
            "compare bits/byte."
        )
    for row in figures["differences"]:
        print_prose(difference(row))
    if "conventions" in figures["totals"][0]:
        _show_conventions(figures["totals"])
    for row in figures["totals"]:
        if "reason" in row:
            print_prose(one_line(f"{row['model']}: {row['reason']}."))
        print_prose(one_line(f"{row['model']}: {row['signature']}"))


def _show_text(document: "Document", judged: "list[Judged]", i: int, ladder: Rungs) -> None:
    """Draw the models' figures among the rungs of the ladder, best last and in bold."""
    from rich.cells import cell_len
    from rich.text import Text

    from charlm.cli.tables import print_table

    size = judged[0].evaluations[i]
    chars = "" if size.chars is None else f"{size.chars:,} characters, "
    rows = sorted(_rows(judged, i, ladder), key=_worst_first)
    names = max(cell_len(one_line(row.name)) for row in rows)
    width = console().width
    shown = max(1, min(len(HEADINGS), (width - SHORTEST_NAME) // WIDTH_OF_FIGURE))
    room = width - shown * WIDTH_OF_FIGURE - 4  # for names and bars
    has_bars = room >= names + LONGEST_BAR
    table = _table(f"{document.name}: {chars}{size.bytes:,} bytes", *HEADINGS[:shown])
    table.columns[0].min_width = min(names, room)
    if has_bars:
        table.add_column("")
    longest = max((r.bits_per_byte or 0 for r in rows if (r.bits_per_byte or 0) < inf), default=0)
    best = _best(rows, [j.unit for j in judged])
    for row, following in zip(rows, [*rows[1:], rows[-1]], strict=True):
        bar = "━" * round(LONGEST_BAR * min(row.bits_per_byte or 0, longest) / (longest or 1))
        cells = [*_cells(row, best)[:shown], *([Text(bar)] if has_bars else [])]
        style = "bold" if row in best else ""
        ends_group = following.group != row.group
        table.add_row(Text(one_line(row.name), style), *cells, end_section=ends_group)
    print_table(table)


def _table(title: str, *headings: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=Text(one_line(title)), title_justify="left")
    table.add_column("", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _rows(judged: "list[Judged]", i: int, ladder: Rungs) -> list[Row]:
    size = judged[0].evaluations[i].bytes
    other = _other(ladder.bytes, size)
    bytes_per_char = ladder.bytes / (ladder.chars or 1)
    rows = [
        Row(_noted(name, other), bits, bits / bytes_per_char, None, None, other)
        for name, bits in ladder.bits_per_char.items()
    ]
    main = judged[0].reading
    for j in judged:
        e = j.evaluations[i]
        other = _other(e.bytes, size)
        group = ", ".join(filter(None, [j.changes, other, j.reading if j.reading != main else ""]))
        name = _noted(j.model, j.reading, j.changes, other)
        rows.append(
            Row(name, e.bits_per_char, e.bits_per_byte, e.perplexity, e.unknown_symbols, group)
        )
    return rows


def _other(size: int, main: int) -> str:
    """Note how long a text is that is another one than the first model reads."""
    return "" if size == main else f"{size:,} bytes"


def _noted(name: str, *notes: str) -> str:
    given = ", ".join(filter(None, notes))
    return f"{name} ({given})" if given else name


def _worst_first(row: Row) -> tuple[str, float]:
    return row.group, -(row.bits_per_byte or 0)


def _best(rows: list[Row], units: list[str]) -> dict[Row, bool]:
    """Give the best models that may be ranked, and whether their perplexities may be, too."""
    ranked = [(r, r.bits_per_byte) for r in rows if r.unknown is not None and not r.group]
    costs = [bits for _, bits in ranked if bits is not None]
    least = min(costs, default=inf)
    if len(costs) == 1 or least == inf:
        return {}
    same = len(set(units)) == 1
    return {r: same for r, bits in ranked if bits == least}


def _cells(row: Row, best: dict[Row, bool]) -> list[Any]:
    from rich.text import Text

    bold = "bold" if row in best else ""
    count = "" if row.unknown is None else f"{row.unknown:,}"
    return [
        Text(_figure(row.bits_per_char), bold),
        Text(_figure(row.bits_per_byte), bold),
        Text(_figure(row.perplexity), bold if best.get(row) else ""),
        Text(count),
    ]


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:z.3f}" if abs(value) < LARGE else f"{value:.2e}"


def difference(row: dict[str, Any]) -> str:
    """Say in words which of two models is better, by how much, and how surely."""
    first, other = (
        one_line(f"{row[name]} ({row[reading]})" if row[reading] else row[name])
        for name, reading in (("model", "reading"), ("against", "against_reading"))
    )
    unit = "char" if row["bits_per_char"] is not None else "byte"
    bits = row[f"bits_per_{unit}"]
    if bits is None:
        return f"{first} and {other}: {one_line(row['reason'])}."
    if bits == 0:
        return f"{first} and {other} need the same bits."
    better, worse = (first, other) if bits < 0 else (other, first)
    said = f"{better} is better than {worse} by {_bits(bits)} bits/{unit}"
    return said + _surely(row["interval"], bits) + _shares(row, bits < 0)


def _bits(bits: float) -> str:
    return f"{abs(bits):z.3f}" if abs(bits) >= BITS_TO_SHOW else f"{abs(bits):.1e}"


def _surely(interval: dict[str, Any] | None, bits: float) -> str:
    """Give the interval from the better model's side."""
    if interval is None:
        return "."
    if interval["low"] is None:
        return f" (no interval: {interval['reason']})."
    ends = sorted(-end if bits < 0 else end for end in (interval["low"], interval["high"]))
    low, high = ("-" * (end < 0) + _bits(end) for end in ends)
    level = f"{100 * interval['level']:z.0f} %"
    given = f" ({level} if the text went on like this: {low} to {high})"
    if ends[0] <= 0 <= ends[1]:
        unsure = "this text does not tell which of these models is better"
        return f"{given}. The interval includes zero: {unsure}."
    return f"{given}."


def _shares(row: dict[str, Any], first_is_better: bool) -> str:
    """Say where the better model is ahead, and where it is behind."""
    if row["chars_won"] is None:
        return ""
    ends = ("won", "lost") if first_is_better else ("lost", "won")
    chars, lines = (
        "{:z.0f} % of {} (more on {:z.0f} %)".format(
            100 * row[f"{what}_{ends[0]}"], name, 100 * row[f"{what}_{ends[1]}"]
        )
        for what, name in (("chars", "characters"), ("lines", "lines"))
    )
    return f"\n  Fewer bits on {chars} and {lines}."


def _show_conventions(totals: list[dict[str, Any]]) -> None:
    """Show what other tools print, where spelling an unknown symbol costs nothing."""
    from rich.text import Text

    from charlm.cli.tables import print_table

    title = "As other tools count: unknown symbols (OOVs) without their spelling"
    table = _table(title, *CONVENTIONS.values())
    for row in totals:
        given = row["conventions"]
        cells = [
            f"{given[name]:z,.2f}"
            if name == "log10_total" and given[name]
            else _figure(given[name])
            for name in CONVENTIONS
        ]
        table.add_row(Text(one_line(row["model"])), *cells)
    print_table(table)
