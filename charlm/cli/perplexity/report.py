"""What `charlm perplexity` shows on a terminal: tables, differences in words, signatures."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import NamedTuple

from charlm.cli.console import console, one_line, print_prose
from charlm.cli.tables import Cell, Column, print_table, table, width_of
from charlm.evaluation.bits import total
from charlm.evaluation.comparison import Comparison, Conventions, Difference, Figures, mixed_units
from charlm.evaluation.judging import Judged
from charlm.evaluation.ladder import Ladder
from charlm.evaluation.pairing import Paired
from charlm.evaluation.reading import Reading
from charlm.evaluation.uncertainty import LEVEL

NAMES, BARS = Column("", "left", "anywhere"), Column("", "left", "between words")
LONGEST_BAR = 16
MANY = 20  # texts, more than which are shown together
LARGE = 100_000  # from here on figures are given as powers of ten
HEADINGS = ("bits/char", "bits/byte", "perplexity", "unknown")  # the last go where room is short
CONVENTIONS = ("torch: nats", "KenLM: log10", "perplexity", "without OOVs")
SHORTEST_NAME, WIDTH_OF_FIGURE = 12, 13
BITS_TO_SHOW = 0.0005  # smaller differences print as 0.000


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


def show_texts(names: Sequence[str], judged: Sequence[Judged], ladders: Sequence[Ladder]) -> None:
    """Show a table for each text: the models' figures among the rungs of the ladder.

    Where they are many, one for all of them together, without a ladder.
    """
    if len(names) > MANY:
        judged = [replace(j, evaluations=[total(j.evaluations)]) for j in judged]
        names, ladders = [f"{len(names):,} texts"], [Ladder()]
    for i, name in enumerate(names):
        _show_text(name, judged, i, ladders[i])
    if units := mixed_units(judged):
        print_prose(
            f"Perplexities of different units ({', '.join(units)}) are not ranked; "
            "compare bits/byte."
        )


def show_comparison(comparison: Comparison, *, conventions: bool) -> None:
    """Say the differences, then conventions, and of each model reasons and its signature."""
    for row in comparison.differences:
        print_prose(difference(row))
    if conventions:
        _show_conventions(comparison.totals)
    for whole in comparison.totals:
        model = whole.judged.model
        if whole.reason:
            print_prose(one_line(f"{model}: {whole.reason}."))
        print_prose(one_line(f"{model}: {whole.judged.signature}"))


def _show_text(name: str, judged: Sequence[Judged], i: int, ladder: Ladder) -> None:
    """Draw the models' figures among the rungs of the ladder, best last and in bold."""
    size = judged[0].evaluations[i]
    chars = "" if size.chars is None else f"{size.chars:,} characters, "
    rows = sorted(_rows(judged, i, ladder), key=_worst_first)
    names = max(width_of(one_line(row.name)) for row in rows)
    width = console().width
    shown = max(1, min(len(HEADINGS), (width - SHORTEST_NAME) // WIDTH_OF_FIGURE))
    room = width - shown * WIDTH_OF_FIGURE - 4  # for names and bars
    columns, cells = [NAMES, *map(Column, HEADINGS[:shown])], _cells(rows, judged, shown)
    if room >= names + LONGEST_BAR:
        columns.append(BARS)
        cells = [[*row, bar] for row, bar in zip(cells, _bars(rows), strict=True)]
    drawn = table(f"{name}: {chars}{size.bytes:,} bytes", columns, cells)
    drawn.columns[0].min_width = min(names, room)
    for line, row, following in zip(drawn.rows, rows, rows[1:], strict=False):
        line.end_section = following.group != row.group
    print_table(drawn)


def _bars(rows: Sequence[Row]) -> list[str]:
    """Return a bar for each row, as long as its bits; infinitely many are drawn as the longest."""
    bits = [row.bits_per_byte or 0 for row in rows]
    longest = max((one for one in bits if one < inf), default=0)
    return ["━" * round(LONGEST_BAR * min(one, longest) / (longest or 1)) for one in bits]


def _rows(judged: Sequence[Judged], i: int, ladder: Ladder) -> list[Row]:
    size = judged[0].evaluations[i].bytes
    other = _other(ladder.bytes, size)
    rows = [
        Row(_noted(name, other), bits, bits / ladder.bytes_per_char, None, None, other)
        for name, bits in ladder.rungs.items()
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


def _best(rows: Sequence[Row], units: Sequence[str]) -> dict[Row, bool]:
    """Return the best models that may be ranked, and whether their perplexities may be, too."""
    ranked = [(r, r.bits_per_byte) for r in rows if r.unknown is not None and not r.group]
    costs = [bits for _, bits in ranked if bits is not None]
    least = min(costs, default=inf)
    if len(costs) == 1 or least == inf:
        return {}
    same = len(set(units)) == 1
    return {r: same for r, bits in ranked if bits == least}


def _cells(rows: Sequence[Row], judged: Sequence[Judged], shown: int) -> list[list[Cell]]:
    """Return names and as many of the figures, those of the best model in bold."""
    best = _best(rows, [j.unit for j in judged])

    def cells(row: Row) -> list[Cell]:
        bold = "bold" if row in best else ""
        return [
            (one_line(row.name), bold),
            (_figure(row.bits_per_char), bold),
            (_figure(row.bits_per_byte), bold),
            (_figure(row.perplexity), bold if best.get(row) else ""),
            "" if row.unknown is None else f"{row.unknown:,}",
        ]

    return [cells(row)[: 1 + shown] for row in rows]


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:z.3f}" if abs(value) < LARGE else f"{value:.2e}"


def difference(row: Difference) -> str:
    """Say in words which of two models is better, by how much, and how surely."""
    first = _noted_reading(row.model, row.reading)
    other = _noted_reading(row.against, row.against_reading)
    if row.bits_per_unit is None:
        return f"{first} and {other}: {one_line(str(row.reason))}."
    if row.bits_per_unit == 0:
        return f"{first} and {other} need the same bits."
    better, worse = (first, other) if row.bits_per_unit < 0 else (other, first)
    said = f"{better} is better than {worse} by {_bits(row.bits_per_unit)} bits/{row.unit}"
    if row.paired is None:
        return f"{said}."
    if row.why_no_interval:
        said += f" (no interval: {row.why_no_interval})."
    else:
        said += _surely(row.paired, row.bits_per_unit)
    return said + _fewer_bits(row.paired, row.bits_per_unit < 0)


def _noted_reading(model: str, reading: Reading) -> str:
    return one_line(_noted(model, reading))


def _bits(bits: float) -> str:
    return f"{abs(bits):z.3f}" if abs(bits) >= BITS_TO_SHOW else f"{abs(bits):.1e}"


def _surely(paired: Paired, bits: float) -> str:
    """Return the interval, which there is, from the better model's side."""
    low, high = paired.interval.low, paired.interval.high
    assert low is not None
    assert high is not None
    low, high = (-high, -low) if bits < 0 else (low, high)
    ends = ("-" * (end < 0) + _bits(end) for end in (low, high))
    likely = f"{100 * LEVEL:z.0f} % for these two trained models if the text went on like this"
    given = f" ({likely}: {' to '.join(ends)})"
    if low <= 0 <= high:
        unsure = "this text does not tell which of these models is better"
        return f"{given}. The interval includes zero: {unsure}."
    return f"{given}."


def _fewer_bits(paired: Paired, first_is_better: bool) -> str:
    """Say where the better model is ahead, and where it is behind."""
    chars, lines = (
        f"{100 * ahead:z.0f} % of {name} (more on {100 * behind:z.0f} %)"
        for name, (won, lost) in (("characters", paired.chars), ("lines", paired.lines))
        for ahead, behind in [(won, lost) if first_is_better else (lost, won)]
    )
    return f"\n  Fewer bits on {chars} and {lines}."


def _show_conventions(totals: Sequence[Figures]) -> None:
    """Show what other tools print, where spelling an unknown symbol costs nothing."""
    title = "As other tools count: unknown symbols (OOVs) without their spelling"
    rows = [[one_line(row.judged.model), *_conventions(row.conventions)] for row in totals]
    print_table(table(title, [NAMES, *map(Column, CONVENTIONS)], rows))


def _conventions(given: Conventions) -> list[str]:
    log10 = given.log10_total
    return [
        _figure(given.nats_per_symbol),
        f"{log10:z,.2f}" if log10 else _figure(log10),
        _figure(given.perplexity_with_unknowns),
        _figure(given.perplexity_without_unknowns),
    ]
