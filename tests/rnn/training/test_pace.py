"""Training within a time, by clocks of the tests: fast, slow, and changing their mind."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log1p

import pytest

from charlm.arrays import Ids
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.training import loop
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.plan import DECAY, DECAY_PER_EPOCH, MOST_DECAY
from charlm.rnn.training.run import Run, Texts
from tests.support.models import training_set

DATA = training_set()
(IDS,) = DATA.train
TEXTS = Texts((IDS[300:],), (IDS[:300],), DATA.tokenizer.vocab_size)
NONE_HELD_OUT = replace(TEXTS, held_out=())
CONFIG = RnnConfig(hidden=4)
SECONDS = 100.0
SPEEDS: dict[str, Callable[[float], float]] = {  # seconds a step, by the time that is gone
    "fast": lambda now: 0.25,
    "slow": lambda now: 2.5,
    "slows down": lambda now: 0.25 if now < SECONDS / 2 else 1.0,
    "catches up": lambda now: 1.0 if now < SECONDS / 2 else 0.25,
    "slow at first": lambda now: 5.0 if now == 0.0 else 0.5,
    "to and fro": lambda now: 0.25 if int(now) // 10 % 2 else 1.0,
}


class Clock:
    """Time passes with the steps of a training and with each symbol it scores, and not else."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, step: Callable[[float], float], validation: float
    ):
        self.now, self.scored = 0.0, 0
        take_step, bits_per_symbol = loop.take_step, loop.bits_per_symbol

        def step_in_time(*arguments: object) -> dict[str, float]:
            self.now += step(self.now)
            return take_step(*arguments)  # type: ignore[arg-type]

        def score_in_time(model: RnnModel, streams: Sequence[Ids]) -> float:
            self.scored = sum(map(len, streams))
            self.now += validation * self.scored / TEXTS.held_out_symbols
            return bits_per_symbol(model, streams)

        monkeypatch.setattr(loop, "take_step", step_in_time)
        monkeypatch.setattr(loop, "bits_per_symbol", score_in_time)

    def __call__(self) -> float:
        return self.now


def asked(**others: float) -> TrainingConfig:
    return TrainingConfig(max_seconds=SECONDS, batch=8, window=16, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [0.0, 20.0])
