"""What can be counted within a budget of memory: texts here, and files of counts in `counts.py`.

Workers count the sections of texts, each task into runs of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import Protocol

from charlm.arrays import Holder, Lean
from charlm.errors import TextError
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.counting.merging import CountedWords
from charlm.ngram.counting.windows import IdText
from charlm.ngram.ranges import runs
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.plan import VERSIONS
from charlm.ngram.ranges.shares import shared, size_for
from charlm.ngram.ranges.spool import Spool
from charlm.ngram.ranges.workers import given
from charlm.parallel import tasks, threads
from charlm.parallel.workers import Workers
from charlm.progress import Progress, Report, silent
from charlm.text.sections import AnySection, SectionedText
from charlm.text.tokenizer import Tokenizer
from charlm.text.training_set import EncodedText

TOKENIZER = "tokenizer"  # a file between tasks


class Countable(Protocol):
    """What can be counted: texts, or files of counts."""

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        ...

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        ...

    def count(
        self,
        width: int,
        spool: Spool,
        budget: Budget,
        report: Report,
        workers: Workers | None = None,
    ) -> CountedWords | list[str]:
        """Return the distinct windows of `width` symbols, or the names of runs of them.

        They are runs where they are too many, or are for workers, who help to count.
        """
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Holder):
    """Texts that are counted."""

    sequences: Sequences

    @property
    def vocab_size(self) -> int:
        """V, without START."""
        return self.sequences.vocab_size

    @property
    def end(self) -> int | None:
        """Id of END, if there is one."""
        return self.sequences.end

    def count(
        self,
        width: int,
        spool: Spool,
        budget: Budget,
        report: Report,
        workers: Workers | None = None,
    ) -> CountedWords | list[str]:
        """Count windows; unigrams are few. Workers count texts that are in sections.

        Raises:
            TextError: there is nothing to count; a worker cannot read a text, or it has changed.
        """
        if not len(self.sequences):
            raise TextError("the training text is empty: there is nothing to count")
        most = budget.windows if width > 1 else len(self.sequences)
        if workers is None:
            return runs.count(self.sequences, width, budget.chunk, most, spool, report)
        here = [stream for stream in self.sequences.streams if not _sections(stream)]
        names = self._counted_by(workers, width, spool, budget.of_each(workers), report)
        rest = replace(self.sequences, streams=here)
        return names + runs.put_aside(rest, width, budget.chunk, most, spool, report)

    def _counted_by(
        self, workers: Workers, width: int, spool: Spool, budget: Budget, report: Report
    ) -> list[str]:
        """Have workers count texts that are in sections; return the names of runs."""
        sections = list(chain.from_iterable(map(_sections, self.sequences.streams)))
        size = size_for(workers, sum(section.size for section in sections))
        told = Counting(spool, width, budget.chunk, budget.windows)
        for stream in self.sequences.streams:
            if isinstance(stream, EncodedText):  # all have the same
                spool.put(TOKENIZER, {}, **stream.tokenizer.to_json())
                break
        found: dict[int, list[str]] = {}
        todo = {}
        shares = shared(sections, size)
        for i, share in enumerate(shares):
            name = _name(share)
            if (done := spool.find(f"counted-{name}")) is not None:
                found[i] = done.figures["runs"]
            else:
                todo[i] = given(workers, count_windows, told, name, share)
        for number, names in tasks.finished(workers, todo):
            found[number] = names
            report(Progress("counting", len(found), len(shares)))
        return [name for i in range(len(shares)) for name in found[i]]


def _sections(stream: IdText) -> Sequence[AnySection]:
    """Return the sections of a text, if it is in sections."""
    text = stream.text if isinstance(stream, EncodedText) else None
    return text.sections if isinstance(text, SectionedText) else ()


def _name(sections: Iterable[AnySection]) -> str:
    """Return what is the same for the same sections, by which what was counted is found again."""
    places = [f"{section.place} {section.checksum}" for section in sections]
    return sha256("\n".join(places).encode(errors="surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True)
class Counting(Lean):
    """What the tasks that count are told."""

    spool: Spool
    width: int
    chunk: int  # symbols whose windows are sorted at once
    most: int  # windows in memory
    versions: tuple[str, str] = VERSIONS


def count_windows(told: Counting, name: str, sections: Sequence[AnySection]) -> list[str]:
    """Count the windows of some sections, on one core: a task. Return the names of runs."""
    tokenizer = Tokenizer.from_json(told.spool.open(TOKENIZER).figures)
    context = 0 if tokenizer.end is not None else told.width - 1  # lines begin anew
    texts = [SectionedText((section,), tokenizer.policy.unit) for section in sections]
    sequences = Sequences(
        [EncodedText(tokenizer, text, text.symbols) for text in texts],
        tokenizer.vocab_size,
        tokenizer.end,
        [section.ids_before(tokenizer, context) for section in sections],
    )
    spool, run = told.spool, f"{runs.NAME}-{name}"
    with threads.on_one_core():
        names = runs.put_aside(sequences, told.width, told.chunk, told.most, spool, silent, run)
    spool.put(f"counted-{name}", {}, runs=names)
    return names
