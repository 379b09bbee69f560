"""The check of all gradients, as a program runs it.

>>> import charlm
>>> errors = charlm.check_gradients()
>>> max(errors["hidden gru"].values()) < 1e-6
True
"""

from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.check import configurations, errors_of


def check_gradients() -> dict[str, dict[str, float]]:
    """Return how far each gradient of each network is from its numeric one, in float64.

    Networks are called as `charlm gradients check` calls them, parameters by the letters of the
    formulas. An error is relative, ||analytic - numeric|| / (||analytic|| + ||numeric||); below
    1e-6 it is one of rounding.
    """
    return {_name(config): errors_of(config) for config in configurations()}


def _name(config: RnnConfig) -> str:
    pattern, cell, *_ = config.describe().values()
    return f"{pattern} {cell}"
