"""`charlm identify`: which model explains each line of a text best."""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    FILE,
    GroupedCommand,
    grouped,
    reading_options,
    table_options,
)


@click.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@click.argument("text", type=FILE, metavar="TEXT")
@grouped("Output", "--summary", is_flag=True, help="Only say how many lines each model explains.")
@table_options("a JSON object for each line")
@reading_options()
def identify(
    models: tuple[str, ...], text: str, summary: bool, asked: Asked, **reading: Any
) -> None:
    """Say which of several models explains each line best.

    So languages are told apart, and authors. Each line is judged on its own. The margin is how many
    bits fewer the best model needs than the next one: with 10 bits, the line is 1024 times as
    likely by the best. Models of any unit can be compared: beside others, a model of bytes reads
    the text in UTF-8, however the file is encoded. For short lines, train with --sequence line:
    where a line starts and how is a hint. Into a pipe goes a table of tab-separated values, and the
    summary to standard error.

    \b
    Examples:
      charlm identify austen.charlm shakespeare.charlm letter.txt
      charlm identify en.charlm fr.charlm de.charlm mail.txt --summary
      charlm identify en.charlm fr.charlm de.charlm mail.txt -o mail.csv
      echo "To be or not" | charlm identify austen.charlm shakespeare.charlm -
    """  # fmt: skip
    from charlm.cli.identify.showing import show

    show(models, text, asked, summary=summary, **reading)
