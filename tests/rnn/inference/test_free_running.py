"""A network that hears itself: against a loop that feeds distributions by hand."""

import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.errors import UsageError
from charlm.model import stepwise
from charlm.rnn.config import RnnConfig
from charlm.rnn.inference import free_running
from charlm.rnn.inference.free_running import FreeRunningReader
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import get
from tests.support.models import TEXT, make

NAMES = ["output-elman-tanh-file", "output-elman-tanh-line"]


def by_hand(model: RnnModel, steps: int) -> list[Float64s]:
    """P at each step of a sequence: s = a s + P of the step before, START first."""
    R, b, V, c = (model.parameters[name].astype(np.float64) for name in "RbVc")
    s, said = np.eye(model.vocab_size + 1)[-1], []
    for _ in range(steps):
        h = R @ s + b
        o = (V @ (np.tanh(h) if model.config.activation == "tanh" else h) + c)[1:]
        p = np.append(model.reserve, (1 - model.reserve) * np.exp(o) / np.exp(o).sum())
        said.append(np.log(p))
        s = model.config.trace_decay * s + np.append(p, 0)
    return said


@pytest.mark.parametrize("name", NAMES)
def test_a_free_running_network_hears_itself_alone(name: str) -> None:
    trained = make(name)
    model = trained.model
    assert isinstance(model, RnnModel)
    ids = trained.tokenizer.encode(TEXT[:200])
    said, step, expected = by_hand(model, 200), 0, []
    for symbol in ids.tolist():
        expected.append(said[step][symbol])
        step = 0 if symbol == model.end else step + 1
    np.testing.assert_allclose(FreeRunningReader(model).score(ids), expected, atol=1e-4)
    np.testing.assert_allclose(stepwise(FreeRunningReader(model), ids), expected, atol=1e-4)


def test_free_running_predictions_that_settle_are_kept_once() -> None:
    model = make(NAMES[0]).model
    reader = FreeRunningReader(model)
    reader.score(np.ones(5000, np.int32))
    assert len(reader._said) < 1000
    assert reader._first.settled
    assert np.exp(reader.log_probs()).sum() == pytest.approx(1)


V = 9


def drifting() -> RnnModel:
    """Feedback sums up almost for ever, and moves the outputs by 1e-9 a step."""
    config = RnnConfig("output", activation="linear", hidden=6, trace_decay=1 - 1e-7)
    arrays = get(V, config).initialize(np.random.default_rng(1))
    arrays["R"] *= 5e-10
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    return RnnModel(config, V, V - 1, 0.01, parameters)


def test_a_slow_drift_is_not_taken_for_the_end_of_all_change() -> None:
    model, steps = drifting(), 10_000
    expected = np.array(by_hand(model, steps))  # (T, V)
    assert 0 < np.abs(np.diff(expected, axis=0)).max() < 1e-9
    assert np.ptp(expected, axis=0).max() > 1e-6
    for symbol in (0, 3):
        scored = FreeRunningReader(model).score(np.full(steps, symbol, np.int32))
        np.testing.assert_allclose(scored, expected[:, symbol], rtol=0, atol=1e-10)


def test_long_sequences_go_on_beyond_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    model = drifting()
    ids = np.full(300, 3, np.int32)
    ids[[100, 220]] = V - 1  # END
    whole = FreeRunningReader(model).score(ids)
    monkeypatch.setattr(free_running, "KEPT", 40 * model.vocab_size)
    reader = FreeRunningReader(model)
    np.testing.assert_array_equal(reader.score(ids), whole)
    assert len(reader._said) == 41
    for _ in range(60):  # nobody asks in between
        reader.observe(3)
    assert reader.log_probs() == pytest.approx(by_hand(model, 140)[-1], abs=1e-10)


@pytest.mark.parametrize("name", ["hidden-elman-tanh-file", "witten-bell-4-file"])
def test_only_outputs_can_be_fed_back(name: str) -> None:
    with pytest.raises(UsageError, match="output pattern"):
        FreeRunningReader(make(name).model)