@pytest.mark.parametrize("texts", [TEXTS, NONE_HELD_OUT], ids=["validated", "not validated"])
@pytest.mark.parametrize("validation", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("speed", SPEEDS)
def test_a_time_is_used_and_not_exceeded(
    speed: str, validation: float, texts: Texts, before: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the texts is part of it, and scoring the model that is kept once more."""
    clock = Clock(monkeypatch, SPEEDS[speed], validation)
    run = start(texts, CONFIG, asked())
    run.seconds = before
    rates: list[float] = []
    go_on(run, texts, lambda progress: rates.append(progress.figures["rate"]), clock=clock)
    assert 0.9 * SECONDS <= before + clock.now + validation <= SECONDS
    assert run.finished
    assert run.plan.steps == run.step == len(rates)
    if texts.validates:
        assert run.validated == run.step
        assert run.best is not None


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_rate_goes_its_way_to_the_end(speed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy for a while does not send it to and fro."""
    run = start(TEXTS, CONFIG, asked())
    clock, peak, rates = Clock(monkeypatch, SPEEDS[speed], 0.1), run.plan.learning_rate, []
    go_on(run, TEXTS, lambda progress: rates.append(progress.figures["rate"]), clock=clock)
    highest = rates.index(max(rates))
    assert rates[highest] == pytest.approx(peak, rel=0.02)
    assert highest <= max(3, 0.05 * run.step)
    assert all(after < before * 1.02 for before, after in pairwise(rates[highest:]))
    assert rates[-1] < 0.1 * peak


@pytest.mark.parametrize("speed", SPEEDS)
def test_decay_is_bounded_however_the_clock_goes(
    speed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle weight keeps what the rule leaves it, within a factor, and never less."""
    run = start(TEXTS, CONFIG, asked())
    shrunk = 0.0

    def watch(run: Run) -> bool:
        nonlocal shrunk
        rate = run.plan.rate(run.step - 1)
        shrunk -= log1p(-rate * run.plan.weight_decay)
        assert run.plan.weight_decay <= MOST_DECAY
        return False

    go_on(run, TEXTS, watch=watch, clock=Clock(monkeypatch, SPEEDS[speed], 0.1))
    epochs = run.step * run.plan.batch * run.plan.window / len(TEXTS.train[0])
    assert 0 < shrunk <= max(DECAY, DECAY_PER_EPOCH * epochs)


def test_a_run_of_that_many_steps_has_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    timed = start(TEXTS, CONFIG, asked())
    go_on(timed, TEXTS, clock=Clock(monkeypatch, SPEEDS["fast"], 0.1))
    again = start(TEXTS, CONFIG, replace(asked(), max_seconds=None, steps=timed.step))
    assert again.plan == timed.plan


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_killed_run_has_the_rest_of_its_time(speed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes between the kill and the first step of the second part does not count twice."""
    clock = Clock(monkeypatch, SPEEDS[speed], 0.1)
    run = start(TEXTS, CONFIG, asked())
    go_on(run, TEXTS, watch=lambda run: run.seconds > 0.4 * SECONDS, clock=clock)
    assert run.seconds == pytest.approx(clock.now)
    stored = Checkpoint(run)
    resumed = Checkpoint.from_arrays(stored.settings(), stored.arrays()).run
    broken, clock.now = clock.now, 1000.0  # the machine was off for a while
    resumed.seconds += 5.0  # in which the texts were read again
    go_on(resumed, TEXTS, clock=clock)
    assert 0.9 * SECONDS <= broken + 5.0 + clock.now - 1000.0 <= SECONDS
    assert resumed.finished


def test_a_run_killed_after_its_last_validation_but_one_keeps_to_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the last one will take is asked anew."""
    clock = Clock(monkeypatch, SPEEDS["fast"], 2.0)
    run = start(TEXTS, CONFIG, asked(validations=1))
    go_on(run, TEXTS, watch=lambda run: run.seconds > 0.9 * SECONDS, clock=clock)
    assert not run.finished
    stored = Checkpoint(run)
    resumed = Checkpoint.from_arrays(stored.settings(), stored.arrays()).run
    go_on(resumed, TEXTS, clock=clock)
    assert 0.9 * SECONDS <= clock.now + 2.0 <= SECONDS
    assert resumed.validated == resumed.step


def test_a_timed_training_leaves_time_for_what_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, SPEEDS["fast"], 0.1)
    go_on(start(TEXTS, CONFIG, asked()), TEXTS, clock=clock, after=30.0)
    assert 0.6 * SECONDS <= clock.now <= 0.7 * SECONDS


@pytest.mark.parametrize("validation", [20.0, 1000.0])
def test_no_more_is_scored_than_the_time_allows(
    validation: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a text whose scoring would take a large part of it, or longer; the same when resumed."""
    monkeypatch.setattr(loop, "PROBE", 3)
    clock = Clock(monkeypatch, SPEEDS["fast"], validation)
    run = start(TEXTS, CONFIG, asked())
    go_on(run, TEXTS, watch=lambda run: run.seconds > SECONDS / 2, clock=clock)
    assert run.held_out == clock.scored < TEXTS.held_out_symbols
    go_on(run, TEXTS, clock=clock)
    judging = validation * clock.scored / TEXTS.held_out_symbols
    assert 0.9 * SECONDS <= clock.now + judging <= SECONDS
    assert run.held_out == clock.scored
    assert run.validated == run.step


@pytest.mark.parametrize("texts", [TEXTS, NONE_HELD_OUT], ids=["validated", "not validated"])
def test_a_time_for_less_than_a_step_is_a_step(
    texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(texts, CONFIG, asked())
    go_on(run, texts, clock=Clock(monkeypatch, lambda now: 2 * SECONDS, 0.1))
    assert run.step == run.plan.steps == 1
    assert (run.validated == 1) == texts.validates
