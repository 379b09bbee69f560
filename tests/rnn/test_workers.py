"""Workers share a batch, and nobody can tell from the result."""

import numpy as np
import pytest

from charlm.arrays import Floats
from charlm.rnn.dropout import DropoutMasks
from charlm.rnn.networks import State
from charlm.rnn.parameters import Parameters
from charlm.rnn.workers import Workers
from tests.rnn.setting import CONFIGURATIONS, Setting, T, learn, setting

STREAMS = 5  # uneven for two workers and for three


def share(case: Setting, number: int, masks: bool = False) -> tuple[float, Parameters, State]:
    """Learn from the window with some workers."""
    drawn = [DropoutMasks(0.5, (1, worker), np.float64) for worker in range(number)]
    with Workers(case.network, T, STREAMS, number, np.float64) as workers:
        return workers.learn(*case[1:], masks=drawn if masks else None)


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


def test_each_worker_draws_its_own_masks() -> None:
    """Two layers, two masks each, of its own streams."""

    class Recording:
        def __init__(self) -> None:
            self.shapes: list[tuple[int, ...]] = []

        def __call__(self, shape: tuple[int, ...]) -> Floats:
            self.shapes.append(shape)
            return np.ones(shape)

    case = setting(CONFIGURATIONS["hidden-lstm-tanh-layers"], streams=STREAMS)
    drawers = [Recording(), Recording()]
    with Workers(case.network, T, STREAMS, 2, np.float64) as workers:
        loss, _, _ = workers.learn(*case[1:], masks=drawers)
    assert [drawer.shapes for drawer in drawers] == [[(T, 3, 2)] * 2, [(T, 3, 3)] * 2]
    assert loss == pytest.approx(learn(case)[0], rel=1e-12)  # nothing was dropped


@pytest.mark.parametrize("number", [1, 2])
def test_threads_treat_overflow_as_their_caller_does(number: int) -> None:
    case = setting(CONFIGURATIONS["hidden-elman-linear"], streams=STREAMS)
    case.parameters.flat[:] = 1e200
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        share(case, number)
    with np.errstate(all="ignore"):
        assert not np.isfinite(share(case, number)[0])
