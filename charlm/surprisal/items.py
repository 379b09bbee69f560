"""Texts of an experiment, each scored for itself and cut into cells.

A text of a model whose sequences are lines is closed, and its end costs bits. By word these count
with the last word where blanks count with the word before them: the end is what has ended it.
Elsewhere the end of a text is no part of a word, and is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from charlm.evaluation import bits
from charlm.evaluation.afresh import score_texts
from charlm.evaluation.bits import SymbolBits
from charlm.evaluation.judging import Judge
from charlm.progress import Report, silent
from charlm.surprisal.cells import WORD, Cells, cells
from charlm.surprisal.scores import place
from charlm.text.pieces import LINE_END


class ItemRow(NamedTuple):
    """A word, or another cell, of an item, and what it cost a model, of which part was unknown.

    The blank counts among the bits of a word, and a word is as long as it is.
    """

    model: str
    item: str
    number: int  # in the item, from 1
    text: str
    characters: int
    bits: float
    unknown: bool


def item_rows(model: str, item: str, cells: Cells, by: str) -> Iterator[ItemRow]:
    """Yield the rows of an item."""
    for i, text in enumerate(cells.texts):
        shown = (text.strip() or text) if by == WORD else text
        bits, unknown = float(cells.bits[i]), bool(cells.unknown[i])
        yield ItemRow(model, item, i + 1, shown, len(shown), bits, unknown)


def item_cells(
    judge: Judge,
    texts: Sequence[str],
    by: str = WORD,
    blank: str = "leading",
    *,
    reset: bool = True,
    report: Report = silent,
) -> Iterator[Cells]:
    """Yield the cells of each text; without `reset` the model reads on, a line end between them.

    Raises:
        UsageError: the model cannot read so.
    """
    if not reset:
        texts = [text + LINE_END * (not text.endswith(LINE_END)) for text in texts]
    for text, scored in zip(texts, _scored(judge, texts, report, reset=reset), strict=True):
        found = cells(place(judge.trained, text, scored), by, blank)
        ended = len(found) and found.texts[-1] == LINE_END
        yield _without_last(found) if ended and by == WORD and blank != "trailing" else found


def _scored(
    judge: Judge, texts: Sequence[str], report: Report, *, reset: bool
) -> Iterator[SymbolBits]:
    if reset:
        judge.refuse_to_learn()
        yield from score_texts(judge.trained, texts, report, judge.given_ids)
        return
    reader = judge.reader()
    for text in texts:
        yield bits.score(judge.trained, text, report, reader)


def _without_last(found: Cells) -> Cells:
    kept = np.arange(len(found) - 1)
    return replace(
        found,
        texts=found.texts[:-1],
        **{
            name: getattr(found, name)[kept]
            for name in ("first_byte", "line", "column", "symbols", "unknown", "bits")
        },
    )
