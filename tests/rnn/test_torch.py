"""Beside torch: the same training curves."""

import json
from pathlib import Path

import numpy as np
import pytest

from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.training.loop import MEMORY, go_on, start
from charlm.rnn.training.run import Run, Texts
from tests.rnn.torch_case import CONFIGURATIONS, TEXT, TRAINING, VOCAB_SIZE, first_parameters

RECORDED = json.loads(Path(__file__).with_name("torch_curves.json").read_text())["curves"]


def curve(config: RnnConfig) -> list[float]:
    """Train; give the loss of each step, which is what it adds to the running loss."""
    texts = Texts((TEXT,), (), VOCAB_SIZE)
    initial = RnnModel(config, VOCAB_SIZE, None, 0.1, first_parameters(config))
    running = [0.0]

    def watch(run: Run) -> bool:
        running.append(run.loss)
        return False

    go_on(start(texts, config, TRAINING, initial), texts, watch=watch)
    before, after = np.array(running[:-1]), np.array(running[1:])
    return list((after - MEMORY * before) / (1 - MEMORY))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_training_follows_torch(name: str) -> None:
    """Over 100 steps, each loss within 1e-4 nats, while the loss falls by far more."""
    losses = curve(CONFIGURATIONS[name])
    np.testing.assert_allclose(losses, RECORDED[name], rtol=0, atol=1e-4)
    assert losses[-1] < losses[0] - 0.2
