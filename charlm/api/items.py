r"""Sentences of an experiment from Python: rows as `charlm score --text-column` writes them.

>>> import charlm
>>> model = charlm.train_ngram("the horse fell.\nthe horse raced past the barn.\n" * 99, order=4)
>>> found = charlm.score_items([model], ["the horse fell.", "the barn fell."])
>>> for row in found.rows[3:]:
...     print(row.item, row.number, row.text, round(row.bits, 1))
2 1 the 1.1
2 2 barn 1.6
2 3 fell. 20.3
>>> found.figure()[:4]
'<svg'

Rows are named tuples, and `pandas.DataFrame(found.rows)` is a table of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from charlm.api.arguments import Text, check_string, read_many, several
from charlm.api.comparing import Models, by_name
from charlm.api.names import Blank, By, Reset
from charlm.api.options import check_choice, checked_value
from charlm.arrays import Holder
from charlm.evaluation.afresh import RESETS
from charlm.evaluation.judging import Judge
from charlm.progress import Report, silent
from charlm.surprisal.cells import BLANKS, BY, Cells
from charlm.surprisal.figure import Panel, figure
from charlm.surprisal.items import ItemRow, item_cells, item_rows


@dataclass(frozen=True, eq=False, repr=False)
class ScoredItems(Holder):
    """What each word of some texts cost some models."""

    models: tuple[str, ...]
    cells: tuple[tuple[Cells, ...], ...]  # of each text, by model
    by: str

    def __repr__(self) -> str:
        texts = len(self.cells[0])
        return f"ScoredItems({texts} texts, {len(self.models)} models, {len(self.rows)} rows)"

    @cached_property
    def rows(self) -> list[ItemRow]:
        """A row for each model, text and word; texts are called by their numbers, from 1."""
        return [
            row
            for model, cells in zip(self.models, self.cells, strict=True)
            for i, own in enumerate(cells, start=1)
            for row in item_rows(model, str(i), own, self.by)
        ]

    def figure(self, *, dark: bool = False) -> str:
        """Return bars by word as SVG, as `charlm score --figure` draws them.

        Raises:
            UsageError: the models do not cut a text alike, or are too many.
        """
        dark = checked_value("dark", dark, bool)
        panels = enumerate(zip(*self.cells, strict=True), start=1)
        drawn = [Panel.of(str(i), cells) for i, cells in panels if len(cells[0])]
        return figure(drawn, self.models, dark=dark)


def score_items(
    models: Models,
    texts: Text | Iterable[Text],
    *,
    by: By = "word",
    blank: Blank = "leading",
    reset: Reset = "line",
    given: str = "",
    report: Report = silent,
) -> ScoredItems:
    """Say what each word of texts costs each model, each text by itself.

    `blank` says where the blank counts: with the word after it, the word before it, or alone. With
    reset="never" a model reads on from text to text.

    Raises:
        TextError: a text cannot be read or decoded.
        UsageError: there is no model, or an option has no such value.
    """
    for name, value, known in (("by", by, BY), ("blank", blank, BLANKS), ("reset", reset, RESETS)):
        check_choice(name, value, known)
    check_string("given", given)
    named, listed = by_name(models), [*several(texts)]
    found = []
    for name, trained in named.items():
        judge = Judge(name, trained, given=given)
        contents = read_many(listed, trained.tokenizer.unit)
        cells = item_cells(judge, contents, by, blank, reset=reset == "line", report=report)
        found.append(tuple(cells))
    return ScoredItems(tuple(named), tuple(found), by)
