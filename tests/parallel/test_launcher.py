"""Who was started by a launcher of MPI, and as which of how many."""

# ruff: noqa: N802  # MPI's own names

import sys

import pytest

from charlm.errors import UsageError, WorkerError
from charlm.parallel import ranks as of_ranks
from charlm.parallel.launcher import ALONE, VARIABLES, Place, place
from charlm.parallel.ranks import Ranks


@pytest.mark.parametrize(("rank", "size"), VARIABLES)
def test_launchers_say_rank_and_size(rank: str, size: str) -> None:
    assert place({rank: "2", size: "4", "PATH": "/bin"}) == Place(2, 4)
    assert place({rank: "0", size: "1"}) == ALONE
    assert place({rank: "2"}) == place({size: "4"}) == place({rank: "", size: "4"}) == ALONE
    assert place({rank: "two", size: "4"}) == place({rank: "²", size: "4"}) == ALONE


def test_the_first_leads() -> None:
    assert [Place(rank, 3).follows for rank in range(3)] == [False, True, True]
    assert not ALONE.follows


def test_without_mpi4py_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(UsageError, match=r"^MPI has started 4 processes.*'charlm-cli\[mpi\]'$"):
        Ranks.joined(Place(0, 4))


class Silent:
    """A world in which nobody sends anything."""

    def Get_rank(self) -> int:
        return 1

    def Get_size(self) -> int:
        return 2

    def Iprobe(self, source: int, tag: int) -> bool:
        return False


def test_nobody_waits_for_a_launcher_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = Ranks(Silent())  # type: ignore[arg-type]
    parents = iter([ranks._parent, ranks._parent, 1])
    monkeypatch.setattr("os.getppid", lambda: next(parents))
    with pytest.raises(WorkerError, match="launcher has ended"):
        ranks.receive(0)


def test_who_waits_long_sleeps_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """But not at first, and never for longer than a step of a small network takes."""
    slept: list[float] = []
    clock = iter([0.0, 0.0005, 0.002, 0.01, 0.02, 0.2, 9.0])
    monkeypatch.setattr(of_ranks, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(of_ranks, "sleep", slept.append)
    with pytest.raises((StopIteration, RuntimeError)):
        Ranks(Silent()).receive(0)  # type: ignore[arg-type]
    assert slept == pytest.approx([0, 0.0001, 0.0005, 0.001, 0.005, 0.005])
