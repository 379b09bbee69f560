"""A network that hears itself: against a loop that feeds distributions by hand."""

import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.errors import UsageError
from charlm.reading import stepwise
from charlm.rnn.free_running import FreeRunningReader
from charlm.rnn.model import RnnModel
from tests.models import TEXT, make

NAMES = ["output-elman-tanh-file", "output-elman-tanh-line"]


def by_hand(model: RnnModel, steps: int) -> list[Float64s]:
    """P at each step of a sequence: s = a s + P of the step before, START first."""
    R, b, V, c = (model.parameters[name].astype(np.float64) for name in "RbVc")
    s, said = np.eye(model.vocab_size + 1)[-1], []
    for _ in range(steps):
        o = (V @ np.tanh(R @ s + b) + c)[1:]
        p = np.append(model.reserve, (1 - model.reserve) * np.exp(o) / np.exp(o).sum())
        said.append(np.log(p))
        s = model.config.trace_decay * s + np.append(p, 0)
    return said


@pytest.mark.parametrize("name", NAMES)
def test_it_hears_itself_alone(name: str) -> None:
    contents = make(name)
    model = contents.model
    assert isinstance(model, RnnModel)
    ids = contents.tokenizer.encode(TEXT[:200])
    said, step, expected = by_hand(model, 200), 0, []
    for symbol in ids.tolist():
        expected.append(said[step][symbol])
        step = 0 if symbol == model.end else step + 1
    np.testing.assert_allclose(FreeRunningReader(model).score(ids), expected, atol=1e-4)
    np.testing.assert_allclose(stepwise(FreeRunningReader(model), ids), expected, atol=1e-4)


def test_what_it_says_settles_and_is_then_kept_once() -> None:
    model = make(NAMES[0]).model
    reader = FreeRunningReader(model)
    reader.score(np.ones(5000, np.int32))
    assert len(reader._said) < 1000
    assert np.exp(reader.log_probs()).sum() == pytest.approx(1)


@pytest.mark.parametrize("name", ["hidden-elman-tanh-file", "witten-bell-4-file"])
def test_only_outputs_can_be_fed_back(name: str) -> None:
    with pytest.raises(UsageError, match="output pattern"):
        FreeRunningReader(make(name).model)
