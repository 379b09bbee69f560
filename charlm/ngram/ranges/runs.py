"""Counting into runs: sorted distinct windows that are put aside when memory is full."""

from dataclasses import dataclass

from charlm.arrays import Holder
from charlm.ngram.counting.merging import CountedWords, Merger
from charlm.ngram.counting.windows import Sequences, counted_chunks
from charlm.ngram.ranges.spool import Spool
from charlm.progress import Report

NAME = "run"


@dataclass(eq=False)
class Runs(Holder):
    """Windows that come in counted chunks, of which at most about `most` are in memory."""

    spool: Spool
    most: int
    name: str = NAME

    def __post_init__(self) -> None:
        self._merger = Merger(waiting=max(1, self.most // 2))
        self.names: list[str] = []

    def add(self, part: CountedWords) -> None:
        """Take one more chunk."""
        self._merger.add(part)
        if self._merger.size > self.most:
            self.put_aside()

    def put_aside(self) -> None:
        """Write what is in memory as a run."""
        if not self._merger.size:
            return
        name = f"{self.name}-{len(self.names)}"
        self.names.append(put(self.spool, name, self._merger.result()))

    def in_memory(self) -> CountedWords | None:
        """Return all windows if none were put aside; else nothing, and all are runs."""
        if not self.names:
            return self._merger.result()
        self.put_aside()
        return None


def put(spool: Spool, name: str, counted: CountedWords) -> str:
    """Write sorted windows and their counts as a run, and return its name."""
    words, counts = counted
    windows = {f"{i}.windows": word for i, word in enumerate(words)}
    spool.put(name, {**windows, "counts": counts})
    return name


def count(
    sequences: Sequences, width: int, chunk: int, most: int, spool: Spool, report: Report
) -> CountedWords | list[str]:
    """Return the distinct windows of texts, or the names of runs where they are too many."""
    runs = _counted(sequences, width, chunk, most, spool, report)
    found = runs.in_memory()
    return runs.names if found is None else found


def put_aside(
    sequences: Sequences,
    width: int,
    chunk: int,
    most: int,
    spool: Spool,
    report: Report,
    name: str = NAME,
) -> list[str]:
    """Return the names of runs, which begin with `name`, also where windows are few."""
    runs = _counted(sequences, width, chunk, most, spool, report, name)
    runs.put_aside()
    return runs.names


def _counted(
    sequences: Sequences,
    width: int,
    chunk: int,
    most: int,
    spool: Spool,
    report: Report,
    name: str = NAME,
) -> Runs:
    runs = Runs(spool, most, name)
    for part in counted_chunks(sequences, width, chunk, report):
        runs.add(part)
    return runs
