"""`charlm perplexity`: how many bits models need for texts."""

from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from charlm.cli.console import console, one_line, print_json, print_table, progress_bar, say
from charlm.cli.options import (
    FILE,
    GroupedCommand,
    decoding_options,
    grouped,
    model_argument,
    texts_argument,
)
from charlm.cli.texts import decode, warn_if_seen

if TYPE_CHECKING:
    from charlm.comparison import Judged
    from charlm.progress import Report
    from charlm.reading import Reader
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document

LONGEST_BAR = 16
LARGE = 100_000  # from here on figures are given as powers of ten
HEADINGS = ("bits/char", "bits/byte", "perplexity", "unknown")  # the last go where room is short
SHORTEST_NAME, WIDTH_OF_FIGURE = 12, 13


@click.command(cls=GroupedCommand)
@model_argument()
@texts_argument()
@grouped(
    "Comparison",
    "--against",
    multiple=True,
    type=FILE,
    metavar="MODEL",
    help="Compare with this model; may be repeated.",
)
@grouped(
    "Comparison",
    "--adaptive",
    is_flag=True,
    help="Let models learn from each symbol after predicting it.",
)
@grouped(
    "Comparison",
    "--free-running",
    is_flag=True,
    help="Beside it, feed an output network what it said itself.",
)
@grouped("Comparison", "--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@decoding_options()
def perplexity(
    model: str,
    texts: tuple[str, ...],
    against: tuple[str, ...],
    adaptive: bool,
    free_running: bool,
    as_json: bool,
    encoding: str,
    errors: str,
) -> None:
    """Score texts: bits per character, and how models compare.

    Lower is better. The ladder (uniform, unigram, gzip, xz) shows what simple means reach on the
    same text. With --adaptive models learn while they read; such figures are never compared with
    those of frozen models. With --free-running a network of the output pattern, trained by teacher
    forcing, is scored on its own too: the gap is that pattern's weakness.

    \b
    Examples:
      charlm perplexity book.ngram.charlm other.txt
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
      charlm perplexity book.ngram.charlm other.txt --adaptive
      charlm perplexity book.rnn.charlm other.txt --free-running
      charlm perplexity book.ngram.charlm other.txt --json
    """  # fmt: skip
    from charlm import storage
    from charlm.comparison import ADAPTIVE, FREE_RUNNING, compare
    from charlm.text import corpus

    documents = corpus.read(texts, note=say)
    judged = []
    with progress_bar() as report:
        for name in (model, *against):
            contents = storage.load(name)
            warn_if_seen(name, contents, documents)
            texts_of = [decode(document, contents, encoding, errors) for document in documents]
            for reading in (ADAPTIVE if adaptive else "", *[FREE_RUNNING] * free_running):
                judged.append(_judge(name, contents, texts_of, errors, reading, report))
    figures = compare(judged, [document.name for document in documents])
    ladders = [_ladder(document, encoding, errors) for document in documents]
    if as_json:
        print_json({**figures, "ladders": ladders})
        return
    for i, document in enumerate(documents):
        _show_text(document, judged, i, ladders[i])
    _show_summary(figures)


def _judge(
    name: str,
    contents: "ModelFile",
    texts: list[str],
    errors: str,
    reading: str,
    report: "Report",
) -> "Judged":
    """Score the texts, each with a reader of its own where the model is not just to read."""
    from charlm.comparison import Judged
    from charlm.evaluation import changes, evaluate, signature

    return Judged(
        model=name,
        kind=contents.model.kind,
        signature=signature(contents, errors, _reader(contents, reading)),
        evaluations=[
            evaluate(contents, text, report, _reader(contents, reading)) for text in texts
        ],
        changes=changes(contents, errors),
        reading=reading,
    )


def _reader(contents: "ModelFile", reading: str) -> "Reader | None":
    from charlm.comparison import ADAPTIVE, FREE_RUNNING
    from charlm.rnn.free_running import FreeRunningReader

    if reading == ADAPTIVE:
        return contents.model.adaptive_reader()
    return FreeRunningReader(contents.model) if reading == FREE_RUNNING else None


def _ladder(document: "Document", encoding: str, errors: str) -> dict[str, float]:
    """Give the rungs, for texts that have characters."""
    from charlm.errors import TextError
    from charlm.ladder import ladder
    from charlm.text import units

    try:
        return ladder(document.text(units.get("char"), encoding, errors))
    except TextError:  # bytes that only the byte unit reads
        return {}


def _show_text(
    document: "Document", judged: list["Judged"], i: int, rungs: dict[str, float]
) -> None:
    """Draw the models' figures among the rungs of the ladder, best last."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    size = judged[0].evaluations[i]
    chars = "" if size.chars is None else f"{size.chars:,} characters, "
    table = Table(
        box=box.SIMPLE_HEAD,
        title=Text(one_line(f"{document.name}: {chars}{size.bytes:,} bytes")),
        title_justify="left",
    )
    rows = _rows(judged, i, rungs)
    names = max(cell_len(one_line(row[0])) for row in rows)
    width = console().width
    shown = max(1, min(len(HEADINGS), (width - SHORTEST_NAME) // WIDTH_OF_FIGURE))
    room = width - shown * WIDTH_OF_FIGURE - 4  # for names and bars
    table.add_column("", overflow="fold", min_width=min(names, room))
    for heading in HEADINGS[:shown]:
        table.add_column(heading, justify="right", no_wrap=True)
    has_bars = room >= names + LONGEST_BAR
    if has_bars:
        table.add_column("")
    longest = max((bits for _, _, bits, *_ in rows if bits is not None and bits < inf), default=0)
    for name, per_char, per_byte, perplexity, unknown in sorted(rows, key=_worst_first):
        bar = "━" * round(LONGEST_BAR * min(per_byte or 0, longest) / (longest or 1))
        figures = map(_figure, (per_char, per_byte, perplexity))
        style = "" if unknown is None else "bold"
        count = "" if unknown is None else f"{unknown:,}"
        cells = [*[*figures, count][:shown], *([bar] if has_bars else [])]
        table.add_row(Text(one_line(name)), *cells, style=style)
    print_table(table)


# Name, bits per character, bits per byte, perplexity, unknown symbols (None: a rung).
Row: TypeAlias = tuple[str, float | None, float | None, float | None, int | None]


def _rows(judged: list["Judged"], i: int, rungs: dict[str, float]) -> list[Row]:
    size = judged[0].evaluations[i]
    chars_per_byte = (size.chars or 0) / (size.bytes or 1)
    rows: list[Row] = [(n, bits, bits * chars_per_byte, None, None) for n, bits in rungs.items()]
    for j in judged:
        e = j.evaluations[i]
        name = f"{j.model} ({j.reading})" if j.reading else j.model
        rows.append((name, e.bits_per_char, e.bits_per_byte, e.perplexity, e.unknown_symbols))
    return rows


def _worst_first(row: Row) -> float:
    return -(row[2] or 0)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < LARGE else f"{value:.2e}"


def _show_summary(figures: dict[str, Any]) -> None:
    """Print differences, reasons and signatures."""
    for row in figures["differences"]:
        unit = "char" if row["bits_per_char"] is not None else "byte"
        bits = row[f"bits_per_{unit}"]
        if bits is not None:
            difference = f"{abs(bits):.3f} bits/{unit} {'less' if bits < 0 else 'more'}"
            click.echo(one_line(f"{row['model']} needs {difference} than {row['against']}."))
        else:
            click.echo(one_line(f"{row['model']} and {row['against']}: {row['reason']}."))
    for row in figures["totals"]:
        if "reason" in row:
            click.echo(one_line(f"{row['model']}: {row['reason']}."))
        click.echo(one_line(f"{row['model']}: {row['signature']}"))
