"""`charlm identify`: which model explains each line of a text best."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.charts import COLOURS
from charlm.cli.console import (
    console,
    one_line,
    print_json,
    print_prose,
    progress_bar,
    say,
    text_writer,
    to_json,
)
from charlm.cli.files import read, warn_if_seen
from charlm.cli.options import FILE, GroupedCommand, decoding_options, grouped
from charlm.cli.tsv import tsv
from charlm.text.escaping import escaped, visible

if TYPE_CHECKING:
    from rich.text import Text

    from charlm.evaluation.identification import Identification
    from charlm.text.units import Unit

SCHEMA = 1
LONGEST_NAME = 28


@click.command(cls=GroupedCommand)
@click.argument("models", type=FILE, metavar="MODEL...", nargs=-1, required=True)
@click.argument("text", type=FILE, metavar="TEXT")
@grouped("Output", "--summary", is_flag=True, help="Only say how many lines each model explains.")
@grouped("Output", "--json", "as_json", is_flag=True, help="Print a JSON object for each line.")
@decoding_options()
def identify(
    models: tuple[str, ...], text: str, summary: bool, as_json: bool, encoding: str, errors: str
) -> None:
    """Say which of several models explains each line best.

    So languages are told apart, and authors. Each line is judged on its own. The margin is how many
    bits fewer the best model needs than the next one: with 10 bits, the line is 1024 times as
    likely by the best. Models of any unit can be compared: beside others, a model of bytes reads
    the text in UTF-8, however the file is encoded. For short lines, train with --sequence line:
    where a line starts and how is a hint. Into a pipe goes a table of tab-separated values, and the
    summary to standard error.

    \b
    Examples:
      charlm identify austen.charlm shakespeare.charlm letter.txt
      charlm identify en.charlm fr.charlm de.charlm mail.txt --summary
      echo "To be or not" | charlm identify austen.charlm shakespeare.charlm -
    """  # fmt: skip
    from charlm import storage
    from charlm.evaluation import identification
    from charlm.evaluation.judging import decode_alike
    from charlm.text.training_set import Decoding

    (document,) = read([text], models)
    with progress_bar() as report:
        trained = [storage.load(name) for name in models]
        units = [model.tokenizer.unit for model in trained]
        if all(unit.encoding for unit in units):
            texts = [document.text(unit, encoding, errors) for unit in units]
        else:
            texts = decode_alike(document, units, Decoding(encoding, errors))
        found = identification.identify(trained, texts, report)
    for name, model in zip(models, trained, strict=True):
        warn_if_seen(name, model, [document])
    if summary and as_json:
        print_json(summary_figures(models, found))
        return
    if not summary:
        lines = [_shown(line, units[0]) for line in identification.lines_of(texts[0])]
        _show_lines(Lines(models, lines, found), as_json)
    for line in in_words(summary_figures(models, found)):
        if summary or (sys.stdout.isatty() and not as_json):
            print_prose(one_line(line))
        else:
            say(line)


@dataclass(frozen=True)
class Lines:
    """What was found, with the names of the models and the lines as a reader sees them."""

    models: tuple[str, ...]
    texts: list[str]
    found: "Identification"

    def best(self, i: int) -> str | None:
        """Name the best model; None where there is none."""
        best = int(self.found.best[i])
        return None if best < 0 else self.models[best]

    def rows(self) -> Iterator[str]:
        """Yield rows of tab-separated values, the headings first."""
        headings = ["line", "best", "margin_bits", *map(escaped, self.models), "text"]
        return tsv(chain([headings], self._cells()))

    def _cells(self) -> Iterator[list[object]]:
        for i, text in enumerate(self.texts):
            bits = [f"{value:z.3f}" for value in (self.found.margin[i], *self.found.bits[:, i])]
            yield [i + 1, escaped(self.best(i) or ""), *bits, escaped(text)]

    def objects(self) -> Iterator[str]:
        """Give a JSON object for each line."""
        for i, text in enumerate(self.texts):
            size = int(self.found.bytes[i])
            per_model = [
                {"model": model, "bits": _finite(bits), "bits_per_byte": _finite(bits, size)}
                for model, bits in zip(self.models, self.found.bits[:, i], strict=True)
            ]
            margin = _finite(self.found.margin[i])
            head = {"schema": SCHEMA, "line": i + 1, "best": self.best(i), "margin_bits": margin}
            yield to_json({**head, "models": per_model, "text": text}) + "\n"

    def coloured(self) -> Iterator["Text"]:
        """Give lines for a terminal, a colour for each model."""
        from rich.text import Text

        names = [_short(name) for name in self.models]
        widths = max(4, len(f"{len(self.texts):,}")), max(map(_width, names))
        yield Text(f"  {'line':>{widths[0]}}  {'best':<{widths[1]}}  {'margin':>8}", "bold")
        for i, text in enumerate(self.texts):
            best = int(self.found.best[i])
            name, colour = ("-", "dim") if best < 0 else (names[best], COLOURS[best % len(COLOURS)])
            margin = "" if best < 0 else f"{self.found.margin[i]:z,.1f}"
            row = Text(f"  {i + 1:>{widths[0]},}  ")
            row.append(_padded(name, widths[1]), colour).append(f"  {margin:>8}  ")
            yield row.append(visible(text, but="\t").replace("\t", " "))


def _show_lines(lines: Lines, as_json: bool) -> None:
    if sys.stdout.isatty() and not as_json:
        terminal = console()
        for row in lines.coloured():
            terminal.print(row, no_wrap=True, overflow="ellipsis")
        terminal.print()
        return
    write = text_writer(None)
    for line in lines.objects() if as_json else lines.rows():
        write(line)


def summary_figures(models: tuple[str, ...], found: "Identification") -> dict[str, Any]:
    """Give each model's share of the lines that have a best one, and the verdict on the whole."""
    won, whole = found.lines_won, found.whole
    decided = sum(won)
    size, best = int(whole.bytes[0]), int(whole.best[0])
    return {
        "schema": SCHEMA,
        "lines": len(found.best),
        "bytes": size,
        "undecided": len(found.best) - decided,
        "models": [
            {
                "model": model,
                "lines": won[m],
                "share": won[m] / decided if decided else None,
                "bits_per_byte": _finite(whole.bits[m, 0], size),
            }
            for m, model in enumerate(models)
        ],
        "best": None if best < 0 else models[best],
        "margin_bits": _finite(whole.margin[0]),
    }


