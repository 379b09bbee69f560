"""A clock for trainings within a time, so that a busy machine trains no less than another."""

from dataclasses import dataclass
from functools import partial

import pytest

from charlm.cli.train.request import Request
from charlm.rnn.training import loop


@dataclass
class Clock:
    """Time passes when texts are read and with each step of a training, and not else."""

    reading: float = 2.0  # seconds
    step: float = 0.5
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Have `charlm train rnn` go by a clock of its own."""
    clock, read, take_step = Clock(), Request.read, loop.take_step

    def read_in_time(*arguments: object, **options: object) -> object:
        clock.now += clock.reading
        return read(*arguments, **options)  # type: ignore[arg-type]

    def step_in_time(*arguments: object) -> object:
        clock.now += clock.step
        return take_step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Request, "read", read_in_time)
    monkeypatch.setattr(loop, "take_step", step_in_time)
    monkeypatch.setattr(loop, "go_on", partial(loop.go_on, clock=clock))
    for module in ("charlm.cli.train.rnn", "charlm.api.checkpoints"):
        monkeypatch.setattr(f"{module}.monotonic", clock)
    return clock
