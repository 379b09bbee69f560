"""`charlm perplexity`: how many bits models need for texts."""

from typing import Any

import click

from charlm.cli.options import (
    FILE,
    GroupedCommand,
    adaptive_option,
    grouped,
    model_argument,
    reading_options,
    table_options,
    texts_argument,
)


@click.command(cls=GroupedCommand)
@model_argument()
@texts_argument()
@grouped(
    "Comparison",
    "--against",
    multiple=True,
    type=FILE,
    metavar="MODEL",
    help="Compare with this model; may be repeated. Models may stand before the texts too.",
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
@table_options("all figures as JSON", "the models' figures by text")
@reading_options()
def perplexity(**given: Any) -> None:
    """Score texts: bits per character, and how models compare.

    Lower is better. The ladder (uniform, unigram, gzip, xz) shows what simple means reach on the
    same text; to compress more than a megabyte takes longer than to score it, and --ladder asks for
    that. Of more than 20 texts the figures are those of all together; --json has those of each.
    With --against, the difference of these two trained models comes with a 95 % interval: where it
    would lie if the text went on like this. With --adaptive models learn while they read; such
    figures are never compared with those of frozen models. With --free-running a network of the
    output pattern, trained by teacher forcing, is scored on its own too: the gap is that pattern's
    weakness.

    \b
    Examples:
      charlm perplexity book.ngram.charlm other.txt
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
      charlm perplexity a.charlm b.charlm c.charlm other.txt
      charlm perplexity book.ngram.charlm other.txt --adaptive
      charlm perplexity book.rnn.charlm other.txt --free-running
      charlm perplexity book.rnn.charlm other.txt --conventions
      charlm perplexity book.ngram.charlm long.txt --ladder
      charlm perplexity book.ngram.charlm other.txt --json
      charlm perplexity a.charlm other.txt --against b.charlm -o figures.csv
    """  # fmt: skip
    from charlm.cli.perplexity.showing import Request, show

    show(Request(**given))
