"""The learning rate: how high it is at its peak, and how it rises and falls over a run."""

from collections.abc import Callable
from math import cos, pi, sqrt

BASE_RATES = {"sgd": 1.0, "adam": 8e-3, "adamw": 8e-3}  # at 256 units

# Shares of the way from the peak, after warm-up: of what is left of the rate above `final_rate`.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": lambda progress: (1 + cos(pi * progress)) / 2,
    "constant": lambda progress: 1.0,
}


def default_rate(optimizer: str, hidden: int, layers: int = 1) -> float:
    """Return the peak learning rate that experiments found good.

    For Adam 8e-3 at 256 hidden units and less for more, and for more layers; 1 for SGD, whose
    steps are as long as the clipped gradient.
    """
    base = BASE_RATES.get(optimizer, BASE_RATES["adam"])
    return base if optimizer == "sgd" else min(1e-2, base * 256 / hidden / sqrt(layers))


def learning_rate(
    step: int, steps: int, peak: float, *, schedule: str, warmup: float, final_rate: float
) -> float:
    """Return the rate of a step, from 0: a linear rise, then the schedule.

    `warmup` is the share of the steps during which it rises; `final_rate` is the share of the peak
    that it may fall to.
    """
    rise = round(warmup * steps)
    if step < rise:
        return peak * (step + 1) / rise
    progress = (step - rise) / max(1, steps - rise)
    share = final_rate + (1 - final_rate) * SCHEDULES[schedule](progress)
    return peak * share
