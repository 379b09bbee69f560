"""What counts and models that lie in ranges have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from charlm.arrays import Holder
from charlm.ngram.config import NgramConfig
from charlm.ngram.ranges.plan import Plan


@dataclass(frozen=True, eq=False, repr=False)
class InRanges(Holder):
    """Something that is files, a range each; `figures` are those of each range."""

    plan: Plan
    figures: tuple[Mapping[str, Any], ...]

    @property
    def config(self) -> NgramConfig:
        """What decided it."""
        return self.plan.config

    @property
    def order(self) -> int:
        """Symbols of context."""
        return self.plan.config.order

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.plan.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.plan.end
