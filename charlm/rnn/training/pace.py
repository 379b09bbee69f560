"""Training within a time: how many steps there will be.

A run is planned in steps. If a time is given instead, the number of steps is estimated anew after
each step, from the mean pace so far: if a tenth of the time has passed after 30 steps, there will
be 300. What depends on the share of steps taken (`schedule.py`) follows by itself. A machine that
becomes slower takes fewer steps, not more time. The run ends when no further step fits. The model's
record says how many steps were taken; `--steps` with that number gives a run of the same length
that can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeAlias

SAFETY = 0.98  # of the time; the rest is for what takes longer than it did before
# After the last step the held-out text is scored twice: by the run, and to report on the model.
SCORINGS = 2

Clock: TypeAlias = Callable[[], float]


@dataclass
class Pace:
    """How much of a given time has passed, in seconds. Each method is called after some work.

    `limit` is the time that was given; `after` of it is kept for what comes after the training.
    `spent` is all time that has passed. `learning` is the part of it since the first step, without
    the time that it took to resume a stopped run.
    """

    limit: float
    spent: float = 0.0
    learning: float = 0.0
    after: float = 0.0
    clock: Clock = perf_counter
    step: float = 0.0  # seconds that the last one took
    scoring: float = 0.0  # seconds that it takes to score the held-out text
    _looked: float = field(init=False)

    def __post_init__(self) -> None:
        self._looked = self.clock()

    def prepared(self) -> None:
        """Look at the clock before steps are taken."""
        self._look()

    def stepped(self) -> None:
        """Look at the clock after a step."""
        self.step = self._look()
        self.learning += self.step

    def probed(self, share: float) -> None:
        """Look at the clock after a share of the held-out text was scored, before any step."""
        self.scoring = self._look() / share

    def scored(self) -> None:
        """Look at the clock after the held-out text was scored."""
        self.scoring = self._look()
        self.learning += self.scoring

    def passed(self) -> None:
        """Look at the clock after anything else."""
        self.learning += self._look()

    @property
    def left(self) -> float:
        """The seconds that are left for steps, and for the validations between them."""
        return SAFETY * self.limit - self.after - SCORINGS * self.scoring - self.spent

    def steps(self, taken: int) -> int:
        """Return how many steps there will be in all: those `taken`, if no further one fits."""
        if self.left < self.step:
            return taken
        return max(taken + 1, round(taken * (1 + self.left / self.learning)))

    def _look(self) -> float:
        before, self._looked = self._looked, self.clock()
        self.spent += self._looked - before
        return self._looked - before
