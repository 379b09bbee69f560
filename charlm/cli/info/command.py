"""`charlm info`: what a model file holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import one_line, print_json, print_table, shown_symbol
from charlm.cli.options import COUNT, GroupedCommand, grouped, model_argument

if TYPE_CHECKING:
    from charlm.trained import TrainedModel

SHOWN_SYMBOLS = 100
KNESER_NEY = (
    "Kneser-Ney: only the longest contexts follow plain frequencies; "
    "shorter ones ask after how many different symbols a symbol came."
)


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Inside", "--history", metavar="TEXT", help="Show the likeliest symbols after this text.")
@grouped("Inside", "--text", metavar="TEXT", help="Show the chain rule's product for this text.")
@grouped("Inside", "--top", type=COUNT, default=10, help="How many of the likeliest symbols.")
@grouped("Output", "--json", "as_json", is_flag=True, help="Print everything as JSON.")
@grouped("Output", "--verify", is_flag=True, help="Check every array against its checksum.")
def info(
    model: str, history: str | None, text: str | None, top: int, as_json: bool, verify: bool
) -> None:
    """Show what a model is, what it learnt from, and what it thinks.

    \b
    Examples:
      charlm info book.ngram.charlm
      charlm info book.rnn.charlm --verify
      charlm info book.ngram.charlm --history "th"
      charlm info book.ngram.charlm --text "the cat"
    """
    from charlm import storage
    from charlm.evaluation import inspection

    trained = storage.load(model)
    if history is not None or text is not None:
        if verify:
            storage.verify(model)
        _look_inside(trained, history, text, top, as_json)
        return
    size = Path(model).stat().st_size
    facts = {"schema": 1, "model": model, "file_bytes": size, **inspection.facts(trained)}
    if verify:
        facts["verified_arrays"] = storage.verify(model)
    if as_json:
        print_json(facts)
    else:
        _show(facts, trained)


def _look_inside(
    trained: "TrainedModel", history: str | None, text: str | None, top: int, as_json: bool
) -> None:
    from charlm.cli.info.tables import show_chain, show_next
    from charlm.evaluation.inspection import chain, next_symbols

    typed = trained.tokenizer.unit.from_typed
    figures: dict[str, Any] = {"schema": 1}
    if history is not None:
        figures["next"] = next_symbols(trained, typed(history), top)
    if text is not None:
        figures["chain"] = chain(trained, typed(text))
    if as_json:
        print_json(figures)
        return
    smoothing = str(trained.model.settings().get("smoothing"))
    note = KNESER_NEY if smoothing.endswith("kneser-ney") else ""
    if "next" in figures:
        show_next(figures["next"], note)
    if "chain" in figures:
        show_chain(figures["chain"], note)


def _show(facts: dict[str, Any], trained: "TrainedModel") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(facts, trained):
        table.add_row(name, Text(one_line(value)))
    print_table(table)


def _rows(facts: dict[str, Any], trained: "TrainedModel") -> list[tuple[str, str]]:
    training = facts["training"]
    rows = [
        ("model", f"{facts['model']} ({facts['file_bytes']:,} bytes)"),
        ("signature", facts["signature"]),
        *_family_rows(facts),
        ("vocabulary", _vocabulary(trained)),
    ]
    total = trained.record.excess
    if total is not None:
        rows.append(("no distribution", f"probabilities add up to as much as {total:.3g}"))
    if "symbols" in training or "tuning_symbols" in training:
        seed = training.get("seed")
        if "tuning_symbols" in training:
            rows.append(("tuned on", f"{_short(training['tuning_symbols'])} symbols"))
        else:
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
        for row in facts["orders"]:
            notes = {k: v for k, v in row.items() if k not in ("length", "ngrams", "bytes")}
            shown = ", ".join(f"{key} {_short(value)}" for key, value in notes.items())
            numbers = f"{row['ngrams']:>11,}  {row['bytes']:>13,} bytes  {shown}"
            rows.append((f"{row['length']}-grams", numbers.rstrip()))
        ngrams, size = (sum(row[key] for row in facts["orders"]) for key in ("ngrams", "bytes"))
        rows.append(("in all", f"{ngrams:>11,}  {size:>13,} bytes"))
        return rows
    if facts["kind"] == "mixture":
        return [(f"weight {row['weight']:z.3f}", _member(row)) for row in facts["members"]]
    parameters = sum(_product(shape) for shape in arrays.values())
    shapes = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in arrays.items())
    training = facts["training"]
    rows = [("parameters", f"{parameters:,}: {shapes}")]
    if training:
        kept = f"step {training.get('best_step')} of {training.get('steps')} kept"
        shape = f"batch {training.get('batch')}, window {training.get('window')}"
        rows.append(("training", f"{kept}, {shape}"))
    return rows


def _member(row: dict[str, Any]) -> str:
    notes = {k: v for k, v in row.items() if k not in ("weight", "kind", "bytes")}
    shown = ", ".join(f"{key} {value}" for key, value in notes.items())
    return f"{row['kind']:<8} {row['bytes']:>13,} bytes  {shown}"


def _vocabulary(trained: "TrainedModel") -> str:
    symbols = trained.tokenizer.vocabulary.symbols
    shown = " ".join(map(shown_symbol, symbols[:SHOWN_SYMBOLS]))
    more = f" ... and {len(symbols) - SHOWN_SYMBOLS:,} more" if len(symbols) > SHOWN_SYMBOLS else ""
    return f"{len(symbols):,} symbols: {shown}{more}"


def _short(value: Any) -> str:
    match value:
        case int():
            return f"{value:,}"
        case float():
            return f"{value:z.3f}"
        case list():
            return " ".join(map(_short, value))
    return str(value)


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
