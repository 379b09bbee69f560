"""How the library tells what it is doing: it calls back, it never prints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Progress:
    """One report: `done` of `total` units of work in a stage, with figures such as the loss."""

    stage: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)


Report: TypeAlias = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Ignore the report; the default everywhere."""
