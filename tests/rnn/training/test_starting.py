"""How a run starts: from parameters of another order, for passes over the text."""

import numpy as np

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.training.loop import start
from charlm.rnn.training.run import Texts
from tests.support.models import training_set
from tests.support.training import fit

DATA = training_set()
TEXTS = Texts.of(DATA)
SMALL = RnnConfig(cell="gru", hidden=9, layers=2)


def test_a_run_starts_from_a_model_whatever_the_order_of_its_arrays() -> None:
    model = fit(TEXTS, SMALL, TrainingConfig(steps=3)).model
    shuffled = RnnModel.from_arrays(model.settings(), dict(reversed(model.arrays().items())))
    ids = DATA.train[0][:300]
    for initial in (model, shuffled):
        started = start(TEXTS, SMALL, TrainingConfig(steps=1), initial)
        np.testing.assert_array_equal(started.model().score(ids)[0], model.score(ids)[0])
        assert list(started.parameters) == sorted(model.network.shapes())


def test_epochs_become_steps() -> None:
    training = TrainingConfig(epochs=2.0, batch=4, window=16)
    assert fit(TEXTS, SMALL, training).plan.steps == -(-2 * len(DATA.train[0]) // 64)
