"""The training of one n-gram model: from texts that are prepared to the model and its record."""

from dataclasses import replace

from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.progress import Report, silent
from charlm.text.training_set import TrainingSet
from charlm.trained import Record, TrainedModel


def fit(data: TrainingSet, config: NgramConfig, report: Report = silent) -> TrainedModel:
    """Train an n-gram model.

    Raises:
        TextError: there is nothing to learn.
        UsageError: no smoother has that name.
    """
    model = estimation.fit(Sequences.of(data), config, report)
    record = Record.of(data)
    if not data.hold_out.fraction:  # so that texts in any order, and their counts, give one model
        record = replace(record, texts=tuple(sorted(data.texts)))
    return TrainedModel(model, data.tokenizer, record)
