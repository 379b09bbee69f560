"""A batch in parts: what they change, and that nobody can tell from the result who learnt them."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from charlm.arrays import Floats
from charlm.errors import UsageError
from charlm.parallel import processes
from charlm.rnn.layers.dropout import DropoutMasks
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Masks, State
from charlm.rnn.training.parts import divided, joined, streams_of_parts
from charlm.rnn.training.reduction import LocalReduction, here
from tests.rnn.setting import CONFIGURATIONS, Setting, T, learn, setting

STREAMS = 5  # uneven for two parts and for three


@pytest.fixture(params=["processes", "threads"])
def crew(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers of each kind that the system has."""
    available = request.param == "processes"
    if available and not processes.AVAILABLE:
        pytest.skip("processes cannot be copied here")
    monkeypatch.setattr(processes, "AVAILABLE", available)


def reduce(
    case: Setting, parts: int, workers: int, masks: Sequence[Masks] | None = None
) -> tuple[float, State, Parameters]:
    """Learn from the window in some parts, by some workers."""
    streams = streams_of_parts(STREAMS, parts)
    sizes = [some.stop - some.start for some in streams]
    with LocalReduction(case.network, case.parameters, T, sizes, workers) as reduction:
        learnt, gradients = reduction.reduce(divided(*case[2:], streams, masks))
    loss, after, rows = joined(learnt)
    whole = Parameters(case.network.shapes(), gradients.flat.dtype)
    whole.dense[:] = gradients.flat
    if rows is not None:
        rows.spread(whole[TABLE])
    return loss, after, whole


def in_parts(
    case: Setting, parts: int, workers: int, masks: bool = False
) -> tuple[float, Parameters, State]:
    """Learn from the window in some parts, each with masks of its own."""
    drawn = [DropoutMasks(0.5, (1, part), np.float64) for part in range(parts)]
    loss, state, gradients = reduce(case, parts, workers, drawn if masks else None)
    return loss, gradients, state


@pytest.mark.parametrize("number", [1, 2, 3, STREAMS])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_parts_change_nothing_but_the_last_bits(name: str, number: int) -> None:
    case = setting(CONFIGURATIONS[name], streams=STREAMS)
    expected_loss, expected, expected_state = learn(case)
    loss, gradients, state = in_parts(case, number, 1)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(gradients.flat, expected.flat, rtol=1e-10, atol=1e-13)
    for part, expected_part in zip(state, expected_state, strict=True):
        np.testing.assert_allclose(part, expected_part, rtol=1e-12)


DIVISIONS = list(product((2, 3, STREAMS), (2, 3, 4, 9)))  # parts, workers


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_workers_change_nothing_at_all(name: str, masks: bool) -> None:
    """Each configuration with and without masks has two divisions; they take turns."""
    case = setting(CONFIGURATIONS[name], streams=STREAMS)
    turn = 2 * [*CONFIGURATIONS].index(name) + masks
    for parts, workers in (DIVISIONS[turn % 12], DIVISIONS[(turn + 5) % 12]):
        loss, gradients, state = in_parts(case, parts, 1, masks)
        other = in_parts(case, parts, workers, masks)
        assert other[0] == loss
        np.testing.assert_array_equal(other[1].flat, gradients.flat)
        for part, expected in zip(other[2], state, strict=True):
            np.testing.assert_array_equal(part, expected)


@pytest.mark.usefixtures("crew")
def test_a_crew_gives_the_same_bits_each_time() -> None:
    case = setting(CONFIGURATIONS["hidden-gru-tanh-layers"], streams=STREAMS)
    assert len({in_parts(case, 4, 2)[1].flat.tobytes() for _ in range(10)}) == 1


class Drawer:
    """Drops nothing, but counts on being asked for so many masks of one shape."""

    def __init__(self, *shapes: tuple[int, ...]):
        self._shapes = list(shapes)

    def __call__(self, shape: tuple[int, ...]) -> Floats:
        assert shape == self._shapes.pop(0)
        return np.ones(shape)


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("workers", [1, 2])
def test_each_part_draws_its_own_masks(workers: int) -> None:
    """Two layers, two masks each, of its own streams."""
    case = setting(CONFIGURATIONS["hidden-lstm-tanh-layers"], streams=STREAMS)
    drawers = [Drawer((T, 3, 2), (T, 3, 2)), Drawer((T, 3, 3), (T, 3, 3))]
    loss, _, _ = reduce(case, 2, workers, drawers)
    assert loss == pytest.approx(learn(case)[0], rel=1e-12)  # nothing was dropped


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
        in_parts(case, number, number)
    with np.errstate(all="ignore"):
        assert not np.isfinite(in_parts(case, number, number)[0])


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_threads_are_a_number_of_workers(threads: object) -> None:
    with pytest.raises(UsageError, match="threads must be a whole number, at least 1"):
        here(threads)  # type: ignore[arg-type]
