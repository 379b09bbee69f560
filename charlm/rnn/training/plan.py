"""What training chooses by itself: batch and window for short texts, steps, decay, parts.

All of it is decided by sizes, never by the clock or by the cores there are, so that the same text
gives the same model everywhere.
Where a time is given (`max_seconds`), the plan is made anew as the clock goes (`pace.py`). The
learning rate has a file of its own (`schedule.py`).
"""

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import cbrt, ceil, inf, prod
from typing import Any

from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.training.schedule import SCHEDULES, default_rate, learning_rate

# A short text that is read many times is learnt by heart. With fewer streams, the same number of
# steps reads it fewer times, and noisier gradients help as well. So a text of LONG symbols has
# BATCH streams, one of an eighth of that half as many. Chosen on a novel, a program and a list of
# names of 1 to 100 kB, confirmed on seven other texts.
MOST_EPOCHS, FEWEST_STEPS = 6, 20
BATCH, LONG = 32, 800_000
PARTS = {1: 1, 16: 2, 128: 4, 256: 8}  # of batches from so many streams on
MOST_PARTS = 16  # that any version chose
USUAL_VALIDATIONS, MOST_VALIDATIONS = 10, 100
MOST = {
    "batch": BATCH,
    "validations": MOST_VALIDATIONS,
    "parts": MOST_PARTS,
}  # where it is left open
VALIDATING = 0.1  # of the training's cost; to score a symbol costs at most what learning it does
DECAY, DECAY_PER_EPOCH, MOST_DECAY = 3.5, 0.55, 0.3
STEPS_BEFORE_THE_CLOCK = 10_000  # of a plan within a time, until a step was timed


@dataclass(frozen=True)
class Plan(TrainingConfig):
    """A training configuration with every choice made.

    The fields declared here are the choices: where the request left one open, or cannot be followed
    as it is, `plan` decides. All other fields are as requested. However the length of the training
    was given, it is a number of steps here.

    Raises:
        UsageError: a choice is left open, or a number is out of its range.
    """

    batch: int = BATCH
    window: int = 32
    steps: int = 1000
    epochs: None = None
    max_seconds: None = None
    learning_rate: float = 1e-2
    parts: int = 1
    weight_decay: float = 0.0
    validations: int = USUAL_VALIDATIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, kind in CHOICES.items():
            if (getattr(self, name) is None) != (kind is None):
                wanted = "left out" if kind is None else "a number"
                raise UsageError(f"a plan's {name} must be {wanted}")

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, from 0."""
        return learning_rate(
            step,
            self.steps,
            self.learning_rate,
            schedule=self.schedule,
            warmup=self.warmup,
            final_rate=self.final_rate,
        )


CHOICES: Mapping[str, Any] = inspect.get_annotations(Plan)


def plan(
    training: TrainingConfig,
    config: RnnConfig,
    shapes: Mapping[str, tuple[int, ...]],
    events: int,
    held_out: int = 0,
) -> Plan:
    """Make the choices that the configuration leaves open, for a text of `events` symbols.

    `held_out` is the length of the text to validate on.
    """
    if training.schedule not in SCHEDULES:
        raise UsageError(
            f"unknown schedule {training.schedule!r}; there are {', '.join(SCHEDULES)}"
        )
    window = max(1, min(training.window, events))
    batch = max(1, min(training.batch or default_batch(events), events // window))
    symbols = batch * window
    steps = training.steps or default_steps(training, config, shapes, symbols, events)
    usual = default_rate(training.optimizer, config.hidden, config.layers)
    choices: dict[str, Any] = {
        "batch": batch,
        "window": window,
        "steps": steps,
        "learning_rate": training.learning_rate or usual,
        "parts": min(training.parts or default_parts(batch), batch),
        "validations": validations(training, steps * symbols, events, held_out),
        "weight_decay": (
            default_decay(training.optimizer, usual, steps, steps * symbols / events)
            if training.weight_decay is None
            else training.weight_decay
        ),
    }
    kept = {name: value for name, value in asdict(training).items() if name not in CHOICES}
    return Plan(**kept, **choices)  # a TypeError where a choice is not declared as one


def exceeds(plan: Plan, asked: TrainingConfig) -> str | None:
    """Return a field in which a plan contradicts what was asked for, or costs more; else None.

    A plan in a file may come from anyone. It is accepted only if `plan` could have made it.
    """
    for name, wanted in asdict(asked).items():
        chosen = getattr(plan, name)
        if name not in CHOICES:
            if chosen != wanted:
                return name
        elif chosen is not None and chosen > (MOST.get(name, inf) if wanted is None else wanted):
            return name
    return "parts" if plan.parts > plan.batch else None


def default_steps(
    training: TrainingConfig,
    config: RnnConfig,
    shapes: Mapping[str, tuple[int, ...]],
    symbols: int,
    events: int,
) -> int:
    """Return as many steps of `symbols` each as the work allows, within reason.

    A weight in a product costs 2 operations a symbol forward, 4 backward (input columns and rows
    for n-grams are gathered, not multiplied). The window pattern repeats its recurrence for each
    symbol.
    """
    if training.max_seconds is not None:
        return STEPS_BEFORE_THE_CLOCK
    if training.epochs is not None:
        return max(1, ceil(training.epochs * events / symbols))
    recurrent = sum(
        prod(shape) for name, shape in shapes.items() if name not in ("U", "R", "V", "e")
    )
    repeats = config.context if config.pattern == "window" else 1
    weights = prod(shapes["V"]) + repeats * recurrent
    by_work = int(training.work / (6 * weights * symbols))
    by_epochs = ceil(MOST_EPOCHS * events / symbols)
    return max(FEWEST_STEPS, min(by_work, by_epochs))


def default_batch(events: int) -> int:
    """Return how many streams of a text are read side by side: as the cube root of its length."""
    return max(1, round(BATCH * cbrt(min(1.0, events / LONG))))


def validations(training: TrainingConfig, symbols: float, events: int, held_out: int) -> int:
    """Return how often to score `held_out` symbols while learning so many of a text of `events`.

    As often as asked for, else ten times, or each time a text is read through that is read more
    often; fewer times where that would cost more than a tenth.
    """
    if training.validations is not None:
        return training.validations
    most = max(USUAL_VALIDATIONS, min(MOST_VALIDATIONS, ceil(symbols / events)))
    return max(1, min(most, int(VALIDATING * symbols / max(1, held_out))))


def default_decay(optimizer: str, rate: float, steps: int, epochs: float) -> float:
    """Return the decay at which an idle weight shrinks to about e^-(DECAY / 2) over a run.

    The decay is larger if a text is read many times, so that it is not learnt by heart. But there
    is a limit: Adam moves a weight by about the rate at each step, so that decay keeps the weight
    below 1 / decay (Loshchilov & Hutter 2019), and too large a decay erases what was learnt.
    """
    if optimizer != "adamw":
        return 0.0
    shrinking = max(DECAY, DECAY_PER_EPOCH * epochs)
    return min(MOST_DECAY, shrinking / (rate * steps))


def default_parts(batch: int) -> int:
    """Return in how many parts a batch is learnt: what is quickest on two cores, wherever it is.

    Parts of a few streams cost more than they save, and so do more parts than cores. A large batch
    has more of them all the same, for machines of more cores.
    """
    return max(parts for fewest, parts in PARTS.items() if batch >= fewest)
