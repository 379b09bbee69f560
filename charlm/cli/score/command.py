"""`charlm score`: what each symbol of a text cost, as a heat map, a page, or rows for programs."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from charlm.cli.console import console, one_line, print_prose, progress_bar, say, text_writer
from charlm.cli.files import STANDARD_OUTPUT, check_output, read, refuse_other_formats, warn_if_seen
from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    RegistryChoice,
    adaptive_option,
    decoding_options,
    force_option,
    grouped,
    model_argument,
    texts_argument,
)
from charlm.cli.score import rows
from charlm.cli.score.scored import Judge, Scored
from charlm.cli.tsv import tsv

ON_TERMINAL, ON_PAGE = 8, 24  # places listed
LEAST_ROWS, BESIDE = 16, 10  # rows of the heat map, at least, and of what stands beside it
MORE = ": --lines shows more, --html everything, a pipe each symbol"
PICTURE_WIDTH, PICTURE_ROWS = 90, 24


@click.command(cls=GroupedCommand)
@model_argument()
@texts_argument()
@grouped(
    "Comparison",
    "--against",
    type=FILE,
    metavar="MODEL",
    help="Show how many bits fewer or more than this model's.",
)
@adaptive_option()
@grouped(
    "View",
    "--by",
    type=RegistryChoice("charlm.surprisal.cells:BY"),
    default="symbol",
    help="What bits are summed over.",
)
@grouped(
    "View",
    "--top",
    type=NATURAL,
    default=0,
    help="How many of the likeliest symbols to name besides; slower.",
)
@grouped(
    "View",
    "--places",
    type=NATURAL,
    help=f"How many places to list.  [default: {ON_TERMINAL}, on a page {ON_PAGE}]",
)
@grouped(
    "View",
    "--lines",
    type=COUNT,
    help="Rows of the heat map.  [default: as many as the terminal has room for]",
)
@grouped("Output", "--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@grouped("Output", "--html", type=FILE, metavar="FILE", help="Write a page for a browser.")
@grouped("Output", "--svg", type=FILE, metavar="FILE", help="Write the heat map as a picture.")
@force_option("a page or a picture of charlm")
@decoding_options()
def score(
    model: str,
    texts: tuple[str, ...],
    against: str | None,
    adaptive: bool,
    by: str,
    top: int,
    places: int | None,
    lines: int | None,
    as_json: bool,
    html: str | None,
    svg: str | None,
    force: bool,
    encoding: str,
    errors: str,
) -> None:
    """Show how surprising each symbol of a text is.

    That is its bits, -log2 P. On a terminal the text itself is coloured, and the most surprising
    places are listed. Into a pipe go rows of tab-separated values, which pandas and R read as
    they are (keep_default_na=False keeps a word such as NA). Bits add up to what `charlm
    perplexity` reports: those of an unknown symbol also say which one it was. Offsets are in bytes
    of UTF-8.

    \b
    Examples:
      charlm score book.ngram.charlm other.txt
      charlm score book.ngram.charlm other.txt --against book.rnn.charlm
      charlm score book.ngram.charlm other.txt --html other.html
      charlm score book.ngram.charlm other.txt --by line | sort -t "$(printf '\\t')" -k6 -g
      charlm score book.ngram.charlm other.txt --json --top 3
    """  # fmt: skip
    from charlm import storage

    names = [model, *([against] if against else [])]
    documents = read(texts, names, "--against")
    drawn = [file for file in (html, svg) if file]
    _check(by, top, as_json, len(documents), drawn)
    _check_outputs(html, svg, [*names, *texts], force=force)
    judges = []
    for name in names:
        judges.append(Judge(name, storage.load(name), adaptive, encoding, errors))
        warn_if_seen(name, judges[-1].trained, documents)
    show: Callable[[Scored], None]
    if html or svg:
        show = partial(_write_files, html, svg, View(top, places, lines))
    elif as_json or not console().is_terminal:
        show = _rows_printer(as_json, by, top, bool(against), len(documents) > 1)
    else:
        show = partial(_show, View(top, places, lines))
    for document in documents:
        with progress_bar() as report:
            scored = Scored.of(document, judges, by, report)
        _tell_changes(scored)
        show(scored)


@dataclass(frozen=True)
class View:
    """What a reader wants to see: likeliest symbols, places, rows of the heat map."""

    top: int
    places: int | None
    rows: int | None = None


def _check(by: str, top: int, as_json: bool, texts: int, drawn: Sequence[str]) -> None:
    """Refuse what cannot be shown; `drawn` are the files of a page and a picture."""
    if top and by != "symbol":
        raise click.UsageError("--top names symbols, so it needs --by symbol.")
    if drawn and texts > 1:
        raise click.UsageError("A page or a picture shows one text.")
    if drawn and as_json:
        raise click.UsageError("--json prints rows, which --html and --svg do not; choose one.")


def _check_outputs(
    html: str | None, svg: str | None, inputs: Iterable[str], *, force: bool
) -> None:
    """Refuse outputs that would replace what is read, each other, or files of another kind."""
    from charlm.cli.score.picture import PICTURE
    from charlm.surprisal.page.document import PAGE

    for output, kind, suffixes in ((html, PAGE, (".html", ".htm")), (svg, PICTURE, (".svg",))):
        if output:
            check_output(output, kind, *inputs, force=force)
            refuse_other_formats(output, suffixes)
    if html and svg and Path(html).resolve() == Path(svg).resolve():
        raise click.UsageError(f"Both to {html}: a page and a picture need a file each.")


def _tell_changes(scored: Scored) -> None:
    """Say where offsets and columns are not those of the file."""
    if not scored.scores[0].positions.exact:
        name = scored.judges[0].name
        say(f"{name} changes {scored.text} before it reads it; offsets and columns follow.")


def _rows_printer(
    as_json: bool, by: str, top: int, compared: bool, several: bool
) -> Callable[[Scored], None]:
    """Give what prints rows; the header of tab-separated ones is printed at once."""
    write = text_writer(None)
    if not as_json:
        write(*tsv([rows.header(by, compared, top, several)]))

    def show(scored: Scored) -> None:
        lines = rows.json_lines(scored, top) if as_json else tsv(rows.values(scored, top, several))
        for line in lines:
            write(line)

    return show


def _write_files(html: str | None, svg: str | None, view: View, scored: Scored) -> None:
    from charlm.cli.score.picture import picture
    from charlm.surprisal.page.document import Subject, page

    if svg:
        drawn = picture(scored.heat_map, scored.text, PICTURE_WIDTH, view.rows or PICTURE_ROWS)
        _write(svg, [drawn.encode()])
    if html:
        listed = ON_PAGE if view.places is None else view.places
        places, expected = scored.places(listed, view.top)
        names = [judge.name for judge in scored.judges]
        signatures = [f"{judge.name}: {judge.signature}" for judge in scored.judges]
        subject = Subject(
            scored.text, scored.cells, names, signatures, scored.figures(), places, expected
        )
        _write(html, page(scored.heat_map, subject))


def _write(output: str, pieces: Iterable[bytes]) -> None:
    """Write a file, whole or not at all, or standard output."""
    from charlm.files.writing import write_atomically

    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(pieces)
    else:
        write_atomically(output, pieces)
        say(f"Wrote {output} ({Path(output).stat().st_size / 1e6:z.1f} MB).")


def _show(view: View, scored: Scored) -> None:
    """Show the heat map, its legend, and the places that stand out."""
    from charlm.cli.score.heat_map import Painter, show_legend, show_places, show_text
    from charlm.evaluation.comparison import why_missing

    target = console()
    painter = Painter(target, scored.heat_map.scale)
    listed = ON_TERMINAL if view.places is None else view.places
    places, expected = scored.places(listed, view.top)
    target.print(one_line(scored.text), style="bold")
    room = max(LEAST_ROWS, target.height - len(places) - BESIDE)
    show_text(painter, scored.heat_map, view.rows or (room // 2 if painter.marks else room), MORE)
    target.print()
    show_legend(painter)
    if places:
        target.print(
            "\nWhere they differ most:" if len(scored.judges) > 1 else "\nMost surprising:"
        )
        show_places(painter, scored.heat_map, places, expected)
    target.print("\n" + "   ".join(f"{name} {value}" for name, value in scored.figures()))
    for judge, evaluation in zip(scored.judges, scored.evaluations, strict=True):
        reason = why_missing(evaluation)
        if reason:
            print_prose(one_line(f"{judge.name}: {reason}."))
        print_prose(one_line(f"{judge.name}: {judge.signature}"))
