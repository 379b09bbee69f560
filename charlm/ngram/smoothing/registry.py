"""The shape of a smoother, and the table in which smoothers are found by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from charlm.arrays import Float64s, Holder, Rows
from charlm.errors import UsageError
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts


@dataclass(frozen=True, eq=False, repr=False)
class Smoothed(Holder):
    """One order, smoothed: what its n-grams have of their own, and what a history hands down.

        P(x|h) = own(hx) + backoff(h) P(x|h')       where shorter histories have a share in it
        P(x|h) = own(hx), or backoff(h) P(x|h')     else (`interpolated` is false)

    `backoff` is 1 where nothing follows. `notes` are what `charlm info` shows, as JSON types.
    """

    own: Float64s  # (N,) of each n-gram counted
    backoff: Float64s  # (histories,)
    notes: dict[str, Any] = field(default_factory=dict)
    interpolated: bool = True

    def probability(self, history: Rows, lower: Float64s) -> Float64s:
        """Return P(x|h) of each n-gram from its history and from P(x|h'), (N,)."""
        share: Float64s = self.backoff[history] * lower
        if self.interpolated:
            share += self.own
            return share
        return np.where(self.own > 0, self.own, share)


class Smoother(Protocol):
    """What turns counts into probabilities.

    `lower[i]` is P(x_i | h'_i), what the order below gives to n-gram i (1/V below the unigrams);
    those of `COUNTS_ALONE` do not look at it. `top` says that this order is the longest.
    The counts are those of `counting/counts.py`: unigrams are dense, so that a count may be 0.
    """

    def __call__(
        self, counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
    ) -> Smoothed:
        """Smooth one order."""
        ...


@runtime_checkable
class Learner(Smoother, Protocol):
    """A smoother that learns from all orders before it smooths the first."""

    def learns(self, config: NgramConfig) -> bool:
        """Tell whether it does, so configured."""
        ...

    def learn(self, orders: Sequence[OrderCounts]) -> Smoother:
        """Return the smoother that knows what there is to learn."""
        ...


SMOOTHERS: dict[str, Smoother] = {}
COUNTS_ALONE: set[str] = set()  # of these, those that never look at `lower`


def smoother(name: str, *, looks_below: bool = False) -> Callable[[Smoother], Smoother]:
    """Register a function as the smoother of this name, which may look at the order below.

    One that does not can smooth the histories in any order, some at a time (`by_ranges/`).
    """

    def register(function: Smoother) -> Smoother:
        SMOOTHERS[name] = function
        if not looks_below:
            COUNTS_ALONE.add(name)
        return function

    return register


def get(name: str) -> Smoother:
    """Find a smoother by name; a `UsageError` lists the names there are."""
    if name not in SMOOTHERS:
        raise UsageError(f"unknown smoother {name!r}; there are {', '.join(SMOOTHERS)}")
    return SMOOTHERS[name]


def prepare(
    orders: Iterator[OrderCounts], config: NgramConfig
) -> tuple[Iterator[OrderCounts], Smoother]:
    """Return the orders that are to be smoothed, and their smoother, which may have seen them all.

    Raises:
        UsageError: no smoother has that name.
    """
    smooth = get(config.smoothing)
    if not (isinstance(smooth, Learner) and smooth.learns(config)):
        return orders, smooth
    held = list(orders)
    return _released(held), smooth.learn(held)


def _released(held: list[OrderCounts]) -> Iterator[OrderCounts]:
    """Return one after the other, and keep none."""
    while held:
        yield held.pop(0)
