"""Sentences of an experiment: a long table, a row for each model, item and word."""

from collections.abc import Iterator, Sequence
from typing import Any

from charlm.cli import tabular
from charlm.cli.console import progress_bar, to_json
from charlm.cli.score.rows import SCHEMA
from charlm.cli.score.scored import View
from charlm.errors import UsageError
from charlm.evaluation.bits import finite
from charlm.evaluation.judging import Judge
from charlm.surprisal.cells import WORD, Cells
from charlm.surprisal.items import item_cells, item_rows
from charlm.text.escaping import escaped_bytes
from charlm.text.items import Item, Items


def headings(items: Items, view: View) -> list[str]:
    """Name the columns: those of the input come last, and are renamed where they are taken."""
    own = ["model", "item", "number", view.by, "characters", "bits", "unknown"]
    return [*own, *(f"input_{name}" if name in own else name for name in items.others)]


def rows(judges: Sequence[Judge], items: Items, view: View) -> Iterator[tabular.Row]:
    """Yield the rows, item after item of one model after the other."""
    for judge in judges:
        unit = judge.trained.tokenizer.unit
        texts = [unit.from_typed(item.text) for item in items.items]
        with progress_bar() as report:
            found = item_cells(judge, texts, view.by, view.blank, reset=view.reset, report=report)
            for item, cells in zip(items.items, found, strict=True):
                yield from _of_item(judge.name, item, cells, view)


def json_lines(judges: Sequence[Judge], items: Items, view: View) -> Iterator[str]:
    """Yield the rows as objects, one a line."""
    names = headings(items, view)
    for row in rows(judges, items, view):
        fields: dict[str, Any] = {"schema": SCHEMA, **dict(zip(names, row, strict=True))}
        fields["bits"] = finite(float(fields["bits"]))
        fields["unknown"] = bool(fields["unknown"])
        fields[view.by] = escaped_bytes(fields[view.by])
        yield to_json(fields) + "\n"


def _of_item(name: str, item: Item, cells: Cells, view: View) -> Iterator[tabular.Row]:
    for row in item_rows(name, item.name, cells, view.by):
        yield [*row[:-2], f"{row.bits:z.6f}", int(row.unknown), *item.others]


def refuse_tokens(judge: Judge, view: View) -> None:
    """Refuse what tokens cannot say: a blank is part of the token after it."""
    if view.by == WORD and view.blank == "trailing" and judge.trained.tokenizer.unit.blank:
        raise UsageError(
            f"{judge.name}: its tokens have the blank before them, so none counts with the word "
            "before it; give --blank leading"
        )
