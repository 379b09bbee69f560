"""`charlm demo`: what charlm can do, in half a minute."""

import click

from charlm.cli.options import COUNT, FOLDER, GroupedCommand, force_option, grouped


@click.command(cls=GroupedCommand)
@grouped("Output", "-o", "--output", type=FOLDER, metavar="FOLDER", default="demo",
         help="Where texts and models go; it is made if it is not there.")  # fmt: skip
@force_option(None)
@grouped("Training", "--steps", type=COUNT, default=1200, help="Of the network; fewer are quicker.")
def demo(output: str, force: bool, steps: int) -> None:
    """Show what charlm can do, in half a minute.

    Both families are trained on Shakespeare, mixed, asked to speak, and compared, by commands that
    you can type yourself and that are shown.

    \b
    Examples:
      charlm demo
      charlm demo --steps 300 -o /tmp/demo
    """
    from charlm.cli.demo.session import run_all

    run_all(output, steps, force=force)
