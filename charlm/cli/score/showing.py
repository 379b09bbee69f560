"""What `charlm score` does: models read texts, and the bits of symbols are shown or written."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from charlm import storage
from charlm.cli.console import console, one_line, print_prose, progress_bar, say, warn
from charlm.cli.files import (
    STANDARD_OUTPUT,
    read,
    warn_if_seen,
)
from charlm.cli.palette import Palette
from charlm.cli.score.figure import draw, lines_of
from charlm.cli.score.heat_map import show_places, show_text
from charlm.cli.score.items import headings, json_lines, refuse_tokens
from charlm.cli.score.items import rows as item_rows
from charlm.cli.score.lines import arriving, is_streamed, strangest
from charlm.cli.score.picture import picture
from charlm.cli.score.request import Request
from charlm.cli.score.rows import NUMBERS, Layout
from charlm.cli.score.scored import ScoredText, decoded, has_several
from charlm.cli.tabular import Output
from charlm.evaluation.comparison import why_missing
from charlm.evaluation.judging import Judge
from charlm.evaluation.reading import Reading
from charlm.files.writing import write_atomically
from charlm.surprisal.cells import LINE
from charlm.surprisal.page.document import Subject, page
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.items import read_items

LEAST_ROWS, BESIDE = 16, 10  # rows of the heat map, at least, and of what stands beside it
MORE = ": --lines shows more, --map or --html everything, a pipe each symbol"
PICTURE_WIDTH, PICTURE_ROWS = 90, 24


def show_given(**given: Any) -> None:
    """Score texts as the options say."""
    show(Request(**given))


def show(request: Request) -> None:
    """Score one text after the other, and show each as soon as it is scored."""
    streamed = request.are_rows_wanted and not request.rank and not request.is_drawn
    if streamed and not request.against and is_streamed(request):
        request.check()
        request.check_outputs()
        judge = _judge(request.model, request)
        _warn_of_leaks(request, [judge])
        scored = arriving(judge, reset=request.view.reset)
        _print_rows(request, scored, several=False, flush=True)
        return
    documents = read(request.files, request.models, request.rows, "against")
    request.check(documents)
    request.check_outputs(documents)
    judges = [_judge(name, request) for name in request.models]
    for judge in judges:
        warn_if_seen(judge.name, judge.trained, documents)
    if request.figure:
        _draw_figure(request, judges, documents)
    elif request.text_column is not None:
        _print_items(request, judges, documents)
    elif request.are_rows_wanted and not request.is_drawn:
        together = [judges] if request.against else [[judge] for judge in judges]
        scored = (one for group in together for one in _scored(request, group, documents))
        _print_rows(request, scored, several=has_several(documents))
    else:
        show_one = partial(_write_files if request.is_drawn else _show_on_terminal, request)
        for one in _scored(request, judges, documents):
            show_one(one)


def _judge(name: str, request: Request) -> Judge:
    reading, decoding = Reading.of(request.adaptive), Decoding(request.encoding, request.errors)
    return Judge(name, storage.load(name), reading, decoding, request.given)


def _scored(
    request: Request, judges: Sequence[Judge], documents: Sequence[Document]
) -> Iterator[ScoredText]:
    """Yield each text as soon as it is scored."""
    for text in (text for document in documents for text in decoded(document, judges)):
        with progress_bar() as report:
            scored = ScoredText.of(text, judges, request.view, report)
        _tell_changes(scored)
        if (scored.scores[0].positions.line[-1:] > 1).any() and not request.is_drawn:
            _warn_of_leaks(request, judges)
        yield scored


def _tell_changes(scored: ScoredText) -> None:
    """Say where offsets and columns are not those of the file."""
    if not scored.scores[0].positions.exact:
        name = scored.judges[0].name
        say(f"{name} changes {scored.name} before it reads it; offsets and columns follow.")


def _warn_of_leaks(request: Request, judges: Iterable[Judge]) -> None:
    """Warn where lines or items are summed up by a model that reads on from one to the next."""
    if request.text_column is None and request.view.by != LINE:
        return
    for judge in judges:
        is_open = judge.trained.tokenizer.end is None and judge.reading is Reading.FROZEN
        if is_open and not request.view.reset and request.reset is None:
            warn(
                f"{judge.name} reads on from line to line, so what a line costs depends on those "
                "before it: --reset line begins each afresh, --reset never means it so."
            )


def _layout(request: Request, *, several: bool) -> Layout:
    return Layout(
        by=request.view.by,
        compared=bool(request.against),
        top=request.top,
        models=len(request.models) > 1 and not request.against,
        texts=several,
        ranked=bool(request.rank),
        above=request.above,
        window=request.window,
    )


def _print_rows(
    request: Request, texts: Iterator[ScoredText], *, several: bool, flush: bool = False
) -> None:
    """Print rows of texts as they come, or the strangest lines of all."""
    output, layout = Output(request.asked), _layout(request, several=several)
    if request.rank:
        found = enumerate(strangest(texts, request.rank, request.rank_by, layout), 1)
        if output.is_json:
            output.lines(layout.json_line(scored, row, rank) for rank, (scored, row) in found)
        else:
            ranked = (layout.cells(scored, row, rank) for rank, (scored, row) in found)
            output.table(chain([layout.headings], ranked))
    elif output.is_json:
        lines = (line for scored in texts for line in layout.json_lines(scored))
        output.lines(lines, flush=flush)
    else:
        rows = (row for scored in texts for row in layout.table(scored))
        output.table(chain([layout.headings], rows), NUMBERS, flush=flush)


def _draw_figure(request: Request, judges: Sequence[Judge], documents: Sequence[Document]) -> None:
    """Draw the items of a table, or the lines of a text."""
    assert request.figure is not None
    decoding = Decoding(request.encoding, request.errors)
    (document,) = documents
    if request.text_column is not None:
        items = list(read_items(document, request.text_column, request.id_column, decoding).items)
    else:
        items = lines_of(document.text(units.get("char"), decoding.encoding, decoding.errors))
    draw(judges, items, request.view, request.figure, dark=request.dark, lines=request.lines)


def _print_items(request: Request, judges: Sequence[Judge], documents: Sequence[Document]) -> None:
    """Print a long table of the items of all tables."""
    assert request.text_column is not None
    decoding = Decoding(request.encoding, request.errors)
    (document,) = documents
    for judge in judges:
        refuse_tokens(judge, request.view)
        if request.view.reset:
            judge.refuse_to_learn()
    items = read_items(document, request.text_column, request.id_column, decoding)
    output = Output(request.asked)
    if output.is_json:
        output.lines(json_lines(judges, items, request.view))
    else:
        output.table(chain([headings(items, request.view)], item_rows(judges, items, request.view)))


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
    if request.is_map:
        room = len(scored.heat_map.cells) + 1  # rows, at most
    elif palette.marks:
        room //= 2
    show_text(palette, scored.heat_map, request.lines or room, MORE)
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
