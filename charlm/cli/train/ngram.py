"""`charlm train ngram`."""

from typing import Any

import click

from charlm.cli.options import (
    FRACTION,
    NATURAL,
    POSITIVE,
    GroupedCommand,
    RegistryChoice,
    cluster_options,
    grouped,
    machine_options,
    output_options,
    text_options,
    texts_argument,
)

MODEL = "Model"


class Thresholds(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them."""

    name = "counts"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the numbers."""
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
@machine_options()
@cluster_options()
@output_options()
def ngram(
    order: int,
    smoothing: str,
    k: float,
    discounts: str,
    prune: tuple[int, ...],
    **options: Any,
) -> None:
    """Train an n-gram model: count, and smooth. A second for a book.

    \b
    Examples:
      charlm train ngram book.txt
      charlm train ngram book.txt --order 3 --smoothing witten-bell
      charlm train ngram names.txt --sequence line --valid-fraction 0.1
      charlm train ngram corpus.txt --order 10 --memory 1G
    """  # fmt: skip
    from charlm.cli.train.ngram_session import train

    train(options, order=order, smoothing=smoothing, k=k, discounts=discounts, prune=prune)
