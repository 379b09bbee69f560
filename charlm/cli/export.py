"""`charlm export`: an n-gram model as an ARPA file."""

import click

from charlm.cli.options import (
    FILE,
    NATURAL,
    GroupedCommand,
    force_option,
    grouped,
    model_argument,
)


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Model", "--order", type=NATURAL,
         help="Write contexts of so many symbols at most.  [default: all]")  # fmt: skip
@grouped("Model", "--space", metavar="SYMBOL",
         help="What a space is called, as other tools want it.  [default: <U+0020>]")  # fmt: skip
@grouped("Output", "-o", "--output", type=FILE, metavar="FILE", required=True,
         help="ARPA file; compressed if it ends in .gz; - for standard output.")  # fmt: skip
@force_option("an ARPA file")
def export(model: str, order: int | None, space: str | None, output: str, force: bool) -> None:
    """Write an n-gram model as an ARPA file.

    KenLM and other tools read it. KenLM takes n-grams of 6 symbols at most, so contexts of 5.

    \b
    Examples:
      charlm export book.ngram.charlm -o book.arpa
      charlm export book.ngram.charlm -o book.arpa.gz
      charlm export book.ngram.charlm --order 5 --space ▁ -o kenlm.arpa
    """
    from charlm.cli.arpa import export_model

    export_model(model, output, order=order, space=space, force=force)
