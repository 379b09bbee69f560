"""Tables of what a model thinks: the next symbols after a history, and a text symbol by symbol."""

from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import one_line, print_prose, print_table, shown_symbol

if TYPE_CHECKING:
    from rich.table import Table

UNKNOWN = (
    "Unknown: P is that of any symbol the model does not know; the bits also say which one it was."
)
SMALLEST_PLAIN = 1e-4  # smaller numbers are given as powers of ten


def show_next(figures: dict[str, Any], note: str = "") -> None:
    """Show the likeliest symbols after a history; the note comes last."""
    table = _table(f"Next symbols after {_quoted(figures['history'])}", "symbol", "P", "bits")
    _add_origin_columns(table, figures["symbols"])
    for row in figures["symbols"]:
        cells = [shown_symbol(row["symbol"]), _number(row["probability"]), _number(row["bits"])]
        _add_row(table, *cells, *_origin(row))
    _add_row(table, "all others", _number(figures["rest"]))
    print_table(table, len(table.columns) - 2)
    if figures["contexts"] is not None:
        print_prose("Contexts seen, and the back-off weight that each gives the shorter one:")
        for c in figures["contexts"]:
            click.echo(f"  {_context(c['context'])}  {_number(c['backoff'])}")
    if note:
        print_prose(note)


def show_chain(figures: dict[str, Any], note: str = "") -> None:
    """Show the chain rule's product; the note comes last."""
    title = f"Chain rule for {_quoted(figures['text'])}"
    table = _table(title, "symbol", "P", "bits", "product so far")
    _add_origin_columns(table, figures["symbols"])
    for row in figures["symbols"]:
        name = (
            f"{shown_symbol(row['symbol'])} (unknown)"
            if row["unknown"]
            else shown_symbol(row["symbol"])
        )
        cells = [_number(row["probability"]), _number(row["bits"]), _product(row)]
        _add_row(table, name, *cells, *_origin(row))
    print_table(table, len(table.columns) - 2)
    bits, perplexity = _number(figures["total_bits"]), _number(figures["perplexity"])
    each = f"; perplexity {perplexity}" if figures["symbols"] else ""
    print_prose(f"{bits} bits for {len(figures['symbols']):,} symbols{each}.")
    if any(row["unknown"] for row in figures["symbols"]):
        print_prose(UNKNOWN)
    if note:
        print_prose(note)


def _table(title: str, *headings: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left")
    table.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _add_row(table: "Table", *cells: str) -> None:
    """Add cells as they are, without markup."""
    from rich.text import Text

    table.add_row(*map(Text, cells))


def _add_origin_columns(table: "Table", rows: list[dict[str, Any]]) -> None:
    """Where the model backs off, say from which context a probability comes."""
    if any(row["context"] is not None for row in rows):
        table.add_column("order", justify="right")
        table.add_column("context used", no_wrap=True)
        table.add_column("times back-off", justify="right")


def _origin(row: dict[str, Any]) -> list[str]:
    if row["context"] is None:
        return []
    backoff = "" if row["backoff"] == 1 else _number(row["backoff"])
    return [str(row["order"]), _context(row["context"]), backoff]


def _context(symbols: list[str]) -> str:
    return " ".join(map(shown_symbol, symbols)) or "(none)"


def _product(row: dict[str, Any]) -> str:
    if row["product"] or row["log2_product"] is None:
        return _number(row["product"])
    return f"2^{row['log2_product']:z.1f}"  # too small for a float


def _quoted(text: str) -> str:
    return one_line(f'"{text}"').replace("\t", "\\t")


def _number(value: float | None) -> str:
    if value is None:
        return "inf"
    return f"{value:z.4f}" if value >= SMALLEST_PLAIN or value == 0 else f"{value:.2e}"
