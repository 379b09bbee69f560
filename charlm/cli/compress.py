"""`charlm compress`: a text as a code about as long as the bits that the model needs for it."""

import sys

import click

from charlm.cli.console import progress_bar, say
from charlm.cli.files import STANDARD_OUTPUT, check_output, write
from charlm.cli.options import FILE, GroupedCommand, force_option, grouped, model_argument


@click.command(cls=GroupedCommand)
@model_argument()
@click.argument("file", type=FILE, metavar="FILE")
@grouped("Output", "-o", "--output", type=FILE, metavar="OUT", required=True,
         help="Compressed file; - for standard output.")  # fmt: skip
@force_option("a text that charlm compressed")
@grouped(
    "Model", "--adaptive", is_flag=True, help="Let the model learn from each symbol it has coded."
)
def compress(model: str, file: str, output: str, force: bool, adaptive: bool) -> None:
    """Compress a file with a model, by arithmetic coding.

    The compressed file is as long as the bits that `charlm perplexity` reports, and the same model
    restores the text from it, to the last byte. It proves the bits; it is slower than other
    compressors, and whoever restores the text needs the model. The whole text is held in memory.
    With a network or a mixture a file is restored surely only on the kind of machine that made it,
    with an n-gram model on any. A FILE called - is standard input.

    \b
    Examples:
      charlm compress book.ngram.charlm other.txt -o other.clm
      charlm compress book.ngram.charlm other.txt -o other.clm --adaptive
      charlm decompress book.ngram.charlm other.clm -o restored.txt
    """
    from charlm import storage
    from charlm.coding import archive, compression
    from charlm.errors import UsageError, naming
    from charlm.text import sources

    check_output(output, archive.ARCHIVE, model, file, force=force)
    if output == STANDARD_OUTPUT and sys.stdout.isatty():
        raise UsageError("a code is no text for a terminal; name a file, or use a pipe")
    trained = storage.load(model)
    data = sources.raw(file)
    with naming(file), progress_bar() as report:
        packed = compression.compress(trained, data, adaptive=adaptive, report=report)
    write(output, packed)
    say(_summary(data, packed))


def _summary(data: bytes, packed: bytes) -> str:
    """Say how long the code is, and beside it that of xz."""
    import lzma

    from charlm.evaluation.ladder import LONGEST_COMPRESSED

    try:
        size, unit = len(data.decode()), "char"
    except UnicodeDecodeError:
        size, unit = len(data), "byte"
    lengths = {"": len(packed)}
    if len(data) <= LONGEST_COMPRESSED:
        lengths["; xz: "] = len(lzma.compress(data, preset=9))
    shown = [
        f"{name}{length:,} bytes" + (f", {8 * length / size:z.3f} bits/{unit}" if size else "")
        for name, length in lengths.items()
    ]
    return f"{len(data):,} bytes -> {''.join(shown)}."
