"""An n-gram training from its texts to its model."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from charlm.api.ngram_training import fit
from charlm.cli.console import progress_bar
from charlm.cli.train import pruning
from charlm.cli.train.request import Request, save_and_tell
from charlm.files.locking import alone
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel


def train(options: Mapping[str, Any], **model: Any) -> None:
    """Train, and save the model; `model` are the fields of its configuration."""
    request = Request(**options)
    config = NgramConfig(**model)
    path = request.target("ngram")
    with alone(path):
        _train(request, config, path)


def _train(request: Request, config: NgramConfig, path: Path) -> None:
    began = perf_counter()
    with progress_bar() as report:
        data = request.read(report)
        trained = fit(data, config, report)
        model = trained.model
        assert isinstance(model, NgramModel)
        if model.pruned:
            pruning.tell(model, data, report)
    order, ngrams = model.order, sum(model.ngrams)
    what = f"an n-gram model of order {order} ({order + 1}-grams, {ngrams:,} in all)"
    save_and_tell(path, trained, data, what, perf_counter() - began)
