"""`charlm mix`: several models as one, weighed by how well they do on held-out text."""

from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import progress_bar, say
from charlm.cli.options import GroupedCommand, decoding_options, grouped, output_options

if TYPE_CHECKING:
    from charlm.arrays import Ids
    from charlm.mixture.model import MixtureModel
    from charlm.progress import Report
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document
    from charlm.text.tokenizer import Tokenizer


@click.command(cls=GroupedCommand)
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@grouped(
    "Weights",
    "--tune",
    multiple=True,
    required=True,
    metavar="TEXT",
    help="Learn the weights on this text, which no model was trained on; may be repeated.",
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
    gate: bool,
    encoding: str,
    errors: str,
    output: str | None,
    force: bool,
) -> None:
    """Mix models into one that is better than each of them; they are stored inside it.

    The weights are learnt on a text that the models were not trained on. The models stay as they
    are: they are not trained again on that text.

    \b
    Examples:
      charlm mix book.ngram.charlm book.rnn.charlm --tune held-out.txt -o both.charlm
      charlm mix book.ngram.charlm book.rnn.charlm --tune held-out.txt --gate -o both.charlm
      charlm perplexity both.charlm other.txt --adaptive
    """  # fmt: skip
    from charlm import mixture, storage
    from charlm.cli.training import model_path
    from charlm.errors import UsageError
    from charlm.text import corpus

    began = perf_counter()
    if len(models) < 2:
        raise UsageError("a mixture needs two models or more")
    path = model_path(models[0], output, "mixture", force=force)
    members = [storage.load(name) for name in models]
    documents = corpus.read(tune)
    _warn_if_seen(models, members, documents)
    tokenizer = mixture.unite([member.tokenizer for member in members])
    texts = [document.text(tokenizer.unit, encoding, errors) for document in documents]
    ids = [tokenizer.encode(text) for text in texts]
    with progress_bar() as report:
        model = _fit(members, tokenizer, ids, gate, report)
    record = _record(members, documents, sum(map(len, ids)))
    contents = storage.ModelFile(model, tokenizer, record)
    storage.save(path, contents)
    say(f"Mixed {len(models)} models in {perf_counter() - began:.1f} s.")
    _tell_figures(models, members, contents, texts)
    say(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB).")
    say(f"Next: charlm sample {path}")


def _fit(
    members: list["ModelFile"],
    tokenizer: "Tokenizer",
    ids: list["Ids"],
    gated: bool,
    report: "Report",
) -> "MixtureModel":
    from charlm.mixture import fit, member

    united = [member(one.model, one.tokenizer, tokenizer) for one in members]
    return fit(united, tokenizer.end, ids, gated=gated, report=report)


def _warn_if_seen(
    models: tuple[str, ...], members: list["ModelFile"], documents: list["Document"]
) -> None:
    for name, member in zip(models, members, strict=True):
        seen = {text["sha256"] for text in member.training.get("texts", [])}
        for document in documents:
            if document.sha256 in seen:
                say(
                    f"Warning: {name} was trained on {document.name}; its weight is too large. "
                    "Tune on a text that no model has seen."
                )


def _record(
    members: list["ModelFile"], documents: list["Document"], symbols: int
) -> dict[str, Any]:
    """Tell what the mixture has seen, as `perplexity` warns about it, and what tuned it."""
    import numpy as np

    from charlm import __version__

    tuning = [
        {"sha256": sha256, "bytes": size} for sha256, size in (d.fingerprint for d in documents)
    ]
    seen = {text["sha256"]: text for m in members for text in m.training.get("texts", [])}
    seen |= {text["sha256"]: text for text in tuning}
    return {
        "charlm": __version__,
        "numpy": np.__version__,
        "texts": list(seen.values()),
        "tuning": tuning,
        "tuning_symbols": symbols,
        "members": [dict(member.training) for member in members],
    }


def _tell_figures(
    models: tuple[str, ...], members: list["ModelFile"], mixture: "ModelFile", texts: list[str]
) -> None:
    """Print what each model needs for the tuning text, its weight, and what all need together."""
    from charlm.evaluation import evaluate, total
    from charlm.mixture.model import MixtureModel

    assert isinstance(mixture.model, MixtureModel)
    weights = [f", weight {weight:.3f}" for weight in mixture.model.gate.weights]
    for name, contents, weight in zip(
        (*models, "The mixture"), (*members, mixture), (*weights, ""), strict=True
    ):
        result = total([evaluate(contents, text) for text in texts])
        bits, unit = result.bits_per_char, "char"
        if bits is None:
            bits, unit = result.bits_per_byte, "byte"
        say(f"{name}: {bits:.3f} bits/{unit} on the tuning text{weight}")
