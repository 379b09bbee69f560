"""Runs of training by their logs: curves, and a line about each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from charlm.cli.console import say
from charlm.cli.pictures.curves import Series, curves
from charlm.cli.pictures.svg import check_picture, write_picture
from charlm.errors import TextError
from charlm.files import foreign
from charlm.text import corpus, units
from charlm.text.rows import RowOptions

POINTS = 100  # of a training curve, each the mean of a stretch of its steps
LOSS, HELD_OUT = "loss_bits_per_symbol", "held_out_bits_per_symbol"

Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """The bits per symbol of a run, by step."""

    name: str
    training: Sequence[Point]
    held_out: Sequence[Point]

    def series(self, colour: int) -> Iterator[Series]:
        """Yield its curves, which have one colour; held-out bits are dashed."""
        yield Series(f"{self.name}: training", smoothed(self.training), (colour, 0))
        if self.held_out:
            yield Series(f"{self.name}: held out", self.held_out, (colour, 1))

    def __str__(self) -> str:
        step, _ = self.training[-1]
        _, loss = smoothed(self.training)[-1]
        told = f"{self.name}: {step:z,.0f} steps, {loss:z.3f} bits per symbol in training"
        if not self.held_out:
            return told
        best, bits = min(self.held_out, key=lambda point: point[1])
        return f"{told}, {bits:z.3f} held out at step {best:z,.0f}"


def draw(logs: Sequence[str], output: str | None, *, force: bool) -> None:
    """Draw the curves of all runs in one picture, and say where each of them came to.

    Raises:
        TextError: a log cannot be read, or is none.
        UsageError, OutputError: the picture cannot go where it is to.
    """
    picture = output or f"{Path(logs[0]).stem}.svg"
    check_picture(picture, *logs, force=force)
    runs = [read(log) for log in logs]
    series = [one for i, run in enumerate(runs) for one in run.series(i)]
    drawn = curves("plot", "Learning", series, "step", "bits per symbol", log=False)
    write_picture(picture, drawn)
    for run in runs:
        say(str(run))


def read(log: str) -> Run:
    """Read a log; a line that a crash cut off is left out.

    Raises:
        TextError: the file cannot be read, or is no log.
    """
    (document,) = corpus.read([log], note=say, options=RowOptions(as_text=True))
    text = document.text(units.get("char"), "utf-8", "strict")
    rows = [row for line in text.splitlines() if (row := _row(line))]
    training = [*_points(rows, LOSS)]
    if not training:
        found = foreign.language_model(text[: foreign.BEGINNING].encode())
        raise TextError(
            f"{log}: {found or 'is no log of training; `charlm train rnn --log` writes one'}"
        )
    return Run(log, training, [*_points(rows, HELD_OUT)])


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and type(row.get("step")) is int else None


def _points(rows: Sequence[dict[str, Any]], figure: str) -> Iterator[Point]:
    for row in rows:
        value = row.get(figure)
        if isinstance(value, float | int) and isfinite(value):
            yield row["step"], value


def smoothed(points: Sequence[Point]) -> list[Point]:
    """Return the means of stretches of equal length, both of steps and of values."""
    length = -(-len(points) // POINTS)
    rest = iter(points)
    stretches = iter(lambda: list(islice(rest, length)), [])
    return [
        (sum(step for step, _ in one) / len(one), sum(value for _, value in one) / len(one))
        for one in stretches
    ]
