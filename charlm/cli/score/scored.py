"""A text that models have scored, made ready to be shown: heat map, figures, places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from charlm.cli.console import say
from charlm.evaluation.bits import Evaluation, sum_up
from charlm.evaluation.judging import Judge
from charlm.progress import Report
from charlm.surprisal.cells import Cells, cells, difference
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.scores import Alternative, Scores, alternatives, place
from charlm.text.corpus import Document


class DecodedText(NamedTuple):
    """A text by its name, as each model reads it; that of a row has its number in the name."""

    name: str
    texts: Sequence[str]


def has_several(documents: Sequence[Document]) -> bool:
    """Tell whether there may be more than one text."""
    return len(documents) > 1 or any(document.rows for document in documents)


def decoded(document: Document, judges: Sequence[Judge]) -> Iterator[DecodedText]:
    """Yield the text of a document, or that of each row."""
    read = zip(*(judge.decode(document, say) for judge in judges), strict=True)
    for i, texts in enumerate(read, start=1):
        yield DecodedText(f"{document.name}:{i}" if document.rows else document.name, texts)


@dataclass(frozen=True)
class View:
    """What bits are summed over, where a blank counts, and whether each line begins afresh."""

    by: str
    blank: str = "leading"
    reset: bool = False


@dataclass(frozen=True)
class ScoredText:
    """A text, what each of one or two models said of it, and how it is to be cut."""

    name: str
    judges: Sequence[Judge]
    scores: Sequence[Scores]
    evaluations: Sequence[Evaluation]
    by: str
    blank: str = "leading"
    bytes_before: int = 0  # in the file, where only a part of it was read at once
    lines_before: int = 0

    @classmethod
    def of(
        cls, text: DecodedText, judges: Sequence[Judge], view: "View", report: Report
    ) -> "ScoredText":
        """Let the models read a text."""
        pairs = zip(judges, text.texts, strict=True)
        scored = [_score(*pair, report, reset=view.reset) for pair in pairs]
        scores, evaluations = zip(*scored, strict=True)
        return cls(text.name, judges, scores, evaluations, view.by, view.blank)

    def cut(self, by: str) -> HeatMap:
        """Cut the text into cells."""
        first, *second = self.scores
        if second:
            return HeatMap(*difference(first, second[0], by, self.blank))
        return HeatMap(cells(first, by, self.blank))

    @property
    def cells(self) -> str:
        """Name what the heat map is cut into: of two models' symbols, the longer ones."""
        judged = zip(self.scores, self.judges, strict=True)
        numbers = [(len(scores.ids), judge.trained.tokenizer.unit.name) for scores, judge in judged]
        unit = min(numbers)[1] if self.by == "symbol" else self.by
        return {"char": "characters", "byte": "characters"}.get(unit, f"{unit}s")

    @cached_property
    def heat_map(self) -> HeatMap:
        """What is drawn: characters rather than bytes."""
        return self.cut("character" if self.by == "symbol" else self.by)

    def expected(
        self, cells: Cells, places: Iterable[int], top: int
    ) -> Iterator[list[Alternative]]:
        """Return the first model's likeliest symbols where some cells begin, which ascend."""
        begins = np.concatenate([[0], np.cumsum(cells.symbols)])
        first = self.judges[0]
        at = (int(begins[place]) for place in places)
        return alternatives(first.trained, self.scores[0].ids, at, top, first.reader())

    def places(self, number: int, top: int) -> tuple[list[int], list[list[Alternative]]]:
        """Return the cells that stand out, and the likeliest symbols there if `top` is not 0."""
        places = self.heat_map.places(number).tolist()
        if not top:
            return places, []
        ascending = sorted(places)
        expected = self.expected(self.heat_map.cells, ascending, top)
        found = dict(zip(ascending, expected, strict=True))
        return places, [found[place] for place in places]

    def figures(self) -> list[tuple[str, str]]:
        """Say what the text cost, in short."""
        first, *second = self.evaluations
        # Bytes that are no UTF-8 have no characters.
        unit = "byte" if first.chars is None else "char"
        rows = [(f"bits/{unit}", _figure(getattr(first, f"bits_per_{unit}")))]
        if second:
            against = getattr(second[0], f"bits_per_{unit}")
            rows.append((f"bits/{unit}, against", _figure(against)))
        else:
            rows.append(("perplexity", _figure(first.perplexity)))
        return [
            *rows,
            ("bits", _figure(first.total_bits, 0)),
            ("symbols", f"{first.symbols:,}"),
            ("unknown", f"{first.unknown_symbols:,}"),
        ]


def _score(judge: Judge, text: str, report: Report, *, reset: bool) -> tuple[Scores, Evaluation]:
    scored = judge.score(text, report, reset=reset)
    return place(judge.trained, text, scored), sum_up(judge.trained, text, scored)


def _figure(value: float | None, digits: int = 3) -> str:
    return "none" if value is None else f"{value:z,.{digits}f}"
