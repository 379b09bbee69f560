"""Timing two ways of doing the same thing in one run, in turn, so that the machine is the same."""

from collections.abc import Callable
from statistics import median
from time import perf_counter


def seconds(*functions: Callable[[], object], rounds: int = 5) -> list[float]:
    """Give the median time of each function over interleaved rounds, after one warm-up."""
    times: list[list[float]] = [[] for _ in functions]
    for round_ in range(rounds + 1):
        for function, taken in zip(functions, times, strict=True):
            began = perf_counter()
            function()
            if round_:
                taken.append(perf_counter() - began)
    return [median(taken) for taken in times]


def row(name: str, ours: float, peer: float, characters: int) -> tuple[str, str, str, str]:
    """Give a line of the table: speeds in characters a second, and the ratio."""
    return name, f"{characters / ours:,.0f}", f"{characters / peer:,.0f}", f"{peer / ours:.1f}"
