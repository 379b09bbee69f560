"""`mpiexec -n 4 charlm train rnn ...`: one process leads, and the others say nothing.

What is typed reaches all of them. The first checks it, reads, trains, speaks and writes; the others
would only say the same again.
"""

import os
import sys
from typing import Any

import click

from charlm.cli.options import GroupedCommand
from charlm.parallel.launcher import place


class LedCommand(GroupedCommand):
    """A command that processes of MPI run together."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Let all but the first process be silent, about mistakes of typing too."""
        if place().follows:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return super().make_context(*arguments, **more)
