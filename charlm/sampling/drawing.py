"""Drawing text from a model, symbol by symbol.

Each symbol comes from the model's distribution, with UNKNOWN left out since it cannot be printed,
reshaped by temperature and filters, by inversion of the cumulative distribution: one uniform
number a symbol, so that the same seed gives the same text. Where nothing is reshaped, a model
that can draw by itself (`DrawingModel`) does so, much faster and by the same law.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from charlm.arrays import Float64s
from charlm.errors import UsageError
from charlm.model import DrawingModel, LanguageModel
from charlm.text.vocabulary import UNKNOWN

LOWEST = 1e-300  # temperature; logs of probabilities divided by less overflow
ROUNDING = 1e-6  # of shares, which come from float32: what misses top-p by less has reached it


@dataclass(frozen=True)
class SamplingConfig:
    """How a distribution is reshaped before a symbol is drawn.

    `temperature` t raises probabilities to the power 1/t; 0 always takes the likeliest symbol.
    `top_k` keeps the k likeliest symbols; `top_p` the fewest whose shares reach p (Holtzman et al.
    2020).

    Raises:
        UsageError: a number is out of its range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise UsageError("the temperature must be 0 (greedy) or more")
        if self.top_k is not None and not (isinstance(self.top_k, Integral) and self.top_k >= 1):
            raise UsageError("top-k is a number of symbols, at least 1")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise UsageError("top-p is a share: above 0, at most 1")

    @property
    def is_plain(self) -> bool:
        """Tell whether symbols are drawn from the model's own distribution."""
        return self.temperature == 1 and self.top_k is None and self.top_p in (None, 1)


def reshape(log_probs: Float64s, config: SamplingConfig) -> Float64s:
    """Return the probabilities that symbols are drawn with, (V,); UNKNOWN has none.

    Where nothing but UNKNOWN has any probability, all other symbols are equally likely.
    """
    log_probs = log_probs.copy()
    log_probs[UNKNOWN] = -np.inf
    if config.temperature == 0:
        return _greedy(log_probs)
    if log_probs.max() == -np.inf:
        log_probs[UNKNOWN + 1 :] = 0.0
    log_probs -= log_probs.max()
    probs: Float64s = np.exp(log_probs / max(config.temperature, LOWEST))
    if config.top_k is not None or config.top_p is not None:
        descending = np.argsort(-probs, kind="stable")
    if config.top_k is not None:
        probs[descending[config.top_k :]] = 0
    if config.top_p is not None and config.top_p < 1:
        sums = np.cumsum(probs[descending])
        kept = 1 + np.searchsorted(sums, config.top_p * (1 - ROUNDING) * sums[-1])
        probs[descending[kept:]] = 0
    probs /= probs.sum()
    return probs


def _greedy(log_probs: Float64s) -> Float64s:
    """Return all to the likeliest symbol; of several to the first, and never to UNKNOWN."""
    probs = np.zeros(len(log_probs))
    probs[UNKNOWN + 1 + log_probs[UNKNOWN + 1 :].argmax()] = 1.0
    return probs


def sample(
    model: LanguageModel, state: Any, config: SamplingConfig, rng: np.random.Generator
) -> Iterator[int]:
    """Draw symbols without end, each read before the next is drawn."""
    if config.is_plain and isinstance(model, DrawingModel):
        yield from model.draws(state, rng)
    while True:
        cumulative = np.cumsum(reshape(model.log_probs(state), config))
        drawn = rng.random() * cumulative[-1]
        symbol = int(np.searchsorted(cumulative[:-1], drawn, side="right"))
        yield symbol
        state = model.advance(state, symbol)
