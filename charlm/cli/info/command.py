"""`charlm info`: what a model file holds, and what a model thinks."""

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    COUNT,
    GroupedCommand,
    grouped,
    model_argument,
    table_options,
)


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Inside", "--history", metavar="TEXT", help="Show the likeliest symbols after this text.")
@grouped("Inside", "--text", metavar="TEXT", help="Show the chain rule's product for this text.")
@grouped("Inside", "--top", type=COUNT, default=10, help="How many of the likeliest symbols.")
@table_options("everything as JSON", "what --history and --text show")
@grouped("Output", "--verify", is_flag=True, help="Check every array against its checksum.")
def info(
    model: str,
    history: str | None,
    text: str | None,
    top: int,
    asked: Asked,
    verify: bool,
) -> None:
    """Show what a model is, what it learnt from, and what it thinks.

    Of a file of counts it shows what was counted.

    \b
    Examples:
      charlm info book.ngram.charlm
      charlm info book.rnn.charlm --verify
      charlm info book.ngram.charlm --history "th"
      charlm info book.ngram.charlm --text "the cat"
    """
    from charlm.cli.info.showing import show

    show(model, history, text, top, asked, verify=verify)
