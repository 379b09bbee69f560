from itertools import accumulate, islice

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.sampling.drawing import SamplingConfig, reshape, sample
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import MODELS, each, make

SHARES = np.array([0.2, 0.4, 0.1, 0.25, 0.05])  # the first is UNKNOWN's
KNOWN = SHARES[1:] / 0.8
DRAWN = 8000


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (SamplingConfig(), KNOWN),
        (SamplingConfig(temperature=0), [1, 0, 0, 0]),
        (SamplingConfig(temperature=0.5), KNOWN**2 / (KNOWN**2).sum()),
        (SamplingConfig(temperature=2), KNOWN**0.5 / (KNOWN**0.5).sum()),
        (SamplingConfig(top_k=2), [0.4 / 0.65, 0, 0.25 / 0.65, 0]),
        (SamplingConfig(top_k=99), KNOWN),
        (SamplingConfig(top_p=0.6), [0.4 / 0.65, 0, 0.25 / 0.65, 0]),  # 0.5, then 0.8125
        (SamplingConfig(top_p=0.5), [1, 0, 0, 0]),  # the first share reaches it exactly
        (SamplingConfig(top_p=1.0), KNOWN),
        (SamplingConfig(top_k=3, top_p=0.6), [0.4 / 0.65, 0, 0.25 / 0.65, 0]),
    ],
    ids=str,
)
def test_each_filter_gives_its_distribution(config: SamplingConfig, expected: np.ndarray) -> None:
    probs = reshape(np.log(SHARES), config)
    assert probs[UNKNOWN] == 0
    np.testing.assert_allclose(probs[1:], expected, atol=1e-12)


def naive(shares: list[float], config: SamplingConfig) -> list[float]:
    """Filter one after the other, as the books say, each on what the one before has left."""
    known = {i: share for i, share in enumerate(shares) if i != UNKNOWN}
    if config.temperature == 0:
        known = {max(known, key=lambda i: (known[i], -i)): 1.0}
    else:
        largest = max(known.values())
        known = {i: (s / largest) ** (1 / config.temperature) for i, s in known.items()}
    likeliest = sorted(known, key=lambda i: (-known[i], i))[: config.top_k]
    kept, total = [], sum(known[i] for i in likeliest)
    for i in likeliest:
        kept.append(i)
        if config.top_p is not None and sum(known[i] for i in kept) >= config.top_p * total:
            break
    whole = sum(known[i] for i in kept)
    return [known[i] / whole if i in kept else 0.0 for i in range(len(shares))]


@given(
    weights=st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 500]), min_size=2, max_size=9),
    temperature=st.sampled_from([0.0, 1e-4, 0.5, 1.0, 2.0, 1e6]),
    top_k=st.none() | st.integers(1, 10),
    top_p=st.none() | st.sampled_from([1e-9, 0.123, 0.4567, 0.876543, 1.0]),
)
def test_all_filters_together(
    weights: list[int], temperature: float, top_k: int | None, top_p: float | None
) -> None:
    """Odd shares of top-p, so that rounding decides nothing."""
    assume(any(weights[UNKNOWN + 1 :]))
    config = SamplingConfig(temperature, top_k, top_p)
    shares = [weight / sum(weights) for weight in weights]
    with np.errstate(divide="ignore"):
        probs = reshape(np.log(np.array(shares)), config)
    np.testing.assert_allclose(probs, naive(shares, config), rtol=0, atol=1e-12)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(
    "weights", [[5, 3, 2], [4, 3, 2, 1], [1] * 10, [33, 33, 34], [2, 3, 5, 7, 11], [9, 90, 1]]
)
def test_shares_that_reach_top_p_exactly_are_enough(
    weights: list[int], precision: type[np.floating]
) -> None:
    """The fewest symbols whose shares add up to n / N, in whole numbers; in floats they may not."""
    descending = sorted(weights, reverse=True)
    shares = (np.array([0, *weights]) / sum(weights)).astype(precision).astype(float)
    with np.errstate(divide="ignore"):
        log_probs = np.log(shares)
    for number, reached in enumerate(accumulate(descending), start=1):
        probs = reshape(log_probs, SamplingConfig(top_p=reached / sum(weights)))
        assert np.count_nonzero(probs) == number


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-9, 1e300])
def test_extreme_temperatures(temperature: float) -> None:
    probs = reshape(np.log(SHARES), SamplingConfig(temperature))
    expected = [0, 1, 0, 0, 0] if temperature < 1 else [0, 0.25, 0.25, 0.25, 0.25]
    np.testing.assert_allclose(probs, expected, atol=1e-12)


def test_ties_are_broken_by_id() -> None:
    log_probs = np.log(np.array([0.2, 0.2, 0.2, 0.2, 0.2]))
    assert reshape(log_probs, SamplingConfig(temperature=0)).tolist() == [0, 1, 0, 0, 0]
    assert reshape(log_probs, SamplingConfig(top_k=2)).tolist() == [0, 0.5, 0.5, 0, 0]


def test_nothing_but_unknown_becomes_uniform() -> None:
    log_probs = np.array([0.0, -np.inf, -np.inf])
    assert reshape(log_probs, SamplingConfig()).tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize("name", ["modified-kneser-ney-1-file", "hidden-elman-tanh-line"])
@pytest.mark.parametrize(
    "config",
    [
        SamplingConfig(),
        SamplingConfig(temperature=0.7),
        SamplingConfig(temperature=1.5, top_k=9),
        SamplingConfig(top_p=0.8),
        SamplingConfig(temperature=1.2, top_k=20, top_p=0.9),
    ],
    ids=str,
)
def test_frequencies_follow_the_model(name: str, config: SamplingConfig) -> None:
    """Chi-square of first symbols, at a fixed seed: 1 in 10,000 would fail."""
    model = make(name).model
    rng = np.random.default_rng(5)
    state = model.initial_state()
    drawn = [next(sample(model, state, config, rng)) for _ in range(DRAWN)]
    expected = DRAWN * np.array(naive(np.exp(model.log_probs(state)).tolist(), config))
    counts = np.bincount(drawn, minlength=model.vocab_size)
    assert not counts[expected == 0].any()
    frequent = expected >= 5
    observed = np.append(counts[frequent], counts[~frequent].sum())
    wanted = np.append(expected[frequent], max(expected[~frequent].sum(), 1e-9))
    freedom = len(wanted) - 1
    chi_square = ((observed - wanted) ** 2 / wanted).sum()
    assert chi_square < freedom + 4 * (2 * freedom) ** 0.5 + 10


@each(MODELS)
def test_unknown_is_never_drawn_and_seeds_repeat(name: str) -> None:
    model = make(name).model

    def draw(seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        return list(islice(sample(model, model.initial_state(), SamplingConfig(), rng), 50))

    assert draw(1) == draw(1)
    assert UNKNOWN not in draw(1)
    if not name.startswith("mle"):
        assert draw(1) != draw(2)


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -1.0}, {"temperature": float("nan")}, {"top_k": 0}, {"top_p": 0.0},
        {"top_p": 1.1},
    ],
)  # fmt: skip
def test_impossible_settings(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        SamplingConfig(**settings)  # type: ignore[arg-type]
