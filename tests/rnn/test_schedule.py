from math import cos, pi

import pytest

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import get
from charlm.rnn.schedule import MOST_STEPS, Plan, default_rate, default_steps, learning_rate, plan


def shapes(vocab_size: int) -> dict[str, tuple[int, ...]]:
    return get(vocab_size, RnnConfig()).shapes()


def test_rates_rise_and_fall() -> None:
    settings = Plan(steps=100, learning_rate=2.0, warmup=0.1, final_rate=0.02)
    rates = [learning_rate(step, settings) / 2 for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * i for i in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx(0.02 + 0.98 * (1 + cos(pi / 2)) / 2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0.02 <= rates[-1] < 0.03


@pytest.mark.parametrize(
    ("events", "expected"), [(10000, (32, 32)), (100, (3, 32)), (20, (1, 20)), (1, (1, 1))]
)
def test_short_texts_shrink_batch_and_window(events: int, expected: tuple[int, int]) -> None:
    chosen = plan(TrainingConfig(), RnnConfig(), shapes(66), events)
    assert (chosen.batch, chosen.window) == expected


def test_what_is_given_is_kept() -> None:
    given = TrainingConfig("sgd", 0.5, 8, 16, 77)
    chosen = plan(given, RnnConfig(), shapes(66), 10**6)
    assert chosen == Plan("sgd", 0.5, 8, 16, 77)


def test_steps_are_chosen_by_size() -> None:
    book, poems = default_steps(shapes(66), 1024, 10**6), default_steps(shapes(5300), 1024, 10**6)
    assert book == MOST_STEPS
    assert 100 < poems < 500  # a softmax over Chinese costs many times as much a step
    assert default_steps(shapes(66), 1024, 36000) == 40 * 36000 // 1024
    assert default_steps(shapes(66), 5, 5) == 100


def test_default_rates() -> None:
    assert [default_rate("adam", h) for h in (64, 128, 256, 512)] == [0.01, 0.01, 0.008, 0.004]
    assert default_rate("sgd", 256) == 1.0
