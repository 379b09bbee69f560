import numpy as np
import pytest

from charlm.rnn.loss import cross_entropy, log_softmax, log_softmax_of


def test_loss_and_gradient_by_the_formula() -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.standard_normal((4, 5, 3)), rng.integers(0, 5, (4, 3)).astype(np.int32)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss, gradient = cross_entropy(logits, targets)
    expected = -np.mean([np.log(p[t, targets[t, b], b]) for t, b in np.ndindex(4, 3)])
    assert loss == pytest.approx(expected)
    one_hot = np.eye(5)[targets].transpose(0, 2, 1)
    np.testing.assert_allclose(gradient, (p - one_hot) / 12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("extreme", [-1000.0, 1000.0])
def test_extreme_logits_stay_finite(dtype: type[np.floating], extreme: float) -> None:
    logits = np.zeros((1, 3, 2), dtype)
    logits[0, 1] = extreme
    loss, gradient = cross_entropy(logits, np.array([[1, 2]], np.int32))
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
    assert np.isfinite(log_softmax(logits, axis=1)).all()


def test_log_softmax_of_targets_is_that_of_all() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 9, (7, 50, 2)).astype(np.float32)
    targets = rng.integers(0, 50, (7, 2)).astype(np.int32)
    expected = np.take_along_axis(log_softmax(logits, axis=1), targets[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(log_softmax_of(logits, targets), expected, rtol=1e-6, atol=1e-6)


def test_log_softmax_sums_to_one_in_float64() -> None:
    logits = np.random.default_rng(0).normal(0, 9, (7, 500, 2)).astype(np.float32)
    total = np.exp(log_softmax(logits, axis=1)).sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-12)
