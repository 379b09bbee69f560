"""`charlm plot`: how networks learnt, as a picture."""

import click

from charlm.cli.options import FILE, GroupedCommand, force_option, grouped


@click.command(cls=GroupedCommand)
@click.argument("logs", type=FILE, metavar="LOG...", nargs=-1, required=True)
@grouped(
    "Output",
    "-o",
    "--output",
    type=FILE,
    metavar="FILE",
    help="The picture, an SVG.  [default: <first log>.svg]",
)
@force_option("a picture of charlm")
def plot(logs: tuple[str, ...], output: str | None, force: bool) -> None:
    """Draw how networks learnt: bits per symbol by step.

    In training and held out, from the logs that `charlm train rnn --log` writes, one or several
    side by side. Training losses are those of batches, and are smoothed.

    \b
    Examples:
      charlm train rnn book.txt --cell gru --log gru.jsonl
      charlm train rnn book.txt --cell lstm --log lstm.jsonl
      charlm plot gru.jsonl lstm.jsonl -o curves.svg
    """  # fmt: skip
    from charlm.cli.plot.runs import draw

    draw(logs, output, force=force)
