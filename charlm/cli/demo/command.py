"""`charlm demo`: what charlm can do, in half a minute."""

import click

from charlm.cli.options import FOLDER, GroupedCommand, force_option


@click.command(cls=GroupedCommand)
@click.argument("folder", type=FOLDER, default="demo", metavar="[FOLDER]")
@force_option(None)
def demo(folder: str, force: bool) -> None:
    """Train both families on Shakespeare, mix them, let them speak, and compare.

    It runs commands that you can type yourself, and shows each. Texts and models go to a folder,
    called demo if you name none.

    \b
    Examples:
      charlm demo
      charlm demo /tmp/demo
    """
    from charlm.cli.demo.session import run_all

    run_all(folder, force=force)
