"""`charlm import`: a model from an ARPA file."""

import click

from charlm.cli.options import (
    FILE,
    GroupedCommand,
    RegistryChoice,
    decoding_options,
    grouped,
    output_options,
)


@click.command("import", cls=GroupedCommand)
@click.argument("file", type=FILE)
@grouped(
    "Text",
    "--unit",
    type=RegistryChoice("charlm.text.units:UNITS"),
    default="char",
    help="What one symbol of the file is: token for word models.",
)
@grouped(
    "Text",
    "--space",
    metavar="SYMBOL",
    help="The symbol that stands for a space in the file, as KenLM's users write it.",
)
@decoding_options()
@output_options()
def import_(
    file: str,
    unit: str,
    space: str | None,
    encoding: str,
    errors: str,
    output: str | None,
    force: bool,
) -> None:
    """Read an n-gram model from an ARPA file.

    The file may be compressed, and made by any tool. Lines become sequences.

    \b
    Examples:
      charlm import book.arpa -o book.charlm
      charlm import kenlm.arpa.gz --space ▁
      charlm import words.arpa --unit token
    """  # fmt: skip
    from charlm.cli.arpa import import_model

    import_model(
        file, output, unit=unit, space=space, encoding=encoding, errors=errors, force=force
    )
