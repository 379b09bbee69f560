from itertools import islice

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.sampling import SamplingConfig, reshape, sample
from charlm.text.vocabulary import UNKNOWN
from tests.models import MODELS, make

SHARES = np.array([0.2, 0.4, 0.1, 0.25, 0.05])  # the first is UNKNOWN's
KNOWN = SHARES[1:] / 0.8


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


def test_ties_are_broken_by_id() -> None:
    log_probs = np.log(np.array([0.2, 0.2, 0.2, 0.2, 0.2]))
    assert reshape(log_probs, SamplingConfig(temperature=0)).tolist() == [0, 1, 0, 0, 0]
    assert reshape(log_probs, SamplingConfig(top_k=2)).tolist() == [0, 0.5, 0.5, 0, 0]


def test_nothing_but_unknown_becomes_uniform() -> None:
    log_probs = np.array([0.0, -np.inf, -np.inf])
    assert reshape(log_probs, SamplingConfig()).tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize("name", ["modified-kneser-ney-1-file", "hidden-elman-tanh-line"])
def test_frequencies_follow_the_model(name: str) -> None:
    """Chi-square of 20,000 first symbols, at a fixed seed: 1 in 10,000 would fail."""
    model = make(name).model
    rng = np.random.default_rng(5)
    state = model.initial_state()
    drawn = [next(sample(model, state, SamplingConfig(), rng)) for _ in range(20000)]
    expected = 20000 * reshape(model.log_probs(state), SamplingConfig())
    counts = np.bincount(drawn, minlength=model.vocab_size)
    frequent = expected >= 5
    observed = np.append(counts[frequent], counts[~frequent].sum())
    wanted = np.append(expected[frequent], max(expected[~frequent].sum(), 1e-9))
    freedom = len(wanted) - 1
    chi_square = ((observed - wanted) ** 2 / wanted).sum()
    assert chi_square < freedom + 4 * (2 * freedom) ** 0.5 + 10


@pytest.mark.parametrize("name", MODELS)
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
