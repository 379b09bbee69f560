"""`charlm identify`: which model explains each line of a text best."""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    FILE,
    FRACTION,
    GroupedCommand,
    grouped,
    reading_options,
    table_options,
)


@click.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@click.argument("text", type=FILE, metavar="TEXT")
@grouped("Open set", "--open", "open_set", is_flag=True,
         help="Leave to nobody lines that are of none of these kinds.")  # fmt: skip
@grouped("Open set", "--false-alarms", type=FRACTION, default=0.01,
         help="Share of lines of their kinds that may be refused, 0.001 to 0.1.")  # fmt: skip
@grouped("Open set", "--held-out", multiple=True, type=FILE, metavar="TEXT",
         help="Text of a model's kind that it has not seen; once for each model, in their order.  "
         "[default: what was held out in training]")  # fmt: skip
@grouped("Output", "--summary", is_flag=True, help="Only say how many lines each model explains.")
@table_options("a JSON object for each line")
@reading_options()
def identify(
    models: tuple[str, ...],
    text: str,
    open_set: bool,
    false_alarms: float,
    held_out: tuple[str, ...],
    summary: bool,
    asked: Asked,
    **reading: Any,
) -> None:
    """Say which of several models explains each line best.

    So languages are told apart, and authors. Each line is judged on its own. The margin is how many
    bits fewer the best model needs than the next one: with 10 bits, the line is 1024 times as
    likely by the best. Models of any unit can be compared: beside others, a model of bytes reads
    the text in UTF-8, however the file is encoded. For short lines, train with --sequence line:
    where a line starts and how is a hint. Into a pipe goes a table of tab-separated values, and the
    summary to standard error.

    With --open a line may be of no kind at all: gibberish, or another language. It then costs its
    best model more bits, for its length, than all but a hundredth of that model's held-out text
    did; z is by how many standard deviations. One model is enough. Models trained with
    --valid-fraction 0.1 know what is typical of their kind; for others give --held-out texts.

    \b
    Examples:
      charlm identify austen.charlm shakespeare.charlm letter.txt
      charlm identify en.charlm fr.charlm de.charlm mail.txt --summary
      charlm identify en.charlm fr.charlm de.charlm mail.txt -o mail.csv
      charlm identify en.charlm fr.charlm mail.txt --open
      echo "To be or not" | charlm identify austen.charlm shakespeare.charlm -
    """  # fmt: skip
    from charlm.cli.identify.showing import show

    rate = false_alarms if open_set or held_out else None
    show(models, text, asked, rate=rate, held_out=held_out, summary=summary, **reading)
