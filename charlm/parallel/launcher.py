"""Whether MPI has started this process as one of several: `mpiexec -n 4 charlm train rnn ...`.

A launcher says so in variables of the environment, each kind of MPI in its own. Nothing of MPI is
imported to find out.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

# The rank of a process, from 0, and how many there are: by Open MPI; by MPICH, Intel MPI, Microsoft
# MPI and Slurm; by MVAPICH; by Slurm where it speaks PMIx.
VARIABLES = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
    ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),
)


class Place(NamedTuple):
    """Which of several processes this one is."""

    rank: int
    size: int

    @property
    def follows(self) -> bool:
        """Tell whether another one reads, speaks and writes for all: the first."""
        return self.rank > 0


ALONE = Place(0, 1)


def place(environment: Mapping[str, str] = os.environ) -> Place:
    """Return which process this is of those that a launcher of MPI has started, else ALONE."""
    for rank, size in VARIABLES:
        found = environment.get(rank, ""), environment.get(size, "")
        if all(number.isascii() and number.isdigit() for number in found):
            return Place(*map(int, found))
    return ALONE
