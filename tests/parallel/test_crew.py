"""A crew does what one worker would, wherever its workers are."""

import os

import pytest

from charlm.parallel import processes
from charlm.parallel.crew import Crew


@pytest.fixture(params=["copies", "threads", "none to be had", "one to be had"])
def _kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers of each kind that there is."""
    if request.param == "threads":
        monkeypatch.setattr(processes, "AVAILABLE", False)
    left = {"none to be had": 0, "one to be had": 1}.get(request.param, 10)
    if processes.AVAILABLE:
        fork = os.fork

        def fork_while_there_are() -> int:
            nonlocal left
            left -= 1
            if left < 0:
                raise BlockingIOError
            return fork()

        monkeypatch.setattr(os, "fork", fork_while_there_are)


@pytest.mark.usefixtures("_kind")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_results_come_in_order(number: int) -> None:
    with Crew[int, int](lambda n: n * n, number) as crew:
        for size in (0, 1, 2, 3, 10):
            assert crew.map(range(size)) == [n * n for n in range(size)]


@pytest.mark.skipif(not processes.AVAILABLE, reason="processes cannot be copied here")
def test_a_position_has_its_worker() -> None:
    """What a worker keeps from item to item is found again."""
    seen: list[int] = []

    def keep(n: int) -> list[int]:
        seen.append(n)
        return list(seen)

    with Crew(keep, 3) as crew:
        crew.map([1, 2, 3])
        crew.map([4, 5])
        assert crew.map([6, 7, 8]) == [[1, 4, 6], [2, 5, 7], [3, 8]]


@pytest.mark.usefixtures("_kind")
def test_errors_of_any_worker_are_raised() -> None:
    for bad in range(3):
        with Crew[int, int](lambda n: 1 // n, 3) as crew, pytest.raises(ZeroDivisionError):
            crew.map([0 if n == bad else 1 for n in range(3)])


@pytest.mark.skipif(not processes.AVAILABLE, reason="processes cannot be copied here")
def test_a_crew_that_is_not_made_leaves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    fork = os.fork

    def interrupted() -> int:
        if made:
            raise KeyboardInterrupt
        made.append(fork())
        return made[-1]

    monkeypatch.setattr(os, "fork", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Crew(abs, 3)
    with pytest.raises(ProcessLookupError):
        os.kill(made[0], 0)
