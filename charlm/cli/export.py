"""`charlm export`: an n-gram model as an ARPA file."""

from typing import TYPE_CHECKING

import click

from charlm.cli.console import say, warn
from charlm.cli.files import STANDARD_OUTPUT, check_output
from charlm.cli.options import (
    FILE,
    NATURAL,
    GroupedCommand,
    force_option,
    grouped,
    model_argument,
)

if TYPE_CHECKING:
    from charlm.ngram.model import NgramModel

KENLM_READS = 6  # symbols of an n-gram, as KenLM is compiled by default, and for Python


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
    import gzip

    from charlm import storage
    from charlm.cli.console import text_writer
    from charlm.errors import UsageError
    from charlm.files.writing import write_atomically
    from charlm.ngram.arpa.writing import ARPA, shortened, write
    from charlm.ngram.model import NgramModel

    check_output(output, ARPA, model, force=force)
    trained = storage.load(model)
    if not isinstance(trained.model, NgramModel):
        raise UsageError(f"{model}: only n-gram models have an ARPA form")
    written = trained.model if order is None else shortened(trained.model, order)
    symbols = trained.tokenizer.vocabulary.symbols
    lines = write(written, symbols, space)
    _tell(trained.model, written, space is not None and " " not in symbols)
    if output == STANDARD_OUTPUT:
        write_text = text_writer(None)
        for line in lines:
            write_text(line)
        return
    data = "".join(lines).encode()
    packed = gzip.compress(data, mtime=0) if output.endswith(".gz") else data
    write_atomically(output, [packed])
    say(f"Wrote {output} ({len(packed) / 1e6:z.1f} MB).")


def _tell(whole: "NgramModel", written: "NgramModel", spaceless: bool) -> None:
    """Say what a reader of the file will meet."""
    if spaceless:
        say("The model has no space among its symbols, so none has another name.")
    if written.order < whole.order and "kneser-ney" in whole.config.smoothing:
        say(
            f"Orders 0 to {written.order} of {whole.order}: what longer contexts back off to. "
            f"By itself a model trained with --order {written.order} does better."
        )
    if written.order + 1 > KENLM_READS:
        warn(
            f"KenLM reads n-grams of up to {KENLM_READS} symbols unless it was compiled for more, "
            f"and these have {written.order + 1}; --order {KENLM_READS - 1} writes what it reads."
        )
