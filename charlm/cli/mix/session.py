"""A mixture from the models' files to its own: tuned, saved, and held against its members."""

from collections.abc import Sequence
from time import perf_counter

from charlm import storage
from charlm.api.mixing import mixed, refuse_unless_one
from charlm.cli.console import progress_bar, say, say_next
from charlm.cli.files import model_path, refuse_input_as_output
from charlm.cli.mix import tuning_text
from charlm.cli.wording import option
from charlm.errors import UsageError
from charlm.evaluation.documents import evaluate_all
from charlm.files.locking import alone
from charlm.mixture.model import MixtureModel
from charlm.text.decoding import Decoding
from charlm.text.naming import expand
from charlm.text.rows import RowOptions
from charlm.trained import TrainedModel


def mix(
    models: Sequence[str],
    tune: Sequence[str],
    held_out: Sequence[str],
    output: str | None,
    *,
    gate: bool,
    force: bool,
    encoding: str,
    errors: str,
    column: str | None,
    as_text: bool,
) -> None:
    """Mix models, save the mixture, and say how well each does on the tuning text."""
    began = perf_counter()
    refuse_unless_one(tune, held_out, option)
    if held_out and Decoding(encoding, errors) != Decoding():
        raise UsageError(
            "--held-out decodes texts as the models did; leave out --encoding and --errors"
        )
    path = model_path(models[0], output, "mixture", force=force)
    names, rows = expand(tune or held_out, say), RowOptions(column, as_text)
    refuse_input_as_output(str(path), *models, *names)
    with alone(path):
        members = [storage.load(name) for name in models]
        named = dict(zip(models, members, strict=True))
        if tune:
            tuning = tuning_text.read(named, names, rows, Decoding(encoding, errors))
        else:
            tuning = tuning_text.held_out(named, names, rows)
        with progress_bar() as report:
            trained = mixed(members, tuning.documents, tuning.texts, gate=gate, report=report)
        storage.save(path, trained)
    say(f"Mixed {len(models)} models in {perf_counter() - began:z.1f} s.")
    _tell_figures(models, members, trained, tuning.texts)
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("sample", path)


def _tell_figures(
    models: Sequence[str],
    members: Sequence[TrainedModel],
    mixture: TrainedModel,
    texts: Sequence[str],
) -> None:
    """Print what each model needs for the tuning text, its weight, and what all need together."""
    assert isinstance(mixture.model, MixtureModel)
    weights = [f", weight {weight:z.3f}" for weight in mixture.model.gate.weights]
    for name, trained, weight in zip(
        (*models, "The mixture"), (*members, mixture), (*weights, ""), strict=True
    ):
        result = evaluate_all(trained, texts)
        bits = f"{result.bits_per_unit:z.3f} bits/{result.unit}"
        say(f"{name}: {bits} on the tuning text{weight}")
