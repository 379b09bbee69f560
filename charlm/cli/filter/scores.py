"""The scores of documents as rows for programs: a table with a header, or JSON."""

from collections.abc import Iterator, Sequence
from itertools import chain
from math import isnan
from pathlib import Path
from typing import Any

from charlm.cli.console import to_json
from charlm.cli.tabular import SHEETS, TSV
from charlm.evaluation.bits import finite
from charlm.evaluation.filtering import Filtering, Wanted
from charlm.text.sources import COMPRESSED

OBJECTS = (".jsonl", ".json")
ENDINGS = (".tsv", ".csv", *OBJECTS)
COLUMNS = ["text", "row", "chars", "bits_per_char", "kept"]


def sheet(name: str, texts: Sequence[str], filtering: Filtering, wanted: Wanted) -> Iterator[bytes]:
    """Yield a line for each document, as the name of the file asks for.

    A document without text has no bits per character: an empty cell, or null.
    """
    rows = _rows(texts, filtering, wanted)
    lines: Iterator[str]
    path = Path(name)
    while path.suffix in COMPRESSED:
        path = path.with_suffix("")
    if path.suffix in OBJECTS:
        lines = (f"{to_json(_object(row))}\n" for row in rows)
    else:
        lines = SHEETS.get(path.suffix, TSV).lines(chain([COLUMNS], map(_cells, rows)))
    return (line.encode(errors="replace") for line in lines)


def _rows(texts: Sequence[str], filtering: Filtering, wanted: Wanted) -> Iterator[list[Any]]:
    rule = filtering.rule(wanted)
    for block in filtering.scores.blocks():
        flags = rule.keeps(block[:, 0]).tolist()
        for (score, chars, file, number), kept in zip(block.tolist(), flags, strict=True):
            yield [texts[int(file)], int(number), int(chars), score, kept]


def _object(row: list[Any]) -> dict[str, Any]:
    found = dict(zip(COLUMNS, row, strict=True))
    score = found["bits_per_char"]
    return {**found, "bits_per_char": None if isnan(score) else finite(score)}


def _cells(row: list[Any]) -> list[Any]:
    text, number, chars, score, kept = row
    shown = "" if isnan(score) else f"{score:z.6f}"
    return [text, number, chars, shown, str(kept).lower()]
