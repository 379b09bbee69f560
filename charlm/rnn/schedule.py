"""What training chooses by itself: batch and window for short texts, steps, rates, threads.

All of it is decided by sizes, never by the clock, so that the same text gives the same model
(but for `max_seconds`, which fixes the number of steps once).
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import ceil, cos, inf, pi, prod, sqrt
from typing import Any

from charlm import cores
from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig, TrainingConfig

MOST_EPOCHS = 40  # a small text is learnt by heart long before
FEWEST_STEPS = 100
STREAMS_A_THREAD = 8  # fewer are not worth a thread
MOST_THREADS = 16
BASE_RATES = {"sgd": 1.0, "adam": 8e-3, "adamw": 8e-3}  # at 256 units
MOST_VALIDATIONS = 10
MOST = {"validations": MOST_VALIDATIONS, "threads": MOST_THREADS}  # where it is left open
VALIDATING = 0.1  # of the training's cost; to score a symbol costs at most what learning it does
# AdamW at its usual rate shrinks an idle weight to about e^-(DECAY / 2) over a run, and further
# where a text is read again and again, lest it be learnt by heart.
DECAY, DECAY_PER_EPOCH = 3.5, 0.55


@dataclass(frozen=True)
class Plan(TrainingConfig):
    """A training configuration with every choice made.

    What is declared anew here is chosen, if need be otherwise than asked; the rest is as it was
    asked for. Of the ways to say how long, the number of steps stands for all.

    Raises:
        UsageError: a choice is left open, or a number is out of its range.
    """

    batch: int = 32
    window: int = 32
    steps: int = 1000
    epochs: None = None
    max_seconds: None = None
    learning_rate: float = 1e-2
    threads: int = 1
    weight_decay: float = 0.0
    validations: int = MOST_VALIDATIONS

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, kind in CHOICES.items():
            if (getattr(self, name) is None) != (kind is None):
                wanted = "left out" if kind is None else "a number"
                raise UsageError(f"a plan's {name} must be {wanted}")


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
    batch = max(1, min(training.batch, events // window))  # a stream should hold a window
    symbols = batch * window
    steps = training.steps or default_steps(training, config, shapes, symbols, events)
    usual = default_rate(training.optimizer, config.hidden, config.layers)
    shrinking = max(DECAY, DECAY_PER_EPOCH * steps * symbols / events)
    decay = shrinking / (usual * max(steps, FEWEST_STEPS)) if training.optimizer == "adamw" else 0.0
    choices: dict[str, Any] = {
        "batch": batch,
        "window": window,
        "steps": steps,
        "learning_rate": training.learning_rate or usual,
        "threads": min(training.threads or default_threads(batch), batch),
        "validations": validations(training, steps * symbols, held_out),
        "weight_decay": decay if training.weight_decay is None else training.weight_decay,
    }
    kept = {name: value for name, value in asdict(training).items() if name not in CHOICES}
    return Plan(**kept, **choices)  # a TypeError where a choice is not declared as one


def exceeds(plan: Plan, asked: TrainingConfig) -> str | None:
    """Name a field in which a plan cannot follow from what was asked for, or costs more.

    A stored plan may be anyone's, and is to be taken only for what `plan` could have made.
    """
    for name, wanted in asdict(asked).items():
        chosen = getattr(plan, name)
        if name not in CHOICES:
            if chosen != wanted:
                return name
        elif chosen is not None and chosen > (MOST.get(name, inf) if wanted is None else wanted):
            return name
    return "threads" if plan.threads > plan.batch else None


def default_steps(
    training: TrainingConfig,
    config: RnnConfig,
    shapes: Mapping[str, tuple[int, ...]],
    symbols: int,
    events: int,
) -> int:
    """Give as many steps of `symbols` each as the work allows, within reason.

    A weight in a product costs 2 operations a symbol forward, 4 backward (input columns are
    gathered, not multiplied). The window pattern repeats its recurrence for each symbol.
    """
    if training.epochs is not None:
        return max(1, ceil(training.epochs * events / symbols))
    recurrent = sum(prod(shape) for name, shape in shapes.items() if name not in ("U", "R", "V"))
    repeats = config.context if config.pattern == "window" else 1
    weights = prod(shapes["V"]) + repeats * recurrent
    by_work = int(training.work / (6 * weights * symbols))
    by_epochs = MOST_EPOCHS * events // symbols
    return max(FEWEST_STEPS, min(by_work, by_epochs))


def validations(training: TrainingConfig, symbols: float, held_out: int) -> int:
    """Give how often to score `held_out` symbols while learning from so many.

    As often as asked for, else ten times, fewer where that would cost more than a tenth.
    """
    if training.validations is not None:
        return training.validations
    return max(1, min(MOST_VALIDATIONS, int(VALIDATING * symbols / max(1, held_out))))


def default_rate(optimizer: str, hidden: int, layers: int = 1) -> float:
    """Give the peak learning rate that experiments found good.

    For Adam 8e-3 at 256 hidden units and less for more, and for more layers; 1 for SGD, whose
    steps are as long as the clipped gradient.
    """
    base = BASE_RATES.get(optimizer, BASE_RATES["adam"])
    return base if optimizer == "sgd" else min(1e-2, base * 256 / hidden / sqrt(layers))


def default_threads(batch: int) -> int:
    """Give the cores there are, but no fewer than some streams a thread."""
    return max(1, min(cores.usable(), batch // STREAMS_A_THREAD, MOST_THREADS))


# Shares of the way from the peak, after warm-up: of what is left of the rate above `final_rate`.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": lambda progress: (1 + cos(pi * progress)) / 2,
    "constant": lambda progress: 1.0,
}


def learning_rate(step: int, plan: Plan) -> float:
    """Give the rate of a step, from 0: a linear rise, then the schedule."""
    rise = round(plan.warmup * plan.steps)
    if step < rise:
        return plan.learning_rate * (step + 1) / rise
    progress = (step - rise) / max(1, plan.steps - rise)
    share = plan.final_rate + (1 - plan.final_rate) * SCHEDULES[plan.schedule](progress)
    return plan.learning_rate * share
