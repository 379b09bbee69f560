"""`charlm decompress`: the text back from the code."""

import click

from charlm.cli.console import progress_bar, say, warn
from charlm.cli.files import check_output, write
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
    from charlm import storage
    from charlm.coding import archive, compression
    from charlm.errors import naming
    from charlm.text import sources

    check_output(output, None, model, file, force=force)
    trained, data = storage.load(model), sources.raw(file, archive.MAGIC)
    with naming(file):
        packed = archive.unpack(data)
        if packed.made_on not in ("", archive.machine()):
            warn(
                f"{file} was made on {packed.made_on}, this is {archive.machine()}: "
                "the model's numbers may differ in their last bits, and then it cannot be restored."
            )
        with progress_bar() as report:
            data = compression.decompress(trained, packed, report)
    write(output, data)
    say(f"{packed.symbols:,} symbols -> {len(data):,} bytes, as they were.")
