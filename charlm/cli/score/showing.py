"""What `charlm score` does: models read texts, and the bits of symbols are shown or written."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from charlm import storage
from charlm.cli.console import console, one_line, print_prose, progress_bar, say, text_writer
from charlm.cli.files import STANDARD_OUTPUT, check_output, read, refuse_other_formats, warn_if_seen
from charlm.cli.palette import Palette
from charlm.cli.score import rows
from charlm.cli.score.heat_map import show_places, show_text
from charlm.cli.score.picture import PICTURE, picture
from charlm.cli.score.scored import ScoredText, decoded, has_several
from charlm.cli.tsv import tsv
from charlm.evaluation.comparison import why_missing
from charlm.evaluation.judging import Judge
from charlm.evaluation.reading import Reading
from charlm.files.writing import write_atomically
from charlm.surprisal.page.document import PAGE, Subject, page
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions

LEAST_ROWS, BESIDE = 16, 10  # rows of the heat map, at least, and of what stands beside it
MORE = ": --lines shows more, --html everything, a pipe each symbol"
PICTURE_WIDTH, PICTURE_ROWS = 90, 24

Show: TypeAlias = Callable[[ScoredText], None]


@dataclass(frozen=True)
class Request:
    """What was asked for: the options by their names."""

    model: str
    texts: Sequence[str]
    against: str | None
    given: str
    adaptive: bool
    by: str
    top: int
    places: int
    lines: int | None
    as_json: bool
    html: str | None
    svg: str | None
    force: bool
    encoding: str
    errors: str
    column: str | None
    as_text: bool

    @property
    def rows(self) -> RowOptions:
        """How files of rows are read."""
        return RowOptions(self.column, self.as_text)

    @property
    def models(self) -> list[str]:
        """The model, and the other one where two are compared."""
        return [self.model, *([self.against] if self.against else [])]

    def check(self) -> None:
        """Refuse what cannot be shown.

        Raises:
            click.UsageError: options exclude each other.
        """
        is_drawn = bool(self.html or self.svg)
        if self.top and self.by != "symbol":
            raise click.UsageError("--top names symbols, so it needs --by symbol.")
        if is_drawn and self.as_json:
            raise click.UsageError("--json prints rows, which --html and --svg do not; choose one.")

    def check_outputs(self, documents: Sequence[Document]) -> None:
        """Refuse outputs that would replace what is read, each other, or files of another kind.

        Raises:
            UsageError, OutputError: as `check_output`; or there are many texts for one picture.
        """
        if (self.html or self.svg) and has_several(documents):
            raise click.UsageError("A page or a picture shows one text.")
        names = [document.name for document in documents]
        page_and_picture = (
            (self.html, PAGE, (".html", ".htm")),
            (self.svg, PICTURE, (".svg",)),
        )
        for output, kind, suffixes in page_and_picture:
            if output:
                check_output(output, kind, *self.models, *names, force=self.force)
                refuse_other_formats(output, suffixes)
        if self.html and self.svg and Path(self.html).resolve() == Path(self.svg).resolve():
            raise click.UsageError(f"Both to {self.html}: a page and a picture need a file each.")


def show(request: Request) -> None:
    """Score one text after the other, and show each as soon as it is scored."""
    documents = read(request.texts, request.models, request.rows, "against")
    request.check()
    request.check_outputs(documents)
    judges = []
    for name in request.models:
        trained = storage.load(name)
        reading, decoding = Reading.of(request.adaptive), Decoding(request.encoding, request.errors)
        judges.append(Judge(name, trained, reading, decoding, request.given))
        warn_if_seen(name, trained, documents)
    show_one = _view(request, several=has_several(documents))
    for text in (text for document in documents for text in decoded(document, judges)):
        with progress_bar() as report:
            scored = ScoredText.of(text, judges, request.by, report)
        _tell_changes(scored)
        show_one(scored)


def _view(request: Request, *, several: bool) -> Show:
    """Return what shows a text: files, rows for programs, or a terminal."""
    if request.html or request.svg:
        return partial(_write_files, request)
    if request.as_json or not sys.stdout.isatty():
        return _rows_printer(request, several=several)
    return partial(_show_on_terminal, request)


def _tell_changes(scored: ScoredText) -> None:
    """Say where offsets and columns are not those of the file."""
    if not scored.scores[0].positions.exact:
        name = scored.judges[0].name
        say(f"{name} changes {scored.name} before it reads it; offsets and columns follow.")


def _rows_printer(request: Request, *, several: bool) -> Show:
    """Return what prints rows; the header of tab-separated ones is printed at once."""
    write, top = text_writer(None), request.top
    if not request.as_json:
        write(*tsv([rows.header(request.by, bool(request.against), top, several)]))

    def show(scored: ScoredText) -> None:
        as_json = request.as_json
        lines = rows.json_lines(scored, top) if as_json else tsv(rows.values(scored, top, several))
        for line in lines:
            write(line)

    return show


def _write_files(request: Request, scored: ScoredText) -> None:
    if request.svg:
        drawn = picture(scored.heat_map, scored.name, PICTURE_WIDTH, request.lines or PICTURE_ROWS)
        _write(request.svg, [drawn.encode()])
    if request.html:
        places, expected = scored.places(request.places, request.top)
        names = [judge.name for judge in scored.judges]
        signatures = [f"{judge.name}: {judge.signature}" for judge in scored.judges]
        subject = Subject(
            scored.name, scored.cells, names, signatures, scored.figures(), places, expected
        )
        _write(request.html, page(scored.heat_map, subject))


def _write(output: str, pieces: Iterable[bytes]) -> None:
    """Write a file, whole or not at all, or standard output."""
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(pieces)
    else:
        write_atomically(output, pieces)
        say(f"Wrote {output} ({Path(output).stat().st_size / 1e6:z.1f} MB).")


def _show_on_terminal(request: Request, scored: ScoredText) -> None:
    """Show the heat map, its legend, and the places that stand out."""
    target = console()
    palette = Palette(target, scored.heat_map.scale)
    places, expected = scored.places(request.places, request.top)
    target.print(one_line(scored.name), style="bold")
    room = max(LEAST_ROWS, target.height - len(places) - BESIDE)
    show_text(
        palette, scored.heat_map, request.lines or (room // 2 if palette.marks else room), MORE
    )
    target.print()
    palette.show_legend()
    if places:
        target.print(
            "\nWhere they differ most:" if len(scored.judges) > 1 else "\nMost surprising:"
        )
        show_places(palette, scored.heat_map, places, expected)
    target.print("\n" + "   ".join(f"{name} {value}" for name, value in scored.figures()))
    for judge, evaluation in zip(scored.judges, scored.evaluations, strict=True):
        reason = why_missing(evaluation)
        if reason:
            print_prose(one_line(f"{judge.name}: {reason}."))
        print_prose(one_line(f"{judge.name}: {judge.signature}"))
