from math import cos, pi

import pytest

from charlm.rnn.training.plan import Plan
from charlm.rnn.training.schedule import default_rate


def test_rates_rise_and_fall() -> None:
    settings = Plan(steps=100, learning_rate=2.0, warmup=0.1, final_rate=0.02)
    rates = [settings.rate(step) / 2 for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * i for i in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx(0.02 + 0.98 * (1 + cos(pi / 2)) / 2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0.02 <= rates[-1] < 0.03


def test_a_constant_rate_stays() -> None:
    settings = Plan(steps=100, learning_rate=2.0, warmup=0.1, schedule="constant")
    assert [settings.rate(step) for step in (0, 9, 10, 55, 99)] == [0.2, 2, 2, 2, 2]


def test_default_rates() -> None:
    assert [default_rate("adam", h) for h in (64, 128, 256, 512)] == [0.01, 0.01, 0.008, 0.004]
    assert default_rate("adam", 256, layers=4) == 0.004
    assert default_rate("sgd", 256) == 1.0
