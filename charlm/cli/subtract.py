"""`charlm subtract`: counts without those of some of their texts."""

import click

from charlm.cli.options import FILE, GroupedCommand, force_option, grouped


@click.command(cls=GroupedCommand)
@click.argument("counts", type=FILE, metavar="COUNTS")
@click.argument("parts", type=FILE, metavar="PART...", nargs=-1, required=True)
@grouped("Output", "-o", "--output", type=FILE, metavar="COUNTS", required=True,
         help="File of counts.")  # fmt: skip
@force_option("a file of counts")
def subtract(counts: str, parts: tuple[str, ...], output: str, force: bool) -> None:
    """Take counts of some texts away from counts of more.

    What is left is what counting the other texts gives. Only what was counted can be taken away.

    \b
    Examples:
      charlm subtract all.counts monday.counts -o rest.counts
    """
    from charlm.cli.counts import subtract_files

    subtract_files(counts, parts, output, force=force)
