"""`charlm gradients`: are they right, and how far back do they reach?"""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    Numbers,
    RegistryChoice,
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
      charlm gradients trace --text abc
      charlm gradients flow book.rnn.charlm book.txt
      charlm gradients flow --scale 0.5,1,1.5
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
@click.argument("model", type=FILE, metavar="[MODEL]", required=False)
@grouped("Text", "--text", default="abc", metavar="TEXT", help="A word of a few letters.")
@grouped("Network", "--hidden", type=COUNT, default=2, help="Units, where no model is given.")
@grouped(
    "Network",
    "--activation",
    type=RegistryChoice("charlm.rnn.cells.elman:ACTIVATIONS"),
    default="linear",
    help="What h_t is applied to, where no model is given.",
)
@grouped(
    "Network",
    "--seed",
    type=NATURAL,
    default=0,
    help="Seed of the parameters, where no model is given.",
)
@table_options("every number as JSON", "every number")
def trace(
    model: str | None, text: str, hidden: int, activation: str, seed: int, asked: Asked
) -> None:
    """Follow a word through a network and back, every number.

    x_t, h_t, o_t, p_t and the loss; then back-propagation through time: dL/do_t, dL/dh_t and how
    dL/dW is summed, beside the closed form and the numeric derivative. Of an elman network of one
    layer; without a MODEL of a small one, made for paper: its parameters are tenths, and the
    letters of the word are all it knows.

    \b
    Examples:
      charlm gradients trace --text abc
      charlm gradients trace --text abab --hidden 1 --activation tanh
      charlm gradients trace tiny.rnn.charlm --text abc --json
    """  # fmt: skip
    from charlm.cli.gradients.trace import show_trace

    show_trace(model, text, hidden, activation, seed, asked)


@gradients.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="[MODEL...]", nargs=-1)
@click.argument("text", type=FILE, metavar="[TEXT]", required=False)
@grouped("Curve", "--lags", type=COUNT, default=100, help="How many symbols to look back.")
@grouped(
    "Untrained",
    "--scale",
    type=Numbers(),
    metavar="S,...",
    help="Instead of models: networks that have learnt nothing, the largest singular value of "
    "W being each of these.",
)
@grouped(
    "Untrained",
    "--draw",
    type=RegistryChoice("charlm.rnn.gradients.untrained:DRAWS"),
    default="orthogonal",
    help="How W is drawn: all singular values alike, or not.",
)
@grouped("Untrained", "--hidden", type=COUNT, default=32, help="Units of the untrained networks.")
@grouped(
    "Untrained",
    "--activation",
    type=RegistryChoice("charlm.rnn.cells.elman:ACTIVATIONS"),
    default="linear",
    help="What their h_t is applied to.",
)
@grouped("Untrained", "--seed", type=NATURAL, default=0, help="Seed of the untrained networks.")
@table_options("the norms as JSON", "the norms")
@grouped("Output", "--svg", type=FILE, metavar="FILE", help="Draw the curves as a picture.")
@reading_options()
def flow(
    models: tuple[str, ...],
    text: str | None,
    lags: int,
    scale: tuple[float, ...] | None,
    draw: str,
    hidden: int,
    activation: str,
    seed: int,
    asked: Asked,
    svg: str | None,
    **reading: Any,
) -> None:
    """Show how gradients vanish or explode, back through time.

    The norm of dl_t/dstate_(t-k), l_t the loss at one symbol in nats, as a root mean square over
    many t, by lag k. A network can learn from what lies k symbols back only if it has not vanished
    there. With --scale no model and no text is wanted: W of untrained networks is scaled, and
    random symbols are read.

    \b
    Examples:
      charlm gradients flow book.rnn.charlm book.txt
      charlm gradients flow elman.charlm gru.charlm lstm.charlm book.txt --lags 50
      charlm gradients flow --scale 0.5,1,1.5 --lags 20 --svg flow.svg
    """  # fmt: skip
    from charlm.cli.gradients.flow import show_flow, show_untrained

    if scale is not None:
        if text is not None:
            raise click.UsageError("--scale is for untrained networks: give no model and no text.")
        show_untrained(scale, draw, hidden, activation, seed, lags, asked, svg)
    elif text is None or not models:
        raise click.UsageError("Missing argument: MODEL... TEXT, or --scale.")
    else:
        show_flow(models, text, lags, asked, svg, **reading)
