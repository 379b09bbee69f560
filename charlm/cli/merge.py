"""`charlm merge`: the counts of several files together."""

from typing import Any

import click

from charlm.cli.options import FILE, GroupedCommand, force_option, grouped, machine_options


@click.command(cls=GroupedCommand)
@click.argument("counts", type=FILE, metavar="COUNTS...", nargs=-1, required=True)
@grouped("Output", "-o", "--output", type=FILE, metavar="COUNTS", required=True,
         help="File of counts.")  # fmt: skip
@machine_options()
@force_option("a file of counts")
def merge(counts: tuple[str, ...], output: str, force: bool, **machine: Any) -> None:
    """Add up counts.

    The same counts give the same file, in any order and however they were put together before. What
    is counted for several orders is merged for the smallest of them.

    \b
    Examples:
      charlm merge monday.counts tuesday.counts -o both.counts
      charlm merge *.counts -o all.counts
    """
    from charlm.cli.counts import merge_files

    merge_files(counts, output, force=force, **machine)
