"""`charlm gradients`: are they right, and how far back do they reach?"""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    COUNT,
    FILE,
    GroupedCommand,
    grouped,
    reading_options,
    table_options,
)


@click.group()
def gradients() -> None:
    """Check gradients, and see how far back they reach.

    \b
    Examples:
      charlm gradients check
      charlm gradients flow book.rnn.charlm book.txt
    """


@gradients.command(cls=GroupedCommand)
@table_options("all errors as JSON", "all errors")
def check(asked: Asked) -> None:
    """Compare every gradient with numeric derivatives.

    In a small random network of each pattern, cell and activation, in float64; the error is
    ||analytic - numeric|| / (||analytic|| + ||numeric||), by parameter. The exit code is 1 if one
    is above 1e-6.

    \b
    Examples:
      charlm gradients check
      charlm gradients check --json
    """  # fmt: skip
    from charlm.cli.gradients.check import show_errors

    found = show_errors(asked)
    click.get_current_context().exit(found)


@gradients.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@click.argument("text", type=FILE, metavar="TEXT")
@grouped("Curve", "--lags", type=COUNT, default=100, help="How many symbols to look back.")
@table_options("the norms as JSON", "the norms")
@reading_options()
def flow(models: tuple[str, ...], text: str, lags: int, asked: Asked, **reading: Any) -> None:
    """Show how gradients vanish or explode, back through time.

    The norm of dl_t/dstate_(t-k), l_t the loss at one symbol in nats, as a root mean square over
    many t, by lag k. A network can learn from what lies k symbols back only if it has not vanished
    there.

    \b
    Examples:
      charlm gradients flow book.rnn.charlm book.txt
      charlm gradients flow elman.charlm gru.charlm lstm.charlm book.txt --lags 50
    """  # fmt: skip
    from charlm.cli.gradients.flow import show_flow

    show_flow(models, text, lags, asked, **reading)
