"""`charlm perplexity`: how many bits models need for texts."""

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import click

from charlm.cli.console import print_json, progress_bar
from charlm.cli.files import decode, read, warn_if_seen
from charlm.cli.options import (
    FILE,
    GroupedCommand,
    adaptive_option,
    decoding_options,
    grouped,
    model_argument,
    texts_argument,
)
from charlm.cli.perplexity.tables import Rungs, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from charlm.evaluation.comparison import Judged
    from charlm.model import Reader
    from charlm.progress import Report
    from charlm.text.corpus import Document
    from charlm.trained import TrainedModel


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
@adaptive_option()
@grouped(
    "Comparison",
    "--free-running",
    is_flag=True,
    help="Beside it, feed an output network what it said itself.",
)
@grouped(
    "Comparison",
    "--conventions",
    is_flag=True,
    help="Add what torch and KenLM would print for the same probabilities.",
)
@grouped(
    "Comparison",
    "--ladder",
    is_flag=True,
    help="Compress texts by gzip and xz too where that takes long, or with --json.",
)
@grouped("Comparison", "--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@decoding_options()
def perplexity(
    model: str,
    texts: tuple[str, ...],
    against: tuple[str, ...],
    adaptive: bool,
    free_running: bool,
    conventions: bool,
    ladder: bool,
    as_json: bool,
    encoding: str,
    errors: str,
) -> None:
    """Score texts: bits per character, and how models compare.

    Lower is better. The ladder (uniform, unigram, gzip, xz) shows what simple means reach on the
    same text; to compress more than a megabyte takes longer than to score it, and --ladder asks for
    that. With --against, the difference of these two trained models comes with a 95 %
    interval: where it would lie if the text went on like this. With --adaptive models learn
    while they read; such figures are never compared with those of frozen models. With
    --free-running a network of the output pattern, trained by teacher forcing, is scored on its own
    too: the gap is that pattern's weakness.

    \b
    Examples:
      charlm perplexity book.ngram.charlm other.txt
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
      charlm perplexity book.ngram.charlm other.txt --adaptive
      charlm perplexity book.rnn.charlm other.txt --free-running
      charlm perplexity book.rnn.charlm other.txt --conventions
      charlm perplexity book.ngram.charlm long.txt --ladder
      charlm perplexity book.ngram.charlm other.txt --json
    """  # fmt: skip
    from charlm.evaluation.comparison import ADAPTIVE, FREE_RUNNING, compare
    from charlm.evaluation.ladder import SOON_COMPRESSED
    from charlm.parallel.threads import Threads

    documents = read(texts, [model, *against], "--against")
    readings = [ADAPTIVE if adaptive else "", *[FREE_RUNNING] * free_running]
    judge = Judge(encoding, errors, readings, placing=bool(against) or free_running)
    longest = inf if ladder else 0 if as_json else SOON_COMPRESSED
    beside = Threads(1)
    characters = [_characters(document, encoding, errors) for document in documents]
    ladders = [beside.submit(partial(_ladder, longest), text) for text in characters]
    beside.leave()  # when that is done
    with progress_bar() as report:
        judged = [j for name in (model, *against) for j in judge(name, documents, report)]
    figures = compare(judged, [document.name for document in documents], conventions)
    rungs = [result() for result in ladders]
    if as_json:
        print_json({**figures, "ladders": [r.bits_per_char for r in rungs]})
    else:
        show(documents, judged, figures, rungs)


@dataclass(frozen=True)
class Judge:
    """Scores texts; with `placing`, keeps what each place costs, so that models can be paired."""

    encoding: str
    errors: str
    readings: "Sequence[str]"
    placing: bool

    def __call__(
        self, name: str, documents: "Sequence[Document]", report: "Report"
    ) -> "Iterator[Judged]":
        """Let a model read the texts, in each of the ways that are asked for."""
        from charlm import storage

        trained = storage.load(name)
        warn_if_seen(name, trained, documents)
        texts = [decode(d, name, trained, self.encoding, self.errors) for d in documents]
        for reading in self.readings:
            yield self._read(name, trained, texts, reading, report)

    def _read(
        self, name: str, trained: "TrainedModel", texts: list[str], reading: str, report: "Report"
    ) -> "Judged":
        """Score the texts, each with a reader of its own where the model is not just to read."""
        from charlm.evaluation import bits
        from charlm.evaluation.comparison import Judged
        from charlm.evaluation.pairing import place

        changes = trained.changes(self.errors)
        evaluations, placed = [], []
        for text in texts:
            scored = bits.score(trained, text, report, _reader(trained, reading))
            evaluations.append(bits.sum_up(trained, text, scored))
            if self.placing and not changes:
                placed.append(place(trained, text, scored.bits))
        return Judged(
            model=name,
            kind=trained.model.kind,
            signature=trained.signature(self.errors, _reader(trained, reading)),
            evaluations=evaluations,
            changes=changes,
            reading=reading,
            unit=trained.tokenizer.policy.unit,
            largest_sum=trained.record.excess,
            placed=placed,
        )


def _reader(trained: "TrainedModel", reading: str) -> "Reader | None":
    from charlm.evaluation.comparison import ADAPTIVE, FREE_RUNNING
    from charlm.rnn.inference.free_running import FreeRunningReader

    if reading == ADAPTIVE:
        return trained.model.adaptive_reader()
    return FreeRunningReader(trained.model) if reading == FREE_RUNNING else None


def _characters(document: "Document", encoding: str, errors: str) -> str | None:
    """Return a text; None for bytes that are no characters, which only the byte unit reads."""
    from charlm.errors import TextError
    from charlm.text import units

    try:
        return document.text(units.get("char"), encoding, errors)
    except TextError:
        return None


def _ladder(longest: float, text: str | None) -> Rungs:
    """Return the rungs; none where there are no characters."""
    from charlm.evaluation.ladder import ladder

    if text is None:
        return Rungs(0, 0, {})
    return Rungs(len(text), len(text.encode()), ladder(text, longest))
