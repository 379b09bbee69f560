"""`--log`: figures of a training as JSON, one object a line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO

from charlm.errors import OutputError
from charlm.progress import Progress, Report, silent

if TYPE_CHECKING:
    from charlm.rnn.run import Run

LINES = 1000  # of a whole run, about


@contextmanager
def training_log(name: str | None, run: "Run", *, force: bool) -> Iterator[Report]:
    """Give what writes the figures of a run to a file, which is begun or gone on with.

    Raises:
        OutputError: the file cannot be written, or holds something else.
    """
    if name is None:
        yield silent
        return
    path = Path(name)
    try:
        kept = _lines(path, run.step, force=force)
        file: TextIO = path.open("w", encoding="utf-8", buffering=1)  # each line at once
    except OSError as error:
        raise OutputError(f"{name}: cannot be written: {error.strerror}") from None
    with file:
        file.writelines(f"{json.dumps(row)}\n" for row in kept)
        seconds = kept[-1]["seconds"] if kept else 0.0
        yield TrainingLog(file, max(1, run.plan.steps // LINES), _symbols(run), seconds)


def _symbols(run: "Run") -> int:
    return run.plan.batch * run.plan.window


def _lines(path: Path, step: int, *, force: bool) -> list[dict[str, Any]]:
    """Give the lines up to a step that the file has; what came after it is done again."""
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            rows.append(_row(line))
        except (ValueError, KeyError, TypeError):
            break  # what a crash left of a line
    if not rows and path.stat().st_size and not force:
        raise OutputError(f"{path}: is not a log of training; --force overwrites it all the same")
    if rows and not step and not force:
        raise OutputError(f"{path}: is the log of another run; --force overwrites it all the same")
    return [row for row in rows if row["step"] <= step]


def _row(line: str) -> dict[str, Any]:
    row = json.loads(line)
    float(row["seconds"]), float(row["step"])
    found: dict[str, Any] = row
    return found


@dataclass
class TrainingLog:
    """Writes every so many steps, and whenever the held-out text was scored."""

    file: TextIO
    every: int
    symbols: int  # of a step
    before: float  # seconds that earlier parts of the run took
    began: float = field(default_factory=perf_counter)
    steps: int = 0
    held_out: float | None = None

    def __call__(self, progress: Progress) -> None:
        """Write a line if one is due."""
        self.steps += 1
        held_out = progress.figures.get("held out")
        if held_out == self.held_out and progress.done % self.every:
            return
        seconds = perf_counter() - self.began
        row: dict[str, float | None] = {
            "step": progress.done,
            "loss_bits": progress.figures["loss"],
            "learning_rate": progress.figures["rate"],
            "gradient_norm": progress.figures["norm"],
            "seconds": round(self.before + seconds, 3),
            "characters_per_second": round(self.steps * self.symbols / seconds),
        }
        if held_out != self.held_out:
            self.held_out = held_out
            row["held_out_bits"] = held_out if isfinite(held_out or 0.0) else None
        self.file.write(f"{json.dumps(row)}\n")
