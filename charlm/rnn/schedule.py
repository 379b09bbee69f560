"""What training chooses by itself: batch and window for short texts, steps, learning rate.

All of it is decided by sizes, never by the clock, so that the same text gives the same model.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import cos, pi, prod

from charlm.rnn.config import RnnConfig, TrainingConfig

WORK = 2.6e12  # floating-point operations in matrix products: about a minute on one core
MOST_STEPS = 5000
MOST_EPOCHS = 40  # a small text is learnt by heart long before
FEWEST_STEPS = 100


@dataclass(frozen=True)
class Plan(TrainingConfig):
    """A training configuration with every choice made."""

    steps: int = MOST_STEPS
    learning_rate: float = 1e-2


def plan(
    training: TrainingConfig,
    config: RnnConfig,
    shapes: Mapping[str, tuple[int, ...]],
    events: int,
) -> Plan:
    """Make the choices that the configuration leaves open, for a text of `events` symbols."""
    window = max(1, min(training.window, events))
    batch = max(1, min(training.batch, events // window))  # a stream should hold a window
    symbols = batch * window
    choices = {
        "batch": batch,
        "window": window,
        "steps": training.steps or default_steps(shapes, symbols, events),
        "learning_rate": training.learning_rate or default_rate(training.optimizer, config.hidden),
    }
    return Plan(**{**asdict(training), **choices})


def default_steps(shapes: Mapping[str, tuple[int, ...]], symbols: int, events: int) -> int:
    """Give as many steps of `symbols` each as about a minute allows, within reason.

    A weight in a product costs 2 operations a symbol forward, 4 backward (U's columns are
    gathered, not multiplied).
    """
    weights = sum(prod(shape) for name, shape in shapes.items() if name != "U")
    by_work = int(WORK / (6 * weights * symbols))
    by_epochs = MOST_EPOCHS * events // symbols
    return max(FEWEST_STEPS, min(by_work, by_epochs, MOST_STEPS))


def default_rate(optimizer: str, hidden: int) -> float:
    """Give the peak learning rate that experiments found good.

    For Adam 8e-3 at 256 hidden units and less for more; 1 for SGD, whose steps are as long as the
    clipped gradient.
    """
    return 1.0 if optimizer == "sgd" else min(1e-2, 8e-3 * 256 / hidden)


def learning_rate(step: int, plan: Plan) -> float:
    """Give the rate of a step, from 0: a linear rise, then half a cosine."""
    rise = round(plan.warmup * plan.steps)
    if step < rise:
        return plan.learning_rate * (step + 1) / rise
    progress = (step - rise) / max(1, plan.steps - rise)
    share = plan.final_rate + (1 - plan.final_rate) * (1 + cos(pi * progress)) / 2
    return plan.learning_rate * share
