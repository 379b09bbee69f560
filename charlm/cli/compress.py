"""`charlm compress`: a text as a code about as long as the bits that the model needs for it."""

import click

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
    from charlm.cli.archives import compress_file

    compress_file(model, file, output, force=force, adaptive=adaptive)
