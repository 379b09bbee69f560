"""A crew does what one worker would, wherever its workers are."""

import os

import pytest

from charlm import processes
from charlm.crew import Crew


@pytest.fixture(params=["copies", "threads", "none to be had"], autouse=True)
def _kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers of each kind that there is."""
    if request.param == "threads":
        monkeypatch.setattr(processes, "AVAILABLE", False)
    if request.param == "none to be had" and processes.AVAILABLE:

        def refuse() -> int:
            raise BlockingIOError

        monkeypatch.setattr(os, "fork", refuse)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_results_come_in_order(number: int) -> None:
    with Crew[int, int](lambda n: n * n, number) as crew:
        for size in (0, 1, 2, 3, 10):
            assert crew.map(range(size)) == [n * n for n in range(size)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_position_has_its_worker(number: int) -> None:
    """What a worker keeps from item to item is found again."""
    seen: list[int] = []

    def keep(n: int) -> list[int]:
        seen.append(n)
        return list(seen)

    with Crew(keep, number) as crew:
        crew.map([0] * number)
        lasts = [kept[-2:] for kept in crew.map(range(number))]
    assert all(last[-1] == n for n, last in enumerate(lasts))


def test_errors_of_any_worker_are_raised() -> None:
    for bad in range(3):
        with Crew[int, int](lambda n: 1 // n, 3) as crew, pytest.raises(ZeroDivisionError):
            crew.map([0 if n == bad else 1 for n in range(3)])
