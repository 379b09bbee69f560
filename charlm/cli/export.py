"""`charlm export`: a model in the form of other tools, ARPA or torch."""

import click

from charlm.cli.options import (
    FILE,
    NATURAL,
    GroupedCommand,
    RegistryChoice,
    force_option,
    grouped,
    model_argument,
)


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("N-gram model", "--order", type=NATURAL,
         help="Write contexts of so many symbols at most.  [default: all]")  # fmt: skip
@grouped("N-gram model", "--space", metavar="SYMBOL",
         help="What a space is called, as other tools want it.  [default: <U+0020>]")  # fmt: skip
@grouped("N-gram model", "--unk", metavar="SYMBOL",
         help="What the unknown symbol is called.  [default: <unk>]")  # fmt: skip
@grouped("N-gram model", "--case", type=RegistryChoice("charlm.ngram.arpa.names:CASES"),
         help="Write letters so, as other tools want them.  [default: as they are]")  # fmt: skip
@grouped("Output", "-o", "--output", type=FILE, metavar="FILE",
         help="ARPA file; compressed if it ends in .gz; - for standard output.")  # fmt: skip
@grouped("Output", "--torch", type=FILE, metavar="FILE",
         help="Write a network: safetensors with torch's names, and FILE.json beside.")  # fmt: skip
@force_option("one of these")
def export(
    model: str,
    order: int | None,
    space: str | None,
    unk: str | None,
    case: str | None,
    output: str | None,
    torch: str | None,
    force: bool,
) -> None:
    """Write a model in the form of other tools.

    An n-gram model becomes an ARPA file, which KenLM and others read. KenLM takes n-grams of 6
    symbols at most, so contexts of 5. A network becomes a file that torch reads by itself.

    \b
    Examples:
      charlm export book.ngram.charlm -o book.arpa
      charlm export book.ngram.charlm --order 5 --space ▁ -o kenlm.arpa.gz
      charlm export book.ngram.charlm --space "|" --case upper -o labels.arpa
      charlm export book.rnn.charlm --torch book.safetensors
    """
    from charlm.cli.exporting import export_model

    export_model(model, output, torch, order=order, names=(space, unk, case), force=force)
