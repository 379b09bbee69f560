"""`charlm decompress`: the text back from the code."""

import click

from charlm.cli.options import FILE, GroupedCommand, force_option, grouped, model_argument


@click.command(cls=GroupedCommand)
@model_argument()
@click.argument("file", type=FILE, metavar="FILE")
@grouped("Output", "-o", "--output", type=FILE, metavar="OUT", required=True,
         help="Restored file; - for standard output.")  # fmt: skip
@force_option(None)
def decompress(model: str, file: str, output: str, force: bool) -> None:
    """Restore what `charlm compress` made, with the same model.

    Nothing is written unless every byte is as it was. A FILE called - is standard input.

    \b
    Examples:
      charlm decompress book.ngram.charlm other.clm -o restored.txt
      charlm decompress book.ngram.charlm other.clm -o - | less
    """
    from charlm.cli.archives import restore_file

    restore_file(model, file, output, force=force)
