"""`--log`: figures of a training as JSON, one object a line.

What a resumed run keeps of its log is written anew, whole; after that lines are added, each at
once. A log that cannot be written does not stop training.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

from charlm.cli.console import warn
from charlm.errors import OutputError
from charlm.evaluation.bits import Evaluation, finite
from charlm.files.locking import is_special
from charlm.files.writing import write_atomically
from charlm.progress import Progress, Report, silent
from charlm.rnn.training.run import Run

LINES = 1000  # of a whole run, about


@contextmanager
def training_log(
    name: str | None, run: Run, held_out: Evaluation, *, force: bool
) -> Iterator[Report]:
    """Yield what writes the figures of a run to a file, which is begun or gone on with.

    `held_out` is what the spelling of unknown symbols costs in the held-out text.

    Raises:
        OutputError: the file cannot be written, or holds something else.
    """
    if name is None:
        yield silent
        return
    path = Path(name)
    try:
        kept = [] if is_special(path) else _lines(path, run.step, force=force)
        if not is_special(path):
            write_atomically(path, [f"{json.dumps(row)}\n".encode() for row in kept])
        file = path.open("ab", buffering=0)  # each line at once
    except OSError as error:
        raise OutputError(f"{name}: cannot be written: {error.strerror}") from None
    with file:
        seconds = kept[-1]["seconds"] if kept else 0.0
        yield TrainingLog(LogLines(name, file), held_out, _symbols(run), seconds)


def _symbols(run: Run) -> int:
    return run.plan.batch * run.plan.window


def _lines(path: Path, step: int, *, force: bool) -> list[dict[str, Any]]:
    """Return the lines up to a step that the file has; what came after it is done again."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if (row := _row(line)) is None:
            break  # what a crash left of a line
        rows.append(row)
    if not rows and path.stat().st_size and not force:
        raise OutputError(f"{path}: is not a log of training; --force overwrites it all the same")
    if rows and not step and not force:
        raise OutputError(f"{path}: is the log of another run; --force overwrites it all the same")
    return [row for row in rows if row["step"] <= step]


def _row(line: str) -> dict[str, Any] | None:
    """Read a line; None where it is no line of a log."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or type(row.get("step")) is not int:
        return None
    seconds = row.get("seconds")
    return row if isinstance(seconds, float) and 0 <= seconds < inf else None


@dataclass
class LogLines:
    """Adds lines to a file; says once if that fails, and goes on without."""

    name: str
    file: BinaryIO
    failed: bool = False

    def add(self, line: str) -> None:
        """Add a line, if lines can be added."""
        if self.failed:
            return
        try:
            self.file.write(f"{line}\n".encode())
        except OSError as error:
            warn(f"{self.name}: cannot be written: {error.strerror}; the log ends here.")
            self.failed = True


@dataclass
class TrainingLog:
    """Writes every so many steps, and whenever the held-out text was scored.

    How many steps there will be is known a little better with each, where a time was given.
    """

    lines: LogLines
    spelling: Evaluation  # of the held-out text
    symbols: int  # of a step
    before: float  # seconds that earlier parts of the run took
    began: float = field(default_factory=perf_counter)
    steps: int = 0
    latest: float | None = None  # bits per held-out symbol, without spelling

    def __call__(self, progress: Progress) -> None:
        """Write a line if one is due."""
        self.steps += 1
        held_out = progress.figures.get("held out")
        every = max(1, progress.total // LINES)
        if held_out == self.latest and progress.done % every:
            return
        seconds = perf_counter() - self.began
        row: dict[str, float | None] = {
            "step": progress.done,
            "loss_bits_per_symbol": progress.figures["loss"],
            "learning_rate": progress.figures["rate"],
            "gradient_norm": progress.figures["norm"],
            "seconds": round(self.before + seconds, 3),
            "symbols_per_second": round(self.steps * self.symbols / seconds),
        }
        if held_out is not None and held_out != self.latest:
            self.latest = held_out
            row |= self._held_out(held_out)
        self.lines.add(json.dumps(row))

    def _held_out(self, bits_per_symbol: float) -> dict[str, float | None]:
        """Tell what the held-out text costs, as `evaluate` counts it: spelling is part of it."""
        symbols = bits_per_symbol * self.spelling.symbols
        whole = replace(self.spelling, total_bits=symbols + self.spelling.spelling_bits)
        figures = {
            "held_out_bits_per_symbol": whole.bits_per_symbol,
            "held_out_bits_per_char": whole.bits_per_char,
            "held_out_bits_per_byte": whole.bits_per_byte,
        }
        return {name: finite(figure) for name, figure in figures.items()}
