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


def alike(members: int, apart: float, symbols: int = 2000) -> Float64s:
    """Members that differ by so many nats a symbol, some of them worse; (T, M)."""
    rng = np.random.default_rng(members)
    own = rng.normal(-np.arange(members) / members, 1, (symbols, members))
    return rng.uniform(-9, -1, (symbols, 1)) + apart * own


SCENES = {
    **{f"{members} members": scene(members)[0] for members in (1, 2, 3, 5)},
    **{f"{members} alike by {apart}": alike(members, apart)
       for members, apart in ((2, 1e-3), (2, 0.1), (3, 1e-3), (5, 0.02), (4, 1e-9), (4, 0.0))},
    "one is always right": np.where([True, False], -1e-9, scene(2)[0] - 3),
    "impossible in turn": np.where(np.eye(3)[np.arange(300) % 3] > 0, -np.inf, scene(3)[0]),
    "hundreds of nats apart": 300 * scene(4)[0],
    "one symbol": scene(3)[0][:1],
}  # fmt: skip
each_scene = pytest.mark.parametrize("name", SCENES)


def per_symbol(weights: Float64s, log_probs: Float64s) -> float:
    """Nats, of weights that may be zero."""
    with np.errstate(divide="ignore"):
        return float(np.logaddexp.reduce(log_probs + np.log(weights), axis=1).mean())


@each_scene
def test_at_the_best_weights_no_member_is_worth_more(name: str) -> None:
    """The condition of Kuhn and Tucker, which bounds what any other weights could gain."""
    log_probs = SCENES[name]
    weights = interpolation.learn(log_probs)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights >= 0).all()
    mixed = np.logaddexp.reduce(log_probs + np.log(weights), axis=1)
    worth = np.exp(log_probs - mixed[:, None]).mean(axis=0)
    assert (worth <= 1 + 2e-9).all()


@each_scene
def test_no_other_weights_are_better(name: str) -> None:
    """Each member alone, weights drawn from everywhere, and such as are near."""
    log_probs = SCENES[name]
    members, rng = log_probs.shape[1], np.random.default_rng(0)
    weights = interpolation.learn(log_probs)
    drawn = [*np.eye(members), *rng.dirichlet(np.full(members, 0.3), 60)]
    others = [*drawn, *((1 - n) * weights + n * other for n in (1e-2, 1e-4) for other in drawn)]
    reached = per_symbol(weights, log_probs)
    assert max(per_symbol(other, log_probs) for other in others) <= reached + 1e-9


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if scene.shape[1] == 2])
def test_two_weights_are_the_best_there_are(name: str) -> None:
    """Golden section, which needs no derivative (Kiefer 1953)."""
    log_probs = SCENES[name]

    def nats(first: float) -> float:
        return per_symbol(np.array([first, 1 - first]), log_probs)

    low, high, golden = 0.0, 1.0, (5**0.5 - 1) / 2
    for _ in range(60):
        lower, upper = high - golden * (high - low), low + golden * (high - low)
        low, high = (lower, high) if nats(lower) < nats(upper) else (low, upper)
    best = max(nats(low), nats(0.0), nats(1.0))
    assert nats(float(interpolation.learn(log_probs)[0])) == pytest.approx(best, abs=1e-9)


@each_scene
def test_learning_is_short_and_says_how_far_it_is(name: str) -> None:
    bits: list[float] = []
    log_probs = SCENES[name]
    weights = interpolation.learn(log_probs, lambda p: bits.append(p.figures["tuning"]))
    assert len(bits) <= 20
    assert -bits[-1] * np.log(2) == pytest.approx(per_symbol(weights, log_probs), abs=1e-9)


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
