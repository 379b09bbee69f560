"""`charlm mix`: several models as one, weighed by how well they do on held-out text."""

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import click

from charlm.cli.console import progress_bar, say, say_next
from charlm.cli.files import refuse_input_as_output
from charlm.cli.mix import tuning_text
from charlm.cli.options import FILE, GroupedCommand, decoding_options, grouped, output_options

if TYPE_CHECKING:
    from charlm.trained import TrainedModel


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
@decoding_options()
@output_options("<first model>.mixture.charlm")
def mix(
    models: tuple[str, ...],
    tune: tuple[str, ...],
    held_out: tuple[str, ...],
    gate: bool,
    encoding: str,
    errors: str,
    output: str | None,
    force: bool,
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
    from charlm import storage
    from charlm.api.training import mixed
    from charlm.cli.files import model_path

    began = perf_counter()
    _check(tune, held_out, encoding, errors)
    path = model_path(models[0], output, "mixture", force=force)
    refuse_input_as_output(str(path), *models, *tune, *held_out)
    members = [storage.load(name) for name in models]
    named = dict(zip(models, members, strict=True))
    if tune:
        tuning = tuning_text.read(named, tune, encoding, errors)
    else:
        tuning = tuning_text.held_out(named, held_out)
    with progress_bar() as report:
        trained = mixed(members, tuning.documents, tuning.texts, gate=gate, report=report)
    storage.save(path, trained)
    say(f"Mixed {len(models)} models in {perf_counter() - began:z.1f} s.")
    _tell_figures(models, members, trained, tuning.texts)
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("sample", path)


def _check(tune: Sequence[str], held_out: Sequence[str], encoding: str, errors: str) -> None:
    from charlm.errors import UsageError
    from charlm.text.training_set import Decoding

    if bool(tune) == bool(held_out):
        raise UsageError("say what to learn the weights on: either --tune or --held-out")
    if held_out and Decoding(encoding, errors) != Decoding():
        raise UsageError(
            "--held-out decodes texts as the models did; leave out --encoding and --errors"
        )


def _tell_figures(
    models: tuple[str, ...],
    members: list["TrainedModel"],
    mixture: "TrainedModel",
    texts: Sequence[str],
) -> None:
    """Print what each model needs for the tuning text, its weight, and what all need together."""
    from charlm.evaluation.bits import evaluate, total
    from charlm.mixture.model import MixtureModel

    assert isinstance(mixture.model, MixtureModel)
    weights = [f", weight {weight:z.3f}" for weight in mixture.model.gate.weights]
    for name, trained, weight in zip(
        (*models, "The mixture"), (*members, mixture), (*weights, ""), strict=True
    ):
        result = total([evaluate(trained, text) for text in texts])
        bits, unit = result.bits_per_char, "char"
        if bits is None:
            bits, unit = result.bits_per_byte, "byte"
        say(f"{name}: {bits:z.3f} bits/{unit} on the tuning text{weight}")