def in_words(figures: dict[str, Any]) -> Iterator[str]:
    """Say the summary, a line for each model, and one for the text as a whole."""
    width = max(_width(_short(row["model"])) for row in figures["models"])
    missing = "impossible" if figures["bytes"] else ""
    for row in figures["models"]:
        share = "" if row["share"] is None else f"{100 * row['share']:z5.1f} %"
        bits = row["bits_per_byte"]
        cost = missing if bits is None else f"{bits:z.3f} bits/byte"
        lines = f"{row['lines']:>9,} line{' ' if row['lines'] == 1 else 's'}"
        yield f"{_padded(_short(row['model']), width)}  {lines}  {share}  {cost}".rstrip()
    if figures["undecided"]:
        yield f"Undecided, blank or equally likely: {figures['undecided']:,}."
    if figures["best"] is not None:
        margin = figures["margin_bits"]
        by = "the others cannot" if margin is None else f"by {margin:z,.1f} bits"
        yield f"The text as a whole: {figures['best']}, {by}."


def _finite(value: float, size: int = 1) -> float | None:
    return float(value) / size if size and isfinite(value) else None


def _short(name: str) -> str:
    """Keep the end of a long name, which tells more than its beginning."""
    safe = one_line(name).replace("\t", "\\t")
    return safe if len(safe) <= LONGEST_NAME else "…" + safe[1 - LONGEST_NAME :]


def _width(name: str) -> int:
    """Columns that a terminal needs; Chinese takes two a character."""
    from rich.cells import cell_len

    return cell_len(name)


def _padded(name: str, width: int) -> str:
    return name + " " * (width - _width(name))


def _shown(line: str, unit: "Unit") -> str:
    """Give a line as a reader sees it, also where the unit reads bytes."""
    return line.encode(unit.encoding).decode(errors="replace") if unit.encoding else line
