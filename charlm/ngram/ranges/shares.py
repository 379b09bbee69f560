"""Shares of texts: what a worker reads in one task."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from charlm.ngram.ranges.budget import AT_LEAST
from charlm.parallel.workers import Workers

SMALLEST, LARGEST = 1 << 12, 1 << 26  # bytes of a share; the largest are some seconds of work


class Sized(Protocol):
    """What has some bytes."""

    @property
    def size(self) -> int:
        """How many."""
        ...


Item = TypeVar("Item", bound=Sized)


def size_for(workers: Workers, size: int) -> int:
    """Return how many bytes a share has, of so many in all."""
    return min(LARGEST, max(SMALLEST, size // (AT_LEAST * workers.number)))


def shared(items: Iterable[Item], size: int) -> list[list[Item]]:
    """Put together what follows each other, until there are about so many bytes."""
    shares: list[list[Item]] = []
    left = 0
    for item in items:
        if left <= 0:
            shares.append([])
            left = size
        shares[-1].append(item)
        left -= max(1, item.size)  # empty files take time as well
    return shares
