"""What `charlm score` is asked for, and what of it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import click

from charlm.cli.asked import Asked
from charlm.cli.files import check_output, is_model, refuse_other_formats
from charlm.cli.pictures.svg import PICTURE
from charlm.cli.score.figure import SUFFIXES
from charlm.cli.score.scored import View, has_several
from charlm.cli.tabular import Output
from charlm.surprisal.figure import FIGURE
from charlm.surprisal.page.document import PAGE
from charlm.text.corpus import Document
from charlm.text.rows import RowOptions


@dataclass(frozen=True)
class Request:
    """What was asked for: the options by their names."""

    model: str
    texts: Sequence[str]
    against: str | None
    given: str
    adaptive: bool
    by: str | None
    blank: str
    reset: str | None
    top: int
    places: int
    lines: int | None
    is_map: bool
    text_column: str | None
    id_column: str | None
    above: float | None
    rank: int | None
    rank_by: str
    window: int
    html: str | None
    svg: str | None
    figure: str | None
    dark: bool
    asked: Asked
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
        """The model, others whose rows follow, and the one that it is compared with."""
        return [self.model, *self._others, *([self.against] if self.against else [])]

    @property
    def files(self) -> list[str]:
        """The texts, or tables of texts."""
        return list(self.texts[len(self._others) :])

    @property
    def _others(self) -> list[str]:
        """Models among what follows the first, where rows of several models are asked for."""
        several = self.asked.is_given or self.text_column or self.figure
        if self.against or not several or self.html or self.svg:
            return []
        return list(takewhile(is_model, self.texts[:-1]))

    @property
    def view(self) -> View:
        """How a text is cut, and whether each line begins afresh."""
        by_word = self.text_column or self.figure
        by = self.by or ("line" if self.rank else "word" if by_word else "symbol")
        reset = self.reset or ("line" if self.text_column else "never")
        return View(by, self.blank, reset == "line")

    @property
    def is_drawn(self) -> bool:
        """Whether files are wanted for people."""
        return bool(self.html or self.svg or self.figure)

    @property
    def are_rows_wanted(self) -> bool:
        """Whether rows are printed, not a picture for a terminal."""
        lines = self.above is not None or self.rank
        data = Output(self.asked).is_data and not self.is_map
        return bool(lines or self.text_column or data)

    def check(self, documents: Sequence[Document] = ()) -> None:
        """Refuse what cannot be shown; no documents stand for standard input, as it comes.

        Raises:
            click.UsageError: options exclude each other.
        """
        by, table = self.view.by, self.text_column is not None
        refused = {
            "--top names symbols, so it needs --by symbol.": self.top and by != "symbol",
            "A page or a picture shows one text.": self.is_drawn and has_several(documents),
            "--json prints rows, which --html, --svg and --figure do not; choose one.": (
                self.is_drawn and (self.asked.as_json or self.asked.as_csv)
            ),
            "--html, --svg and --figure name files of their own; -o is for rows.": (
                self.is_drawn and self.asked.output
            ),
            "--figure draws one text or table, and no page or picture besides.": (
                self.figure and (self.html or self.svg)
            ),
            "--map shows one text on a terminal: no rows, files or tables.": (
                self.is_map and (self.is_drawn or self.asked.is_given or table or self.rank)
            ),
            "--dark is for a --figure.": self.dark and not self.figure,
            "--figure shows bits by word or character: --by word.": (
                self.figure and by not in ("word", "character", "symbol")
            ),
            "--figure needs no --top, --above or --rank.": (
                self.figure and (self.top or self.rank or self.above is not None)
            ),
            "--rank ranks lines, so it needs --by line.": self.rank and by != "line",
            "--id-column is one of a table: give --text-column NAME too.": (
                self.id_column is not None and not table
            ),
            "--text-column reads one table at a time.": table and len(documents) > 1,
            "Rows of JSON lines and Parquet are read by --column; --text-column reads CSV.": (
                table and any(document.rows for document in documents)
            ),
            "A table of texts gives rows: no page, picture, --against, --top, --above or --rank.": (
                (table and (self.html or self.svg or self.top or self.rank))
                or (table and self.against and not self.figure)
                or (table and self.above is not None)
            ),
        }
        for message, wrong in refused.items():
            if wrong:
                raise click.UsageError(message)

    def check_outputs(self, documents: Sequence[Document] = ()) -> None:
        """Refuse outputs that would replace what is read, each other, or files of another kind.

        Raises:
            UsageError, OutputError: as `check_output`.
        """
        names = [*self.models, *(document.name for document in documents)]
        pictures = (
            (self.html, PAGE, (".html", ".htm")),
            (self.svg, PICTURE, (".svg",)),
            (self.figure, FIGURE, SUFFIXES),
        )
        for output, kind, suffixes in pictures:
            if output:
                check_output(output, kind, *names, force=self.asked.force)
                refuse_other_formats(output, suffixes)
        if self.html and self.svg and Path(self.html).resolve() == Path(self.svg).resolve():
            raise click.UsageError(f"Both to {self.html}: a page and a picture need a file each.")
        Output(self.asked).check(*names)
