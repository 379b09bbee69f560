"""`charlm rank`: which of several candidates a model finds likeliest."""

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    FILE,
    GroupedCommand,
    decoding_options,
    grouped,
    model_argument,
    table_options,
)


@click.command(cls=GroupedCommand)
@model_argument()
@click.argument("candidates", type=FILE, metavar="CANDIDATES")
@grouped("Text", "--given", metavar="TEXT", default="", show_default=False,
         help="What stands before each candidate: P(candidate | TEXT).")  # fmt: skip
@grouped("View", "--per-char", is_flag=True,
         help="Rank by bits per character, so that long ones do not lose by length.")  # fmt: skip
@table_options("a JSON object for each line")
@decoding_options()
def rank(
    model: str,
    candidates: str,
    given: str,
    per_char: bool,
    asked: Asked,
    encoding: str,
    errors: str,
) -> None:
    """Rank the lines of a file, likeliest first.

    Each line is a candidate: what a recogniser might have read, one of a minimal pair, a name for a
    product. It costs -log2 P(candidate | what is given) bits; its share is how likely it is if it
    must be one of them. Where the model was trained by --sequence line the end of each line counts
    too. Into a pipe goes a table of tab-separated values.

    \b
    Examples:
      charlm rank book.ngram.charlm candidates.txt
      charlm rank book.ngram.charlm candidates.txt --given "It is a "
      printf 'their\\nthere\\n' | charlm rank book.ngram.charlm - --given "Is anybody "
    """  # fmt: skip
    from charlm.cli.rank.showing import Request, show

    show(Request(model, candidates, given, per_char, asked, encoding, errors))
