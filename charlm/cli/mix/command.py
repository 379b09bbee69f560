"""`charlm mix`: several models as one, weighed by how well they do on held-out text."""

from typing import Any

import click

from charlm.cli.options import FILE, GroupedCommand, grouped, output_options, reading_options


@click.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@grouped(
    "Weights",
    "--tune",
    multiple=True,
    type=FILE,
    metavar="TEXT",
    help="Learn the weights on this text, which no model was trained on; may be repeated.",
)
@grouped(
    "Weights",
    "--held-out",
    multiple=True,
    type=FILE,
    metavar="TEXT",
    help="Or on the part of this text, which they were trained on, that the models held out "
    "(--valid-fraction).",
)
@grouped(
    "Weights",
    "--gate",
    is_flag=True,
    help="Let weights depend on what the models know: how sure each is, how long a context "
    "an n-gram has seen.",
)
@reading_options()
@output_options("<first model>.mixture.charlm")
def mix(
    models: tuple[str, ...],
    tune: tuple[str, ...],
    held_out: tuple[str, ...],
    gate: bool,
    output: str | None,
    force: bool,
    **reading: Any,
) -> None:
    """Mix models into one that is better than each of them.

    The weights are learnt on a text that the models were not trained on. The models are stored in
    the mixture as they are: they are not trained again on that text.

    \b
    Examples:
      charlm train ngram book.txt --valid-fraction 0.05
      charlm train rnn book.txt
      charlm mix book.ngram.charlm book.rnn.charlm --held-out book.txt -o both.charlm
      charlm mix book.ngram.charlm book.rnn.charlm --tune new.txt --gate -o both.charlm
      charlm perplexity both.charlm other.txt --adaptive
    """  # fmt: skip
    from charlm.cli.mix.session import mix

    mix(models, tune, held_out, output, gate=gate, force=force, **reading)
