"""Vanishing, keeping and exploding: by powers of the scale, and by singular values."""

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.untrained import DRAWS, untrained_flow

LINEAR = RnnConfig(activation="linear", hidden=8)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_orthogonal_networks_go_as_powers_of_the_scale(scale: float) -> None:
    found = untrained_flow(scale, LINEAR, lags=30)
    np.testing.assert_allclose(found.norms, found.norms[0] * scale ** np.arange(31), rtol=1e-9)
    np.testing.assert_allclose(found.singular_values, scale, rtol=1e-12)
    np.testing.assert_allclose(found.eigenvalues, scale, rtol=1e-12)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_no_gradient_is_beyond_the_power_of_the_largest_singular_value(
    draw: str, activation: str
) -> None:
    config = RnnConfig(activation=activation, hidden=8)
    found = untrained_flow(1.2, config, lags=40, draw=draw)
    assert found.singular_values[0] == pytest.approx(1.2)
    assert (found.norms <= found.norms[0] * 1.2 ** np.arange(41) * (1 + 1e-9)).all()


def test_a_singular_value_above_one_is_not_enough_to_explode() -> None:
    """In the long run the largest eigenvalue decides, and it is below 1 here."""
    found = untrained_flow(1.3, RnnConfig(activation="linear", hidden=64), 200, "gaussian")
    assert found.singular_values[0] == pytest.approx(1.3)
    assert found.eigenvalues[0] < 0.8
    ratio = (found.norms[200] / found.norms[100]) ** (1 / 100)
    assert ratio == pytest.approx(found.eigenvalues[0], rel=0.02)


def test_what_cannot_be_shown() -> None:
    with pytest.raises(UsageError, match="unknown draw 'uniform'; there are orthogonal, gaussian"):
        untrained_flow(1.0, LINEAR, 5, "uniform")
    with pytest.raises(UsageError, match="a scale is a positive number"):
        untrained_flow(0.0, LINEAR, 5)
    with pytest.raises(UsageError, match="scale 9 grows beyond all numbers in 500 lags"):
        untrained_flow(9.0, LINEAR, 500)
    assert np.isfinite(untrained_flow(9.0, LINEAR, 120).norms).all()
