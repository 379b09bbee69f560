"""Progress where no terminal is watching: a line every few seconds, with the time left.

With --verbose there is a line besides where a stage ends or a text was scored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

from charlm.progress import Progress

FIRST, EVERY = 2.0, 4.0  # seconds of silence: before the first line, and between two


@dataclass
class ProgressLines:
    """Says how far the stages of a command are, by a function that prints a line."""

    say: Callable[[str], None]
    verbose: bool = False
    stage: str = ""
    began: float = 0.0  # of the stage
    first: int = 0  # units of work that were done before
    held_out: float | None = None
    due: float = field(default_factory=lambda: perf_counter() + FIRST)

    def __call__(self, progress: Progress) -> None:
        """Say a line if one is due."""
        now = perf_counter()
        if progress.stage != self.stage:
            self.stage, self.began, self.first = progress.stage, now, progress.done
        before, self.held_out = self.held_out, progress.figures.get("held out")
        over = progress.done >= progress.total
        if self.verbose and (over or self.held_out != before):
            self.say(described(progress))
        elif now >= self.due and not over and progress.done > self.first:
            self.due = now + EVERY
            left = (progress.total - progress.done) / (progress.done - self.first)
            self.say(f"{described(progress)}  {duration(left * (now - self.began))} left")


def described(progress: Progress) -> str:
    """Say how far a stage is, and its figures that are bits."""
    figures = {n: v for n, v in progress.figures.items() if n in ("loss", "held out")}
    counted = f"{progress.stage}: {progress.done:,} of {progress.total:,}"
    return f"{counted}  {in_bits(figures)}".rstrip()


def in_bits(figures: Mapping[str, float]) -> str:
    """Write figures that are bits, by their names."""
    shown = "  ".join(f"{name} {value:z.3f}" for name, value in figures.items())
    return f"{shown} bits/symbol" if shown else ""


def duration(seconds: float) -> str:
    """Return a time in the units in which people think of it."""
    if seconds < 100:
        return f"{seconds:z.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
