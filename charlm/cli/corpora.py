"""`charlm corpora`: the texts that come with charlm, listed or copied."""

import click

from charlm.cli.options import FOLDER, GroupedCommand, RegistryChoice, force_option, grouped


@click.command(cls=GroupedCommand)
@grouped("Output", "--copy", "names", type=RegistryChoice("charlm.text.shipped:SHIPPED"),
         multiple=True, help="Copy this text; may be repeated.")  # fmt: skip
@grouped("Output", "-o", "--output", type=FOLDER, metavar="FOLDER", default=".",
         help="Where copies go.")  # fmt: skip
@force_option(None)
def corpora(names: tuple[str, ...], output: str, force: bool) -> None:
    """List the texts that come with charlm, or copy some.

    \b
    Examples:
      charlm corpora
      charlm corpora --copy shakespeare
      charlm train shakespeare.txt
    """  # fmt: skip
    from charlm.cli.shipped import copy, print_list

    if names:
        copy(names, output, force=force)
    else:
        print_list()
