from dataclasses import asdict
from typing import Any

import pytest

from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import get
from charlm.rnn.presets import PRESETS, configure
from charlm.rnn.training.plan import (
    MOST_DECAY,
    default_parts,
    plan,
)


def shapes(vocab_size: int) -> dict[str, tuple[int, ...]]:
    return get(vocab_size, RnnConfig()).shapes()


@pytest.mark.parametrize(
    ("events", "expected"),
    [(10**7, (32, 32)), (800_000, (32, 32)), (100_000, (16, 32)), (12_500, (8, 32)),
     (100, (2, 32)), (40, (1, 32)), (20, (1, 20)), (1, (1, 1))],
)  # fmt: skip
def test_short_texts_shrink_batch_and_window(events: int, expected: tuple[int, int]) -> None:
    chosen = plan(TrainingConfig(), RnnConfig(), shapes(66), events)
    assert (chosen.batch, chosen.window) == expected


@pytest.mark.parametrize(("events", "expected"), [(10_000, 24), (100, 3)])
def test_a_batch_that_is_given_shrinks_where_the_text_ends(events: int, expected: int) -> None:
    chosen = plan(TrainingConfig(batch=24), RnnConfig(), shapes(66), events)
    assert chosen.batch == expected


@pytest.mark.parametrize(
    ("asked", "steps", "held_out", "expected"),
    [
        (None, 1000, 10_000, 10),  # a million symbols are learnt
        (None, 1000, 30_000, 3),
        (None, 1000, 10**6, 1),
        (None, 1000, 0, 10),
        (None, 20_000, 50_000, 21),  # of a million, read twenty times and a bit
        (None, 200_000, 50_000, 100),
        (7, 1000, 10**6, 7),
        (0, 1000, 10_000, 0),
    ],
)
def test_validations_cost_a_tenth_at_most(
    asked: int | None, steps: int, held_out: int, expected: int
) -> None:
    training = TrainingConfig(steps=steps, validations=asked)
    chosen = plan(training, RnnConfig(), shapes(66), 10**6, held_out)
    assert chosen.validations == expected


def test_a_plan_keeps_what_is_given() -> None:
    given = TrainingConfig(
        "sgd", 0.5, batch=8, window=16, steps=77, parts=2, weight_decay=0.1, validations=6
    )
    chosen = plan(given, RnnConfig(), shapes(66), 10**6)
    assert asdict(chosen) == asdict(given)


def steps(
    training: TrainingConfig, config: RnnConfig, events: int = 10**7, vocab_size: int = 66
) -> int:
    return plan(training, config, get(vocab_size, config).shapes(), events).steps


def test_steps_are_chosen_by_work() -> None:
    """6 operations for each weight in a product and each symbol: W and V and both biases."""
    weights = 256 * 256 + 256 + 66 * 256 + 66
    chosen = steps(TrainingConfig(work=1e12), RnnConfig())
    assert chosen == pytest.approx(1e12 / (6 * weights * 1024), rel=0.01)
    assert steps(TrainingConfig(work=3e12), RnnConfig()) == pytest.approx(3 * chosen, abs=3)
    lstm = steps(TrainingConfig(work=1e12), RnnConfig(cell="lstm"))
    layers = steps(TrainingConfig(work=1e12), RnnConfig(cell="lstm", layers=2))
    assert chosen > 3 * lstm > 6 * layers
    poems = steps(TrainingConfig(work=1e12), RnnConfig(), vocab_size=5300)
    assert poems < chosen / 10  # a softmax over Chinese costs many times as much a step


def test_steps_stay_within_reason() -> None:
    """Six times a text, whatever its length, unless the work is done before."""
    for events in (1000, 12_500, 100_000):
        chosen = plan(TrainingConfig(), RnnConfig(), shapes(66), events)
        assert chosen.steps == -(-6 * events // (chosen.batch * chosen.window))
    assert steps(TrainingConfig(), RnnConfig(), 5) == 20


def test_a_window_is_read_again_for_each_symbol() -> None:
    training = TrainingConfig(work=1e13)
    few = [steps(training, RnnConfig("window", context=k), 10**9) for k in (10, 20, 40)]
    assert few[0] == pytest.approx(2 * few[1], rel=0.02)
    assert few[1] == pytest.approx(2 * few[2], rel=0.02)


def test_epochs_become_steps() -> None:
    assert steps(TrainingConfig(epochs=2, batch=32), RnnConfig(), 10240) == 20
    assert steps(TrainingConfig(epochs=0.5, batch=32), RnnConfig(), 10241) == 6
    assert steps(TrainingConfig(epochs=0.001), RnnConfig(), 10240) == 1


def test_parts_want_streams() -> None:
    batches = (1, 15, 16, 32, 64, 127, 128, 255, 256, 10**6)
    assert [default_parts(batch) for batch in batches] == [1, 1, 2, 2, 2, 2, 4, 4, 8, 8]
    chosen = plan(TrainingConfig(parts=9, batch=3), RnnConfig(), shapes(66), 100)
    assert (chosen.batch, chosen.parts) == (3, 3)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_plan_does_not_know_the_machine(preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []
    for number in (1, 2, 3, 8, 64):
        monkeypatch.setattr("charlm.parallel.cores.usable", lambda number=number: number)
        config, asked = configure(preset, {})
        plans.append(plan(asked, config, get(66, config).shapes(), 10**6, 50_000))
    assert plans == plans[:1] * 5
    assert plans[0].parts == 2  # quickest on two cores, and by much


def test_decay_belongs_to_adamw() -> None:
    """What is left of an idle weight at the end does not depend on the steps."""
    for name, expected in (("sgd", 0), ("adam", 0), ("adamw", 3.5)):
        for steps in (1500, 5000):
            training = TrainingConfig(name, steps=steps)
            chosen = plan(training, RnnConfig(), shapes(66), 10**7)
            total = chosen.weight_decay * chosen.learning_rate * steps
            assert total == pytest.approx(expected)
    assert plan(TrainingConfig(weight_decay=0.0), RnnConfig(), shapes(66), 100).weight_decay == 0


def test_decay_grows_with_the_epochs() -> None:
    """Ten times a text of 50,000 symbols, each time half as much again is forgotten."""
    chosen = plan(TrainingConfig(epochs=10), RnnConfig(), shapes(66), 50_000)
    total = chosen.weight_decay * chosen.learning_rate * chosen.steps
    assert total == pytest.approx(min(MOST_DECAY * 0.008 * chosen.steps, 0.55 * 10), rel=0.01)


@pytest.mark.parametrize("length", [{}, {"steps": 3}, {"epochs": 500.0}, {"max_seconds": 1.0}])
@pytest.mark.parametrize("events", [1, 2, 100, 2_000, 20_000, 10**6])
def test_decay_never_wipes_a_network(events: int, length: dict[str, Any]) -> None:
    """However short a text or a training is: Adam holds weights up to 1 / decay against it."""
    chosen = plan(TrainingConfig(**length), RnnConfig(), shapes(66), events)
    assert 0 < chosen.weight_decay <= MOST_DECAY


def test_unknown_schedule() -> None:
    with pytest.raises(UsageError, match="cosine, constant"):
        plan(TrainingConfig(schedule="stairs"), RnnConfig(), shapes(66), 100)
