"""What can be counted within a budget of memory: texts here, and files of counts in `counts.py`."""

from dataclasses import dataclass
from typing import Protocol

from charlm.arrays import Holder
from charlm.errors import TextError
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.ranges import runs
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.spool import Spool
from charlm.progress import Report


class Countable(Protocol):
    """What can be counted: texts, or files of counts."""

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        ...

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        ...

    def count(
        self, width: int, spool: Spool, budget: Budget, report: Report, *, aside: bool
    ) -> CountedWords | list[str]:
        """Return the distinct windows of `width` symbols, or the names of runs of them.

        They are runs where they are too many, or are all to be put aside.
        """
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Holder):
    """Texts that are counted."""

    sequences: Sequences

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.sequences.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.sequences.end

    def count(
        self, width: int, spool: Spool, budget: Budget, report: Report, *, aside: bool
    ) -> CountedWords | list[str]:
        """Count windows; unigrams are few.

        Raises:
            TextError: there is nothing to count.
        """
        if not len(self.sequences):
            raise TextError("the training text is empty: there is nothing to count")
        most = budget.windows if width > 1 else len(self.sequences)
        count = runs.put_aside if aside else runs.count
        return count(self.sequences, width, budget.chunk, most, spool, report)
