"""`charlm train ngram`."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import progress_bar
from charlm.cli.options import (
    FRACTION,
    NATURAL,
    POSITIVE,
    GroupedCommand,
    RegistryChoice,
    grouped,
    output_options,
    text_options,
    texts_argument,
)
from charlm.cli.train.request import Request, keep

if TYPE_CHECKING:
    from charlm.ngram.config import NgramConfig

MODEL = "Model"


class Thresholds(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them."""

    name = "counts"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the numbers."""
        try:
            return tuple(map(int, str(value).split(",")))
        except ValueError:
            self.fail(f"{value!r} is no list of counts, as 0,0,1", param, ctx)


@click.command(cls=GroupedCommand)
@texts_argument()
@grouped(
    MODEL,
    "--order",
    type=NATURAL,
    default=6,
    help="Symbols of context; order n is an (n+1)-gram elsewhere.",
)
@grouped(
    MODEL,
    "--smoothing",
    type=RegistryChoice("charlm.ngram.smoothing:SMOOTHERS"),
    default="modified-kneser-ney",
    help="How counts become probabilities.",
)
@grouped(MODEL, "--k", type=POSITIVE, default=1.0, help="What add-k adds to every count.")
@grouped(
    MODEL,
    "--discounts",
    type=RegistryChoice("charlm.ngram.smoothing.discounts:METHODS"),
    default="tuned",
    help="How Kneser-Ney's discounts are found: by likelihood, by closed forms, or KenLM's way.",
)
@grouped(
    MODEL,
    "--prune",
    type=Thresholds(),
    default="0",
    help="Counts that n-grams of 1, 2, ... symbols must exceed to stay, as 0,0,1; "
    "trains the whole model too, to say what that costs.",
)
@text_options()
@grouped(
    "Text",
    "--valid-fraction",
    type=FRACTION,
    default=0.0,
    help="Hold out this share of the texts and validate on it.",
)
@grouped(
    "Text",
    "--seed",
    type=NATURAL,
    default=0,
    help="Decides which lines are held out with --sequence line.",
)
@output_options()
def ngram(
    order: int, smoothing: str, k: float, discounts: str, prune: tuple[int, ...], **options: Any
) -> None:
    """Train an n-gram model: count, and smooth. A second for a book.

    \b
    Examples:
      charlm train ngram book.txt
      charlm train ngram book.txt --order 3 --smoothing witten-bell
      charlm train ngram names.txt --sequence line --valid-fraction 0.1
    """  # fmt: skip
    from charlm.files.locking import alone
    from charlm.ngram.config import NgramConfig

    request = Request(**options)
    config = NgramConfig(order, smoothing, k, discounts, prune)
    path = request.target("ngram")
    with alone(path):
        _train(request, config, path)


def _train(request: Request, config: "NgramConfig", path: Path) -> None:
    from charlm.cli.train import pruning
    from charlm.ngram.counting.counts import Sequences
    from charlm.ngram.estimation import fit
    from charlm.trained import Record

    began = perf_counter()
    with progress_bar() as report:
        data = request.read(report)
        tokenizer = data.tokenizer
        sequences = Sequences(data.streams, tokenizer.vocab_size, tokenizer.end)
        model = fit(sequences, config, report)
        if any(note.get("pruned") for note in model.notes):
            pruning.tell(model, sequences, data, report)
    order, ngrams = model.order, sum(model.ngrams)
    what = f"an n-gram model of order {order} ({order + 1}-grams, {ngrams:,} in all)"
    keep(path, model, data, Record.of(data), what, perf_counter() - began)
