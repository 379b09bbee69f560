"""An n-gram training from its texts to its model."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from charlm import storage
from charlm.api.calibrating import calibrated
from charlm.api.counting import load_alike
from charlm.api.ngram_training import fit, fit_counts
from charlm.cli.console import progress_bar
from charlm.cli.machine import Machine
from charlm.cli.train import pruning
from charlm.cli.train.request import Request, tell
from charlm.errors import UsageError
from charlm.files.locking import alone, is_special
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.ranges.surveying import surveyor
from charlm.storage import holds_counts
from charlm.trained import TrainedModel

# Of the options those that say how texts are read, which counts know.
OF_TEXTS = (
    "unit", "sequence", "normalize", "lowercase", "newlines", "encoding", "errors", "column",
    "as_text", "valid", "valid_fraction", "seed",
)  # fmt: skip


def train(options: Mapping[str, Any], **model: Any) -> None:
    """Train, and save the model; `model` are the fields of its configuration."""
    machine, others = Machine.among(options)
    request = Request(**others)
    config = NgramConfig(**model)
    path = request.target("ngram")
    with alone(path):
        on_counts = any(map(holds_counts, request.names))
        with machine.resources(path) as using:
            (_train_on_counts if on_counts else _train)(request, config, using, path)


def _train_on_counts(request: Request, config: NgramConfig, using: Resources, path: Path) -> None:
    """Train on files of counts, which know how their texts were treated.

    Raises:
        UsageError: texts are among them, or an option says how texts are to be treated.
    """
    if texts := [text for text in request.names if not holds_counts(text)]:
        raise UsageError(f"{texts[0]}: holds no counts; `charlm count` makes them of a text")
    if typed := request.typed(OF_TEXTS):
        raise UsageError(f"counts hold how their texts were read; leave out {', '.join(typed)}")
    began = perf_counter()
    with progress_bar() as report:
        counted = load_alike(request.names)
        written = None if is_special(path) else path
        trained = fit_counts(counted, config, request.min_count, report, using, written)
        if written is None:
            storage.save(path, trained)
    tell(path, trained, (), _described(trained), perf_counter() - began)


def _train(request: Request, config: NgramConfig, using: Resources, path: Path) -> None:
    began = perf_counter()
    with progress_bar() as report:
        data = request.read(report, surveyor=surveyor(using, report))
        trained = fit(data, config, report, using, None if is_special(path) else path)
        if is_special(path) or data.held_out:
            trained = calibrated(trained, data.held_out)
            storage.save(path, trained)
        seconds = perf_counter() - began
        model = trained.model
        assert isinstance(model, NgramModel)
        if model.pruned:
            pruning.tell(model, data, using, report)
    tell(path, trained, data.held_out, _described(trained), seconds)


def _described(trained: TrainedModel) -> str:
    model = trained.model
    assert isinstance(model, NgramModel)
    order, ngrams = model.order, sum(model.ngrams)
    return f"an n-gram model of order {order} ({order + 1}-grams, {ngrams:,} in all)"
