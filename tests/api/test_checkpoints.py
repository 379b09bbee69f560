"""The pace of checkpoints, by a clock of our own."""

from pathlib import Path
from typing import Any

import pytest

from charlm.api import checkpoints
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining

STEP = 0.05  # seconds of training between two looks


def written(seconds: float, cost: float, monkeypatch: pytest.MonkeyPatch) -> tuple[int, float]:
    """How many checkpoints such a training writes, each at that cost, and what share they take."""
    now = 0.0
    saved: list[float] = []

    def save(path: Path, unfinished: object) -> None:
        nonlocal now
        now += cost
        saved.append(now)

    monkeypatch.setattr(checkpoints, "monotonic", lambda: now)
    monkeypatch.setattr(checkpoints, "save", save)
    keeper = CheckpointKeeper(Path("m.checkpoint"), lambda error: pytest.fail(str(error)), last=now)
    nothing: Any = None
    unfinished = UnfinishedTraining(nothing, nothing)
    while now < seconds:
        now += STEP
        keeper.save_in_time(unfinished)
    return len(saved), len(saved) * cost / now


@pytest.mark.parametrize("cost", [0.001, 0.1, 0.5, 3.0, 30.0])
def test_checkpoints_take_two_percent_at_most(cost: float, monkeypatch: pytest.MonkeyPatch) -> None:
    number, share = written(7200, cost, monkeypatch)
    assert number > 1
    assert share < 0.02


def test_a_crash_costs_ten_seconds_where_checkpoints_are_cheap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, _ = written(1000, 0.01, monkeypatch)
    assert number == pytest.approx(100, abs=3)
