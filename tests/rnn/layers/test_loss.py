import numpy as np
import pytest

from charlm.rnn.layers.loss import cross_entropy, log_probs_of_all, log_softmax_of


def test_loss_and_gradient_by_the_formula() -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.standard_normal((5, 12)), rng.integers(0, 5, 12).astype(np.int32)
    p = np.exp(logits) / np.exp(logits).sum(axis=0)
    loss, gradient = cross_entropy(logits, targets)
    expected = -np.mean([np.log(p[target, n]) for n, target in enumerate(targets)])
    assert loss == pytest.approx(expected)
    one_hot = np.eye(5)[targets].T
    np.testing.assert_allclose(gradient, (p - one_hot) / 12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("extreme", [-1000.0, 1000.0])
def test_extreme_logits_stay_finite(dtype: type[np.floating], extreme: float) -> None:
    logits = np.zeros((3, 2), dtype)
    logits[1] = extreme
    loss, gradient = cross_entropy(logits, np.array([1, 2], np.int32))
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
    assert np.isfinite(log_probs_of_all(logits.T, 0.0)).all()


def test_log_softmax_of_targets_is_that_of_all() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 9, (50, 14)).astype(np.float32)
    targets = rng.integers(0, 50, 14).astype(np.int32)
    expected = log_probs_of_all(logits.T, 0.0)[np.arange(14), targets]
    np.testing.assert_allclose(
        log_softmax_of(logits, targets, np.arange(len(targets))), expected, rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("reserve", [0.0, 0.01])
def test_log_probs_of_all_sum_to_one_in_float64(reserve: float) -> None:
    logits = np.random.default_rng(0).normal(0, 9, (7, 2, 500)).astype(np.float32)
    probs = np.exp(log_probs_of_all(logits, reserve))
    np.testing.assert_allclose(probs.sum(axis=2), 1, atol=1e-12)
    if reserve:
        np.testing.assert_allclose(probs[..., 0], reserve)
