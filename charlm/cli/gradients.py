"""`charlm gradients`: are they right, and how far back do they reach?"""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.charts import COLOURS, MARKS, PLAIN_MARKS, Curve, log_chart
from charlm.cli.console import console, one_line, print_json, print_table, say
from charlm.cli.options import COUNT, FILE, GroupedCommand, decoding_options, grouped

if TYPE_CHECKING:
    from charlm.arrays import Float64s

HEIGHT, WIDEST, LABEL = 16, 72, 7  # of the chart, and of what stands before it


@click.group()
def gradients() -> None:
    """Check gradients, and see how far back they reach.

    \b
    Examples:
      charlm gradients check
      charlm gradients flow book.rnn.charlm book.txt
    """


@gradients.command(cls=GroupedCommand)
@grouped("Output", "--json", "as_json", is_flag=True, help="Print all errors as JSON.")
def check(as_json: bool) -> None:
    """Compare every gradient with numeric derivatives.

    In a small random network of each pattern, cell and activation, in float64; the error is
    ||analytic - numeric|| / (||analytic|| + ||numeric||), by parameter. The exit code is 1 if one
    is above 1e-6.

    \b
    Examples:
      charlm gradients check
      charlm gradients check --json
    """  # fmt: skip
    from charlm.rnn.gradients import check

    results = [(config, check.errors_of(config)) for config in check.configurations()]
    worst = max(error for _, errors in results for error in errors.values())
    right = worst < check.TOLERANCE
    if as_json:
        rows = [{**config.describe(), "errors": errors} for config, errors in results]
        facts = {"schema": 1, "tolerance": check.TOLERANCE, "worst": worst, "right": right}
        print_json({**facts, "networks": rows})
    else:
        names = [" ".join(list(config.describe().values())[:2]) for config, _ in results]
        _show_errors(names, [errors for _, errors in results], check.TOLERANCE)
        verdict = "All gradients are right" if right else "Some gradients are wrong"
        click.echo(f"{verdict}: the largest error is {worst:.1e}.")
    click.get_current_context().exit(0 if right else 1)


def _show_errors(names: list[str], errors: list[dict[str, float]], tolerance: float) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    letters = list(dict.fromkeys(letter for row in errors for letter in row))
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for letter in letters:
        table.add_column(letter, justify="right", no_wrap=True)
    for name, row in zip(names, errors, strict=True):
        cells = [
            "" if letter not in row
            else Text(f"{row[letter]:.0e}", "" if row[letter] < tolerance else "bold red")
            for letter in letters
        ]  # fmt: skip
        table.add_row(name, *cells)
    print_table(table)


@gradients.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@click.argument("text", type=FILE, metavar="TEXT")
@grouped("Curve", "--lags", type=COUNT, default=100, help="How many symbols to look back.")
@grouped("Output", "--json", "as_json", is_flag=True, help="Print the norms as JSON.")
@decoding_options()
def flow(
    models: tuple[str, ...], text: str, lags: int, as_json: bool, encoding: str, errors: str
) -> None:
    """Show how gradients vanish or explode, back through time.

    The norm of dl_t/dstate_(t-k), l_t the loss at one symbol in nats, as a root mean square over
    many t, by lag k. A network can learn from what lies k symbols back only if it has not vanished
    there.

    \b
    Examples:
      charlm gradients flow book.rnn.charlm book.txt
      charlm gradients flow elman.charlm gru.charlm lstm.charlm book.txt --lags 50
    """  # fmt: skip
    from charlm import storage
    from charlm.errors import TextError, UsageError
    from charlm.rnn.gradients.flow import gradient_flow, halving
    from charlm.rnn.model import RnnModel
    from charlm.text import corpus

    (document,) = corpus.read([text], note=say)
    rows = []
    for name in models:
        trained = storage.load(name)
        if not isinstance(trained.model, RnnModel):
            raise UsageError(f"{name}: only recurrent networks have gradients through time")
        ids = trained.tokenizer.encode(document.text(trained.tokenizer.unit, encoding, errors))
        try:
            norms = gradient_flow(trained.model, ids, lags)
        except (TextError, UsageError) as error:
            raise error.about(name) from None
        rows.append((name, norms, halving(norms)))
    if as_json:
        print_json(_as_json(rows))
    else:
        _show_curves(rows)


Row = tuple[str, "Float64s", float]  # a model's name, its norms by lag, lags in which they halve


def _as_json(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "schema": 1,
        "models": [
            {"model": name, "norms": norms.tolist(), "halves_every": None if n == inf else n}
            for name, norms, n in rows
        ],
    }


def _show_curves(rows: Sequence[Row]) -> None:
    """Draw a chart, and say in a sentence what each curve shows."""
    from rich.text import Text

    target = console()
    marks = PLAIN_MARKS if target.options.ascii_only else MARKS
    curves = [
        Curve(name, norms.tolist(), marks[i % len(marks)], COLOURS[i % len(COLOURS)])
        for i, (name, norms, _) in enumerate(rows)
    ]
    width = max(10, min(WIDEST, target.width - LABEL - 3))
    target.print("norm of the gradient")
    for label, cells in log_chart(curves, width, HEIGHT):
        line = Text(
            f"{label:>{LABEL}} │" if not target.options.ascii_only else f"{label:>{LABEL}} |"
        )
        for character, colour in cells:
            line.append(character, colour)
        target.print(line, no_wrap=True, crop=False)
    last = len(rows[0][1]) - 1
    target.print(f"{'':>{LABEL}}  0{f'{last} symbols back':>{width - 1}}")
    for curve, (name, norms, n) in zip(curves, rows, strict=True):
        target.print(
            Text(curve.mark, curve.colour), Text(one_line(f"{name}: {sentence(norms, n)}"))
        )


def sentence(norms: "Float64s", halves: float) -> str:
    """Say what a curve shows."""
    last = len(norms) - 1
    reach = max((k for k, norm in enumerate(norms) if norm > 0), default=0)
    if reach == 0:
        return "nothing reaches back"
    end = f", nothing comes from more than {reach} symbols back" if reach < last else ""
    if halves == inf:
        return f"neither vanishes nor explodes over {reach} symbols{end}"
    number = f"{abs(halves):z.0f}" if abs(halves) >= 10 else f"{abs(halves):z.1f}"
    share = f"after {reach}, {norms[reach] / norms[0]:.1g} of it is left"
    if halves < 0:
        return f"doubles every {number} symbols: it explodes{end}"
    return f"halves every {number} symbols: {share}{end}"
