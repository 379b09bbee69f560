"""`charlm demo`: what charlm can do, in half a minute."""

import click

from charlm.cli.options import FOLDER, GroupedCommand, force_option


@click.command(cls=GroupedCommand)
@click.argument("folder", type=FOLDER, default="demo", metavar="[FOLDER]")
@force_option(None)
def demo(folder: str, force: bool) -> None:
    """Show what charlm can do, in half a minute.

    Both families are trained on Shakespeare, mixed, asked to speak, and compared, by commands that
    you can type yourself and that are shown. Texts and models go to a folder, called demo if you
    name none.

    \b
    Examples:
      charlm demo
      charlm demo /tmp/demo
    """
    from charlm.cli.demo.session import run_all

    run_all(folder, force=force)
