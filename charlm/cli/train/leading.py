"""A training by this process alone, or by all that MPI has started."""

import signal
from collections.abc import Callable
from typing import NamedTuple

from charlm.cli.console import warn
from charlm.cli.interruption import SIGNALS
from charlm.parallel.launcher import ALONE, place
from charlm.parallel.ranks import Ranks
from charlm.rnn.training.ranks import Leader, follow
from charlm.rnn.training.reduction import Reductions, here
from charlm.rnn.training.run import Run


class Team(NamedTuple):
    """Who learns the parts of a batch: the reductions of so many processes."""

    reductions: Reductions
    size: int = 1

    def tell_of_the_idle(self, run: Run) -> None:
        """Say if some processes have nothing to do."""
        plan = run.plan
        if (idle := self.size - plan.parts) > 0:
            parts = "1 part" if plan.parts == 1 else f"{plan.parts} parts"
            warn(
                f"{idle} of {self.size} processes have nothing to do: a batch of {plan.batch} is "
                f"learnt in {parts}; --parts {self.size} would give each one."
            )


def led(lead: Callable[[Team], int], threads: int | None) -> int:
    """Lead a training by this process or by all, or follow; return the exit code.

    Raises:
        UsageError: MPI has started several processes, and mpi4py cannot be used.
        WorkerError: this process follows, and the launcher of MPI was killed.
    """
    if place() == ALONE:
        return lead(Team(here(threads)))
    ranks = Ranks.joined(place())
    if ranks.rank:
        for number in SIGNALS:  # which come to all, are the first one's to heed
            signal.signal(number, signal.SIG_IGN)
        return follow(ranks, threads or 1)
    leader, code = Leader(ranks, threads or 1), 1
    try:
        code = lead(Team(leader.reduction, ranks.size))
    finally:
        leader.dismiss(code)
    return code
