"""`charlm info`: what a model file holds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import print_table, printable
from charlm.cli.options import GroupedCommand, grouped

if TYPE_CHECKING:
    from charlm.storage import ModelFile

SHOWN_SYMBOLS = 100


@click.command(cls=GroupedCommand)
@click.argument("model")
@grouped("Output", "--json", "as_json", is_flag=True, help="Print everything as JSON.")
@grouped("Output", "--verify", is_flag=True, help="Check every array against its checksum.")
def info(model: str, as_json: bool, verify: bool) -> None:
    """Show what a model is, what it was trained on, and how large it is.

    \b
    Examples:
      charlm info book.ngram.charlm
      charlm info book.rnn.charlm --verify
    """
    from charlm import storage
    from charlm.evaluation import signature

    contents = storage.load(model)
    facts: dict[str, Any] = {
        "schema": 1,
        "model": model,
        "kind": contents.model.kind,
        "signature": signature(contents),
        "file_bytes": Path(model).stat().st_size,
        "vocabulary": len(contents.tokenizer.vocabulary.symbols),
        "settings": contents.model.settings(),
        "arrays": {name: list(a.shape) for name, a in sorted(contents.model.arrays().items())},
        "training": dict(contents.training),
    }
    if verify:
        facts["verified_arrays"] = storage.verify(model)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        _show(facts, contents)


def _show(facts: dict[str, Any], contents: "ModelFile") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(facts, contents):
        table.add_row(name, Text(printable(value)))
    print_table(table)


def _rows(facts: dict[str, Any], contents: "ModelFile") -> list[tuple[str, str]]:
    training = facts["training"]
    rows = [
        ("model", f"{facts['model']} ({facts['file_bytes']:,} bytes)"),
        ("signature", facts["signature"]),
        *_family_rows(facts),
        ("vocabulary", _vocabulary(contents)),
    ]
    if training:
        seed = training.get("seed")
        rows.append(("trained on", f"{_short(training.get('symbols'))} symbols, seed {seed}"))
        rows += [("", f"sha256 {text['sha256']}") for text in training.get("texts", [])]
        made_by = f"charlm {training.get('charlm')}, numpy {training.get('numpy')}"
        rows.append(("made by", made_by))
    if "verified_arrays" in facts:
        rows.append(("verified", f"{facts['verified_arrays']} arrays, all as written"))
    return rows


def _family_rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    settings, arrays = facts["settings"], facts["arrays"]
    if facts["kind"] == "ngram":
        order = settings["order"]
        rows = [("order", f"{order} symbols of context ({order + 1}-grams)")]
        for i, note in enumerate(settings["notes"], start=1):
            notes = ", ".join(f"{key} {_short(value)}" for key, value in note.items())
            rows.append((f"{i}-grams", f"{arrays[f'{i}.probability'][0]:,}  {notes}".rstrip()))
        return rows
    parameters = sum(_product(shape) for shape in arrays.values())
    shapes = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in arrays.items())
    training = facts["training"]
    rows = [("parameters", f"{parameters:,}: {shapes}")]
    if training:
        kept = f"step {training.get('best_step')} of {training.get('steps')} kept"
        shape = f"batch {training.get('batch')}, window {training.get('window')}"
        rows.append(("training", f"{kept}, {shape}"))
    return rows


def _vocabulary(contents: "ModelFile") -> str:
    symbols = contents.tokenizer.vocabulary.symbols
    shown = " ".join(
        symbol if symbol.strip() else repr(symbol) for symbol in symbols[:SHOWN_SYMBOLS]
    )
    more = f" ... and {len(symbols) - SHOWN_SYMBOLS:,} more" if len(symbols) > SHOWN_SYMBOLS else ""
    return f"{len(symbols):,} symbols: {shown}{more}"


def _short(value: Any) -> str:
    match value:
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.3f}"
        case list():
            return " ".join(map(_short, value))
    return str(value)


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
