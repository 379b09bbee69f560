import numpy as np
import pytest

from charlm.rnn.gradients.check import numeric_gradients, relative_error
from charlm.rnn.layers.dropout import DropoutMasks
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Window
from tests.rnn.setting import CONFIGURATIONS, setting

SHAPE = (40, 50, 100)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5, 0.9])
def test_the_rate_is_dropped_and_the_mean_stays(rate: float) -> None:
    """Of 200,000 draws, within four standard deviations."""
    mask = DropoutMasks(rate, (0,), np.float32)(SHAPE)
    deviation = np.sqrt(rate * (1 - rate) / mask.size)
    assert mask.dtype == np.float32
    assert np.mean(mask == 0) == pytest.approx(rate, abs=4 * deviation)
    assert mask.mean(dtype=np.float64) == pytest.approx(1, abs=4 * deviation / (1 - rate))
    np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - rate)], rtol=1e-3)


def test_masks_depend_on_seed_step_and_worker_alone() -> None:
    def drawn(*seed: int) -> bytes:
        masks = DropoutMasks(0.5, seed, np.float32)
        first, second = masks(SHAPE).tobytes(), masks(SHAPE).tobytes()
        assert first != second
        return first + second

    assert drawn(1, 2, 3) == drawn(1, 2, 3)
    assert len({drawn(1, 2, 3), drawn(0, 2, 3), drawn(1, 0, 3), drawn(1, 2, 0)}) == 4


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_gradients_under_dropout_match_numeric_ones(name: str) -> None:
    network, parameters, inputs, targets, state = setting(CONFIGURATIONS[name])
    unrolled = network.unroll(len(inputs), inputs.shape[1], np.float64)

    def learn(gradients: Parameters) -> float:
        masks = DropoutMasks(0.4, (7,), np.float64)  # the same each time
        row_masks = DropoutMasks(0.3, (8,), np.float64)
        window = Window(inputs, targets, masks=masks, row_masks=row_masks)
        learnt = unrolled.learn(parameters, window, state, gradients)
        if learnt.rows is not None:
            learnt.rows.spread(gradients[TABLE])
        return learnt.loss

    analytic, ignored = (Parameters(network.shapes(), np.float64) for _ in range(2))
    whole = Window(inputs, targets)
    assert learn(analytic) != unrolled.learn(parameters, whole, state, ignored).loss
    numeric = numeric_gradients(lambda: learn(ignored), parameters)
    errors = {letter: relative_error(analytic[letter], numeric[letter]) for letter in numeric}
    assert max(errors.values()) < 1e-6, errors
