"""`charlm info`: what a model file holds, and what a model thinks."""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.info.request import Request
from charlm.cli.options import (
    COUNT,
    FILE,
    GroupedCommand,
    grouped,
    model_argument,
    row_options,
    table_options,
)


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Inside", "--history", metavar="TEXT", help="Show the likeliest symbols after this text.")
@grouped("Inside", "--text", metavar="TEXT", help="Show the chain rule's product for this text.")
@grouped(
    "Inside",
    "--matrix",
    is_flag=True,
    help="Show the bigram matrix: what comes next (columns) after each symbol (rows).",
)
@grouped(
    "Inside",
    "--top",
    type=COUNT,
    help="How many symbols.  [default: the 10 likeliest; of a matrix the 32 most frequent]",
)
@grouped(
    "Inside",
    "--corpus",
    multiple=True,
    type=FILE,
    metavar="TEXT",
    help="Count in this text, as the one trained on: how often each symbol came, of how many "
    "times; alone it shows the matrix; may be repeated.",
)
@row_options()
@table_options("everything as JSON", "what --history, --text and --matrix show")
@grouped("Output", "--svg", type=FILE, metavar="FILE", help="Write the matrix as a picture.")
@grouped("Output", "--verify", is_flag=True, help="Check every array against its checksum.")
def info(asked: Asked, **request: Any) -> None:
    """Show what a model is, what it learnt from, and what it thinks.

    Of a file of counts it shows what was counted.

    \b
    Examples:
      charlm info book.ngram.charlm
      charlm info book.rnn.charlm --verify
      charlm info book.ngram.charlm --history "th" --corpus book.txt
      charlm info book.ngram.charlm --text "the cat"
      charlm info bigrams.charlm --matrix --svg bigrams.svg
    """  # fmt: skip
    from charlm.cli.info.showing import show

    show(Request(**request), asked)
