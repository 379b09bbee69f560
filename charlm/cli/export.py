"""`charlm export`: an n-gram model as an ARPA file."""

import click

from charlm.cli.console import say
from charlm.cli.options import FILE, GroupedCommand, force_option, grouped, model_argument
from charlm.cli.outputs import STANDARD_OUTPUT, check_output


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Output", "-o", "--output", type=FILE, metavar="FILE", required=True,
         help="ARPA file; compressed if it ends in .gz; - for standard output.")  # fmt: skip
@force_option("an ARPA file")
def export(model: str, output: str, force: bool) -> None:
    """Write an n-gram model as an ARPA file.

    KenLM and other tools read it.

    \b
    Examples:
      charlm export book.ngram.charlm -o book.arpa
      charlm export book.ngram.charlm -o book.arpa.gz
    """
    import gzip

    from charlm import storage
    from charlm.cli.console import text_writer
    from charlm.errors import UsageError
    from charlm.ngram import arpa
    from charlm.ngram.model import NgramModel
    from charlm.writing import write_atomically

    check_output(output, arpa.ARPA, model, force=force)
    contents = storage.load(model)
    if not isinstance(contents.model, NgramModel):
        raise UsageError(f"{model}: only n-gram models have an ARPA form")
    lines = arpa.write(contents.model, contents.tokenizer.vocabulary.symbols)
    if output == STANDARD_OUTPUT:
        write = text_writer(None)
        for line in lines:
            write(line)
        return
    data = "".join(lines).encode()
    packed = gzip.compress(data, mtime=0) if output.endswith(".gz") else data
    write_atomically(output, [packed])
    say(f"Wrote {output} ({len(packed) / 1e6:.1f} MB).")
