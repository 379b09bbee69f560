"""`charlm count`: what is in some texts, as a file that adds up."""

from typing import Any

import click

from charlm.cli.options import (
    FILE,
    NATURAL,
    GroupedCommand,
    cluster_options,
    counted_text_options,
    force_option,
    grouped,
    machine_options,
    texts_argument,
)


@click.command(cls=GroupedCommand)
@texts_argument()
@grouped(
    "Counts", "--order", type=NATURAL, default=6, help="For models of this order and all below it."
)
@counted_text_options()
@grouped("Output", "-o", "--output", type=FILE, metavar="COUNTS",
         help="File of counts.  [default: <first text>.counts]")  # fmt: skip
@machine_options()
@cluster_options()
@force_option("a file of counts")
def count(order: int, output: str | None, force: bool, **options: Any) -> None:
    """Count the n-grams of texts, exactly.

    Counts add up: those of two texts, merged, are the counts of both, and the model that is trained
    on them is the model of the texts, to the byte. So new text is added without reading the old
    again, and texts can be counted one by one, on several machines, in any order. Every symbol and
    every n-gram is kept; --min-count and --prune are for `charlm train ngram`.

    \b
    Examples:
      charlm count monday.txt
      charlm count tuesday.txt --order 6
      charlm merge monday.counts tuesday.counts -o both.counts
      charlm train ngram both.counts
    """
    from charlm.cli.counts import count_texts

    count_texts(order, output, force=force, **options)
