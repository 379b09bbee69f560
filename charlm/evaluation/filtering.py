"""Keeping those documents of a corpus that a model finds likely, or unlikely, by bits a character.

A model of good text needs few bits for more of it, and many for what was never meant to be read
(Wenzek et al. 2020 sort web pages so, by KenLM). Bits per character are those that `charlm
perplexity` gives for the document by itself. One that is empty has none, and is never kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from charlm.arrays import Booleans, Float64s
from charlm.errors import UsageError
from charlm.evaluation.many import score_many
from charlm.evaluation.ranking import ScoreFile
from charlm.parallel.threads import read_ahead
from charlm.progress import Progress, Report, silent
from charlm.text.batches import Batch, Reading, with_field
from charlm.text.corpus import Document
from charlm.trained import TrainedModel


class Rule(Protocol):
    """What decides which documents are kept; it is asked once for each, in their order."""

    def keeps(self, scores: Float64s) -> Booleans:
        """Tell which are kept, by bits per character, (N,)."""
        ...


@dataclass(frozen=True)
class Bounds:
    """Keeps what lies below one number and above another, None being no bound.

    Raises:
        UsageError: nothing lies between them.
    """

    below: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        below = np.inf if self.below is None else self.below
        above = -np.inf if self.above is None else self.above
        if not below > above:  # nor where one is no number
            raise UsageError(f"nothing is above {above:g} and below {below:g}")

    def keeps(self, scores: Float64s) -> Booleans:
        """Tell which lie between the bounds."""
        kept = ~np.isnan(scores)
        if self.below is not None:
            kept &= scores < self.below
        if self.above is not None:
            kept &= scores > self.above
        return kept


class Best:
    """Keeps so many of scores that are known already; of equal ones those that come first."""

    def __init__(self, scores: ScoreFile, number: int):
        self._threshold, self._ties = scores.smallest(number) if number else (-np.inf, 0)

    def keeps(self, scores: Float64s) -> Booleans:
        """Tell which are among them."""
        equal = scores == self._threshold
        first = np.cumsum(equal) <= self._ties
        self._ties -= min(self._ties, int(equal.sum()))
        kept: Booleans = (scores < self._threshold) | (equal & first)
        return kept


@dataclass(frozen=True)
class Share:
    """The best documents: a share of all, or a number of them.

    Raises:
        UsageError: it is no share, or no number.
    """

    value: float
    of_all: bool

    def __post_init__(self) -> None:
        if not 0 < self.value <= (1 if self.of_all else np.inf):
            raise UsageError("the best are a share above 0 and up to 100 %, or a number above 0")

    def rule(self, scores: ScoreFile) -> Best:
        """Return what keeps them, of scores that are known; a share is rounded to the nearest."""
        ranked = scores.ranked
        number = round(self.value * ranked) if self.of_all else int(self.value)
        return Best(scores, min(number, ranked))


Wanted: TypeAlias = Bounds | Share


@dataclass
class Counted:
    """How many documents there were, and were kept, with their characters; and bad rows."""

    documents: int = 0
    chars: int = 0
    kept: int = 0
    kept_chars: int = 0
    bad: int = 0


class Filtering:
    """The documents of files, scored one after the other, and those chosen that are wanted.

    What is known of each is remembered on disk, by columns: bits per character (NaN where it is
    empty), characters, the number of its file, and its number there.
    """

    def __init__(self, trained: TrainedModel, documents: Sequence[Document], reading: Reading):
        self.counted, self.scores = Counted(), ScoreFile(columns=4)
        self._trained, self._documents, self._reading = trained, documents, reading
        self._size = sum(document.size for document in documents)

    def kept(self, wanted: Wanted, report: Report = silent) -> Iterator[bytes]:
        """Yield what is written of those that are kept; only then all has been scored and counted.

        Raises:
            TextError: a file or a row cannot be read.
        """
        if isinstance(wanted, Bounds):
            chosen: Rule = wanted
            known = self._scored(report)
        else:
            for _ in self._scored(report):
                pass
            chosen, known = self.rule(wanted), self._remembered(report)
        for batch, rows in known:
            flags = chosen.keeps(rows[:, 0])
            self.counted.kept += int(flags.sum())
            self.counted.kept_chars += int(rows[flags, 1].sum())
            yield b"".join(self._lines(batch, rows[:, 0], flags))

    def rule(self, wanted: Wanted) -> Rule:
        """Return what decides, anew from the first document, once all are scored."""
        return wanted if isinstance(wanted, Bounds) else wanted.rule(self.scores)

    def _lines(self, batch: Batch, scores: Float64s, flags: Booleans) -> Iterator[bytes]:
        name = self._reading.new_field
        for i in np.flatnonzero(flags).tolist():
            line = batch.rows[i].line
            yield line if name is None else with_field(line, name, float(scores[i]))

    def _scored(self, report: Report) -> Iterator[tuple[Batch, Float64s]]:
        """Score the documents and remember it, the next being read meanwhile."""
        counted = self.counted
        for batch in read_ahead(self._reading.batches(self._documents)):
            scores, chars = bits_per_char(self._trained, [row.text for row in batch.rows])
            files, numbers = ([row[i] for row in batch.rows] for i in (2, 3))
            rows = np.column_stack([scores, chars, files, numbers]).astype(np.float64)
            self.scores.add(rows)
            counted.documents += len(rows)
            counted.chars += int(chars.sum())
            counted.bad += batch.bad
            report(Progress("scoring", batch.read, self._size))
            yield batch, rows

    def _remembered(self, report: Report) -> Iterator[tuple[Batch, Float64s]]:
        """Read the documents again, with what is remembered of them."""
        first = 0
        for batch in read_ahead(self._reading.batches(self._documents)):
            rows = self.scores.read(first, len(batch.rows))
            first += len(rows)
            report(Progress("writing", batch.read, self._size))
            yield batch, rows


def bits_per_char(trained: TrainedModel, texts: Sequence[str]) -> tuple[Float64s, Float64s]:
    """Return bits per character of texts, each scored by itself, NaN where empty; and characters.

    Unlike texts elsewhere these are text for every unit, (N,) each.
    """
    typed = trained.tokenizer.unit.from_typed
    found = score_many(trained, list(map(typed, texts)))
    chars = found.chars.astype(np.float64)
    scores = np.full(len(texts), np.nan)
    np.divide(found.bits, chars, out=scores, where=chars > 0)
    return scores, chars
