"""What `charlm filter` does: documents are scored, and those that are wanted written."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import ceil

import click

from charlm import storage
from charlm.cli.console import progress_bar, say, text_writer
from charlm.cli.files import STANDARD_OUTPUT, check_output, read, refuse_other_formats, warn_if_seen
from charlm.cli.filter.scores import ENDINGS, sheet
from charlm.errors import UsageError
from charlm.evaluation.filtering import Bounds, Filtering, Share, Wanted
from charlm.files.compressing import compressed
from charlm.files.writing import write_atomically
from charlm.text.batches import Reading
from charlm.text.corpus import Document
from charlm.text.rows import RowOptions

SEEN = "it finds that text too good."
QUANTILES = {"10 %": 0.1, "median": 0.5, "90 %": 0.9}


@dataclass(frozen=True)
class Request:
    """What was asked for: the options by their names."""

    model: str
    texts: Sequence[str]
    below: float | None
    above: float | None
    best: tuple[float, bool] | None  # a number, and whether it is a share
    column: str | None
    whole: bool
    skip_bad: bool
    output: str | None
    scores: str | None
    add_score: str | None
    force: bool

    @property
    def target(self) -> str | None:
        """Where the documents go; None where scores alone are asked for."""
        chooses = self.below is not None or self.above is not None or self.best is not None
        only_scores = self.scores is not None and not chooses and self.add_score is None
        return self.output or (None if only_scores else STANDARD_OUTPUT)

    @property
    def wanted(self) -> Wanted:
        """What is to be kept.

        Raises:
            click.UsageError, UsageError: nothing, or two things at once.
        """
        bounded = self.below is not None or self.above is not None
        if self.best is not None and bounded:
            raise click.UsageError("--best looks at all documents; leave out --below and --above.")
        if self.best is None and not bounded and self.scores is None and self.add_score is None:
            raise click.UsageError(
                "Say what to keep, by --below, --above or --best, or where --scores go."
            )
        return Bounds(self.below, self.above) if self.best is None else Share(*self.best)

    @property
    def reading(self) -> Reading:
        """How documents are read."""
        return Reading(self.whole, self.skip_bad, self.add_score)

    def check(self, documents: Sequence[Document]) -> None:
        """Refuse what cannot be, before any work.

        Raises:
            UsageError: kinds of files are mixed, or cannot have what is asked for.
            OutputError: an output is there already.
        """
        plain = [document.name for document in documents if document.rows is None]
        if self.whole:
            plain = []
        if plain and len(plain) < len(documents):
            rows = next(document.name for document in documents if document.rows is not None)
            raise UsageError(f"{rows} has rows and {plain[0]} has lines; filter one kind at a time")
        if plain and self.add_score is not None:
            raise UsageError(f"{plain[0]}: lines have no fields; --scores writes scores elsewhere")
        self._check_outputs([document.name for document in documents], bool(plain))

    def _check_outputs(self, names: Sequence[str], lines: bool) -> None:
        suffixes = (".txt", ".jsonl") if lines else (".jsonl", ".json")
        if self.scores == self.target:
            raise UsageError(f"{self.scores}: documents and scores need a file each")
        for output, endings in ((self.target, suffixes), (self.scores, ENDINGS)):
            if output is None:
                continue
            check_output(output, None, self.model, *names, force=self.force)
            if output != STANDARD_OUTPUT:
                refuse_other_formats(output, endings)
                compressed(output, ())  # a module may be missing


def run(request: Request) -> None:
    """Filter, write, and say what was kept.

    Raises:
        OutputError: an output cannot be written, or is there already.
        TextError: a file or a row cannot be read.
        UsageError: options exclude each other.
    """
    wanted = request.wanted
    documents = read(request.texts, [request.model], RowOptions(request.column))
    request.check(documents)
    trained = storage.load(request.model)
    filtering = Filtering(trained, documents, request.reading)
    with closing(filtering.scores):
        with progress_bar() as report:
            _write(request.target, filtering.kept(wanted, report))
        if request.scores:
            names = [document.name for document in documents]
            _write(request.scores, sheet(request.scores, names, filtering, wanted))
        _tell(filtering)
    warn_if_seen(request.model, trained, documents, SEEN)


def _write(output: str | None, pieces: Iterable[bytes]) -> None:
    """Write a file, whole or not at all, or standard output; a terminal gets text made safe."""
    if output is None:
        for _ in pieces:
            pass
    elif output != STANDARD_OUTPUT:
        write_atomically(output, compressed(output, pieces))
    elif sys.stdout.isatty():
        write = text_writer(None)
        for piece in pieces:
            write(piece.decode(errors="replace"))
    else:
        for piece in pieces:
            sys.stdout.buffer.write(piece)


def _tell(filtering: Filtering) -> None:
    """Say how many were kept, how the scores lie, and what was left out."""
    counted, ranked = filtering.counted, filtering.scores.ranked
    share = f"{100 * counted.kept / ranked:z.1f} %" if ranked else "none"
    say(
        f"Kept {counted.kept:,} of {counted.documents:,} documents ({share}), "
        f"{counted.kept_chars:,} of {counted.chars:,} characters."
    )
    if ranked:
        found = {
            name: filtering.scores.smallest(max(1, ceil(part * ranked)))[0]
            for name, part in QUANTILES.items()
        }
        said = ", ".join(f"{value:z.3f} ({name})" for name, value in found.items())
        say(f"Bits per character: {said}.")
    if empty := counted.documents - ranked:
        say(f"Without any text: {empty:,}.")
    if counted.bad:
        say(f"Passed over: {counted.bad:,} bad rows.")
