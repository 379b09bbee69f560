"""The live view of a training: how far, how fast, how good, and a curve that grows.

Where no terminal is watching there are lines, no drawing. A terminal that cannot move its cursor
(TERM=dumb) gets the estimate of the time alone, a small one no curve.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

from rich.console import Console
from rich.live import Live
from rich.text import Text

from charlm.cli.charts import area, share
from charlm.cli.console import console, is_watched, unwatched
from charlm.cli.progress_lines import duration
from charlm.progress import Progress, Report
from charlm.rnn.training.run import Run

INTERVAL = 0.1  # seconds between two pictures
STEADY = 1.0  # seconds after which the speed is known
HEIGHT, COLUMNS, LABEL = 5, 60, 8  # of the curve, and of what stands before it
START = 10  # that part of what is drawn may run off the top: the first steps gain most
SMALLEST = (34, 12)  # columns and lines of a terminal that has room for it
HELD_OUT = "◆"
PLAIN = str.maketrans("▁▂▃▄▅▆▇█━◆┤│", "__..--##-o||")


@contextmanager
def live_view(run: Run, unit: str) -> Iterator[Report]:
    """Yield what shows the progress of a run, from where it stands."""
    if not is_watched():
        yield unwatched()
        return
    screen = console(sys.stderr)
    begun = Progress("training", run.step, run.plan.steps)
    view = View(run.plan.batch * run.plan.window, run.step, unit, begun)
    if screen.is_dumb_terminal:
        yield lambda progress: view.take(progress, screen)
        return
    with Live(console=screen, auto_refresh=False) as live:

        def report(progress: Progress) -> None:
            view.take(progress, screen)
            if view.is_due(progress):
                live.update(view.picture(screen), refresh=True)

        yield report


@dataclass
class View:
    """What is known of a run, and how it is drawn; `symbols` are those of a step."""

    symbols: int
    first: int  # steps that were taken before
    unit: str
    latest: Progress
    began: float = field(default_factory=perf_counter)
    drawn: float = 0.0
    estimated: bool = False
    training: list[float | None] = field(default_factory=lambda: [None] * COLUMNS)
    held_out: list[float | None] = field(default_factory=lambda: [None] * COLUMNS)

    def take(self, progress: Progress, screen: Console) -> None:
        """Note the figures; say how long it will take once that is known."""
        column = (progress.done - 1) * COLUMNS // progress.total
        before = (self.latest.done - 1) * COLUMNS // self.latest.total
        # Where steps are fewer than columns, no gap is left between them.
        for between in range(max(0, min(column, before + 1)), column + 1):
            self.training[between] = progress.figures.get("loss")
        shown = progress.figures.get("held out")
        if shown != self.latest.figures.get("held out") and shown != inf:
            self.held_out[column] = shown
        self.latest = progress
        if not self.estimated and perf_counter() - self.began >= STEADY:
            self.estimated = True
            screen.print(self.estimate())

    def is_due(self, progress: Progress) -> bool:
        """Tell whether it is time for a new picture."""
        now = perf_counter()
        if now - self.drawn < INTERVAL and progress.done < progress.total:
            return False
        self.drawn = now
        return True

    @property
    def speed(self) -> float:
        """Steps a second, validations included."""
        return (self.latest.done - self.first) / max(1e-9, perf_counter() - self.began)

    @property
    def left(self) -> float:
        """Seconds that are left, about."""
        return (self.latest.total - self.latest.done) / max(1e-9, self.speed)

    @property
    def things(self) -> str:
        """What the symbols are called."""
        return "characters" if self.unit == "char" else "symbols"

    def estimate(self) -> str:
        """Say how much there is to do."""
        whole = duration(perf_counter() - self.began + self.left)
        steps = self.latest.total - self.first
        return f"{steps:,} steps of {self.symbols:,} {self.things}, about {whole}"

    def picture(self, screen: Console) -> Text:
        """Draw everything, as wide and high as the terminal allows."""
        width, height = screen.size
        rows = [Text(self._bar(width)), *map(Text, self._figures())]
        if width >= SMALLEST[0] and height >= SMALLEST[1]:
            rows += self._curve(min(COLUMNS, width - LABEL - 1))
        drawn = Text("\n", no_wrap=True, overflow="ellipsis").join(rows)
        if screen.options.ascii_only:
            drawn.plain = drawn.plain.translate(PLAIN)
        return drawn

    def _bar(self, width: int) -> str:
        done, total = self.latest.done, self.latest.total
        text = f" {done:,} of {total:,} steps, {duration(self.left)} left"
        room = min(30, width - len(text) - 1)
        return "━" * round(room * done / total) + text if room > 5 else text[1:]

    def _figures(self) -> list[str]:
        """Return the lines of numbers."""
        figures = self.latest.figures
        fast = f"{self.speed * self.symbols:z,.0f} {self.things}/s"
        rest = f"learning rate {figures['rate']:.2g}, gradient norm {figures['norm']:.2g}"
        bits = f"{figures['loss']:z.3f} bits a {self.things[:-1]} in training"
        if "held out" in figures:
            bits += f", {figures['held out']:z.3f} held out"
        return [bits, f"{fast}, {rest}"]

    def _curve(self, columns: int) -> Iterator[Text]:
        """Draw training as an area and the held-out text as marks, low on the page is good."""
        training, held_out = (_narrowed(v, columns) for v in (self.training, self.held_out))
        known = [value for value in training if value is not None]
        known = known[len(known) // START :] + [value for value in held_out if value is not None]
        low, high = min(known), max(known)
        marks = {
            x: round((HEIGHT - 1) * (1 - share(value, low, high)))
            for x, value in enumerate(held_out)
            if value is not None
        }
        labels = {0: f"{high:z.2f} ┤", HEIGHT - 1: f"{low:z.2f} ┤"}
        for y, row in enumerate(area(training, HEIGHT, low, high)):
            line = Text(f"{labels.get(y, '│'):>{LABEL}}").append(row, "cyan")
            for x in (x for x, marked in marks.items() if marked == y):
                line = line[: LABEL + x] + Text(HELD_OUT, "bold yellow") + line[LABEL + x + 1 :]
            yield line


def _narrowed(values: list[float | None], columns: int) -> list[float | None]:
    """Return the last value that fell into each of fewer columns."""
    narrow: list[float | None] = [None] * columns
    for x, value in enumerate(values):
        if value is not None:
            narrow[x * columns // len(values)] = value
    return narrow
