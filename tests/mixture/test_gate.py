import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.mixture import gate, interpolation
from charlm.mixture.gate import Gate
from charlm.progress import Progress


def scene(members: int, symbols: int = 300, features: int = 4) -> tuple[Float64s, Float64s]:
    """Log-probabilities, (T, M); features (T, F), the first of which tells who is right."""
    rng = np.random.default_rng(members)
    inputs = rng.normal(size=(symbols, features))
    probs = rng.uniform(0.01, 0.6, (symbols, members))
    probs[inputs[:, 0] > 0, 0] += 0.3
    return np.log(probs), inputs * [3, 1, 0, 2] + [5, 0, 1, 0]


def likelihood(weights: Float64s, log_probs: Float64s) -> float:
    return float(np.log(np.exp(log_probs) @ weights).sum())


def test_two_weights_are_the_best_there_are() -> None:
    log_probs, _ = scene(2)
    grid = np.linspace(0, 1, 100_001)
    searched = grid[
        np.argmax([likelihood(np.array([w, 1 - w]), log_probs) for w in grid[::100]]) * 100
    ]
    near = grid[np.abs(grid - searched) <= 1e-3]
    best = near[np.argmax([likelihood(np.array([w, 1 - w]), log_probs) for w in near])]
    assert interpolation.learn(log_probs)[0] == pytest.approx(best, abs=1e-3)


def test_no_step_of_em_is_downwards() -> None:
    bits = []
    log_probs, _ = scene(4)
    weights = interpolation.learn(log_probs, lambda p: bits.append(p.figures["tuning"]))
    assert len(bits) > 10
    assert (np.diff(bits) <= 1e-12).all()
    assert weights.sum() == pytest.approx(1)


def test_at_the_best_weights_no_member_is_worth_more() -> None:
    """The condition of Kuhn and Tucker: mean of p_m / p is 1 where w_m > 0, else no more."""
    log_probs, _ = scene(5)
    weights = interpolation.learn(log_probs)
    worth = (np.exp(log_probs) / (np.exp(log_probs) @ weights)[:, None]).mean(axis=0)
    assert (worth <= 1 + 1e-3).all()
    np.testing.assert_allclose(worth[weights > 0.01], 1, atol=1e-3)


def test_what_is_impossible_to_all_teaches_nothing() -> None:
    log_probs, _ = scene(3)
    with_impossible = np.insert(log_probs, [0, 7], -np.inf, axis=0)
    np.testing.assert_array_equal(
        interpolation.learn(with_impossible), interpolation.learn(log_probs)
    )


@pytest.mark.parametrize("members", [1, 2, 3])
def test_derivatives_are_numeric_ones(members: int) -> None:
    log_probs, inputs = scene(members, symbols=40)
    inputs[:, -1] = 1
    parameters = np.random.default_rng(0).normal(size=(members, 4))
    slope, curvature = gate.derivatives(parameters, log_probs, inputs)
    for i in range(parameters.size):
        step = np.zeros(parameters.size)
        step[i] = 1e-5
        above, below = (parameters + s * step.reshape(parameters.shape) for s in (1, -1))
        rise = gate.loss(above, log_probs, inputs) - gate.loss(below, log_probs, inputs)
        assert slope.ravel()[i] == pytest.approx(rise / 2e-5, rel=1e-5, abs=1e-6)
        bend = np.subtract(*(gate.derivatives(p, log_probs, inputs)[0] for p in (above, below)))
        np.testing.assert_allclose(curvature[i], bend.ravel() / 2e-5, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("members", [2, 3])
def test_the_gate_ends_where_no_direction_is_better(members: int) -> None:
    log_probs, features = scene(members)
    start = Gate.constant(interpolation.learn(log_probs))
    losses: list[float] = []

    def report(progress: Progress) -> None:
        losses.append(progress.figures["tuning"])

    learnt = gate.learn(start, log_probs, features, report)
    inputs = np.column_stack([learnt.standardise(features), np.ones(len(features))])
    slope, _ = gate.derivatives(np.column_stack([learnt.W, learnt.bias]), log_probs, inputs)
    assert np.abs(slope).max() < 0.05
    assert (np.diff(losses) <= 0).all()


def test_a_gate_learns_what_features_tell() -> None:
    log_probs, features = scene(3)
    constant = Gate.constant(interpolation.learn(log_probs))
    learnt = gate.learn(constant, log_probs, features)
    likelihoods = [
        np.logaddexp.reduce(g.log_weights(f) + log_probs, axis=1).sum()
        for g, f in ((constant, features[:, :0]), (learnt, features))
    ]
    assert likelihoods[1] > likelihoods[0] + 10
    assert np.argmax(np.abs(learnt.W[0])) == 0


def test_weights_add_up_to_one() -> None:
    log_probs, features = scene(3)
    learnt = gate.learn(Gate.constant(np.ones(3) / 3), log_probs, features)
    weights = np.exp(learnt.log_weights(features * 100))
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert learnt.weights.sum() == pytest.approx(1)
