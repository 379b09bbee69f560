"""Messages between the processes of MPI, which may be on several machines.

mpi4py, which does it, is an extra; it is imported only where MPI has started several processes.
MPI waits by asking all the time, which keeps a core busy that others may need, as while the first
rank scores the held-out text. Here, whoever waits for an item sleeps in between, longer and longer.
Arrays follow items, so that both sides are awake to hand them over.
"""

import os
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from charlm.errors import UsageError, WorkerError
from charlm.parallel.launcher import Place

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm, Request

# Seconds: of asking without sleep; a sleep as a share of the waiting so far; the longest sleep.
EAGER, SHARE, LONGEST = 1e-3, 0.05, 5e-3
ITEM, ARRAYS = 0, 1  # tags: of an item, and of the first of some arrays
STARTER = "mpiexec"


class Ranks:
    """The processes that train together. Rank 0 leads: it reads, speaks and writes for all."""

    def __init__(self, world: "Intracomm"):
        self._world = world
        self.rank, self.size = world.Get_rank(), world.Get_size()
        self._parent = os.getppid()

    @classmethod
    def joined(cls, place: Place) -> Self:
        """Return the processes that a launcher has started, this one among them.

        Raises:
            UsageError: mpi4py is missing, or belongs to another MPI than the launcher.
        """
        started = f"MPI has started {place.size} processes"
        try:
            from mpi4py import MPI
        except ImportError as error:
            if error.name == "mpi4py":
                message = f"{started}, which work together by mpi4py: pip install 'charlm-cli[mpi]'"
                raise UsageError(message) from None
            raise UsageError(f"{started}, and mpi4py cannot be used: {error}") from None
        except RuntimeError as error:
            raise UsageError(f"{started}, and mpi4py finds no MPI: {error}") from None
        if (size := MPI.COMM_WORLD.Get_size()) != place.size:
            raise UsageError(
                f"{started}, and mpi4py sees {size}: take the {STARTER} of the same MPI"
            )
        return cls(MPI.COMM_WORLD)

    def send(self, item: Any, to: int) -> None:
        """Send a value of any kind."""
        self.wait(self._world.isend(item, to, ITEM))

    def tell(self, item: Any) -> None:
        """Send the same to all others."""
        for other in range(self.size):
            if other != self.rank:
                self.send(item, other)

    def receive(self, source: int) -> Any:
        """Wait for an item and return it.

        Raises:
            WorkerError: the launcher was killed, and nobody will send anything.
        """
        began = perf_counter()
        while not self._world.Iprobe(source, ITEM):
            waited = perf_counter() - began
            sleep(0 if waited < EAGER else min(LONGEST, SHARE * waited))
            if self._parent != os.getppid():
                raise WorkerError("MPI's launcher has ended")
        return self._world.recv(source=source, tag=ITEM)

    def send_array(self, array: NDArray[Any], to: int, number: int) -> None:
        """Send an array, by which number it is received."""
        self.wait(self._world.Isend(array, to, ARRAYS + number))

    def expect_array(self, array: NDArray[Any], source: int, number: int) -> "Request":
        """Fill an array with what will come, as soon as it does."""
        return self._world.Irecv(array, source, ARRAYS + number)

    def share(self, array: NDArray[Any]) -> None:
        """Fill an array with that of rank 0; all ranks call this."""
        self.wait(self._world.Ibcast(array, 0))

    def wait(self, request: "Request") -> None:
        """Wait until something is sent or received."""
        while not request.Test():
            sleep(0)  # to those who share the core

    def abort(self, code: int) -> None:
        """End all processes at once; to be called where the others cannot be told any more."""
        self._world.Abort(code)
