"""The shape of a smoother, and the table in which smoothers are found by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import OrderCounts


@dataclass(frozen=True, eq=False, repr=False)
class Smoothed(Holder):
    """One order, smoothed.

    `backoff` is the share that goes to the shorter history, 1 where nothing follows.
    `interpolated` says that seen n-grams hold a share of the shorter history's estimate too.
    `notes` are what `charlm info` shows of it, as JSON types.
    """

    probability: Float64s  # (N,) of each n-gram counted
    backoff: Float64s  # (histories,)
    notes: dict[str, Any] = field(default_factory=dict)
    interpolated: bool = True


class Smoother(Protocol):
    """What turns counts into probabilities.

    `lower[i]` is P(x_i | h'_i), what the order below gives to n-gram i (1/V below the unigrams);
    `top` says that this order is the longest. The counts are those of `counting/counts.py`:
    unigrams are dense, so that a count may be 0.
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


def smoother(name: str) -> Callable[[Smoother], Smoother]:
    """Register a function as the smoother of this name."""

    def register(function: Smoother) -> Smoother:
        SMOOTHERS[name] = function
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
