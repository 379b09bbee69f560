"""Workers share a batch, and nobody can tell from the result."""

import numpy as np
import pytest

from charlm.arrays import Floats
from charlm.parallel import processes
from charlm.rnn.layers.dropout import DropoutMasks
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import State
from charlm.rnn.training.workers import Workers
from tests.rnn.setting import CONFIGURATIONS, Setting, T, learn, setting

STREAMS = 5  # uneven for two workers and for three


@pytest.fixture(params=["processes", "threads"])
def crew(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers of each kind that the system has."""
    available = request.param == "processes"
    if available and not processes.AVAILABLE:
        pytest.skip("processes cannot be copied here")
    monkeypatch.setattr(processes, "AVAILABLE", available)


def share(case: Setting, number: int, masks: bool = False) -> tuple[float, Parameters, State]:
    """Learn from the window with some workers."""
    drawn = [DropoutMasks(0.5, (1, worker), np.float64) for worker in range(number)]
    with Workers(case.network, case.parameters, T, STREAMS, number) as workers:
        return workers.learn(*case[2:], masks=drawn if masks else None)


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("number", [1, 2, 3, STREAMS])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_workers_change_nothing(name: str, number: int) -> None:
    case = setting(CONFIGURATIONS[name], streams=STREAMS)
    expected_loss, expected, expected_state = learn(case)
    loss, gradients, state = share(case, number)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(gradients.flat, expected.flat, rtol=1e-10, atol=1e-13)
    for part, expected_part in zip(state, expected_state, strict=True):
        np.testing.assert_allclose(part, expected_part, rtol=1e-12)


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_same_number_gives_the_same_bits(number: int, masks: bool) -> None:
    case = setting(CONFIGURATIONS["hidden-gru-tanh-layers"], streams=STREAMS)
    losses, flats = set(), set()
    for _ in range(10):
        loss, gradients, _ = share(case, number, masks)
        losses.add(loss)
        flats.add(gradients.flat.tobytes())
    assert len(losses) == len(flats) == 1


class Drawer:
    """Drops nothing, but counts on being asked for so many masks of one shape."""

    def __init__(self, *shapes: tuple[int, ...]):
        self._shapes = list(shapes)

    def __call__(self, shape: tuple[int, ...]) -> Floats:
        assert shape == self._shapes.pop(0)
        return np.ones(shape)


@pytest.mark.usefixtures("crew")
def test_each_worker_draws_its_own_masks() -> None:
    """Two layers, two masks each, of its own streams."""
    case = setting(CONFIGURATIONS["hidden-lstm-tanh-layers"], streams=STREAMS)
    drawers = [Drawer((T, 3, 2), (T, 3, 2)), Drawer((T, 3, 3), (T, 3, 3))]
    with Workers(case.network, case.parameters, T, STREAMS, 2) as workers:
        loss, _, _ = workers.learn(*case[2:], masks=drawers)
    assert loss == pytest.approx(learn(case)[0], rel=1e-12)  # nothing was dropped


@pytest.mark.parametrize("masks", [False, True])
def test_processes_and_threads_give_the_same_bits(
    masks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = setting(CONFIGURATIONS["hidden-gru-tanh-layers"], streams=STREAMS)
    loss, gradients, state = share(case, 3, masks)
    monkeypatch.setattr(processes, "AVAILABLE", False)
    assert share(case, 3, masks)[0] == loss
    np.testing.assert_array_equal(share(case, 3, masks)[1].flat, gradients.flat)
    np.testing.assert_array_equal(share(case, 3, masks)[2], state)


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("number", [1, 2])
def test_workers_treat_overflow_as_their_caller_does(number: int) -> None:
    """The last stream alone overflows."""
    case = setting(CONFIGURATIONS["hidden-elman-linear"], streams=STREAMS)
    case.inputs[:] = 0
    case.inputs[0, -1] = 1
    case.parameters.flat[:] = 0
    case.parameters["U"][:, 1] = case.parameters["V"][:] = 1e200
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        share(case, number)
    with np.errstate(all="ignore"):
        assert not np.isfinite(share(case, number)[0])
