"""A training in one go: what the tests of networks begin with."""

from charlm.progress import Report, silent
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.run import Texts, Trained, result


def fit(
    texts: Texts, config: RnnConfig, training: TrainingConfig, report: Report = silent
) -> Trained:
    run = start(texts, config, training)
    go_on(run, texts, report)
    return result(run)
