"""Tables of what a model thinks: the next symbols after a history, and a text symbol by symbol."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

import click

from charlm import storage
from charlm.cli.console import one_line, print_prose, shown_symbol
from charlm.cli.tables import Column, print_table, table
from charlm.cli.tabular import Output, Row
from charlm.evaluation import inspection
from charlm.evaluation.inspection import Chain, Link, NextSymbols, Symbol
from charlm.trained import TrainedModel

SCHEMA = 1
UNKNOWN = (
    "Unknown: P is that of any symbol the model does not know; the bits also say which one it was."
)
KNESER_NEY = (
    "Kneser-Ney: only the longest contexts follow plain frequencies; "
    "shorter ones ask after how many different symbols a symbol came."
)
SMALLEST_PLAIN = 1e-4  # smaller numbers are given as powers of ten
NEXT = (Column("symbol", "left"), Column("P"), Column("bits"))
CHAIN = (*NEXT, Column("product so far"))
ORIGIN = (  # where the model backs off, from which context a probability comes
    Column("order"),
    Column("context used", "left"),
    Column("times back-off", breaks="between words"),
)
NEEDED = 2  # columns; a narrow terminal may go without the others


def show_inside(
    name: str, history: str | None, text: str | None, top: int, output: Output, *, verify: bool
) -> None:
    """Show what comes after a history, how a text's probability is made up, or both."""
    trained = storage.load(name)
    if verify:
        storage.verify(name)
    typed = trained.tokenizer.unit.from_typed
    after = None if history is None else inspection.next_symbols(trained, typed(history), top)
    chain = None if text is None else inspection.chain(trained, typed(text))
    if output.is_json:
        figures: dict[str, Any] = {"schema": SCHEMA}
        figures |= {} if after is None else {"next": after.to_json()}
        figures |= {} if chain is None else {"chain": chain.to_json()}
        output.json(figures)
        return
    if output.is_asked_for:
        output.table(_rows(after, chain))
        return
    note = _note(trained)
    if after is not None:
        _show_next(after, note)
    if chain is not None:
        _show_chain(chain, note)


def _note(trained: TrainedModel) -> str:
    """Say what numbers of this smoother mean, where that is not plain."""
    smoothing = str(trained.model.settings().get("smoothing"))
    return KNESER_NEY if smoothing.endswith("kneser-ney") else ""


def _rows(after: NextSymbols | None, chain: Chain | None) -> Iterator[Row]:
    """Yield the symbols that may come next, then those of a text, the headings first."""
    yield ["part", "symbol", "unknown", "probability", "bits", "order", "backoff"]
    found = [("next", one) for one in (() if after is None else after.symbols)]
    found += [("text", link.symbol) for link in (() if chain is None else chain.links)]
    for part, one in found:
        bits = inf if one.bits is None else one.bits
        yield [part, one.name, int(one.unknown), one.probability, bits, one.order, one.backoff]


def _show_next(after: NextSymbols, note: str) -> None:
    """Show the likeliest symbols after a history; the note comes last."""
    rows = [
        [shown_symbol(one.name), _number(one.probability), _number(one.bits), *_origin(one)]
        for one in after.symbols
    ]
    columns = (*NEXT, *_origin_columns(after.symbols))
    title = f"Next symbols after {_quoted(after.history)}"
    drawn = table(title, columns, [*rows, ["all others", _number(after.rest)]])
    print_table(drawn, len(columns) - NEEDED)
    if after.contexts is not None:
        print_prose("Contexts seen, and the back-off weight that each gives the shorter one:")
        for seen in after.contexts:
            click.echo(f"  {_context(seen.context)}  {_number(seen.backoff)}")
    if note:
        print_prose(note)


def _show_chain(chain: Chain, note: str) -> None:
    """Show the chain rule's product; the note comes last."""
    symbols = [link.symbol for link in chain.links]
    columns = (*CHAIN, *_origin_columns(symbols))
    title = f"Chain rule for {_quoted(chain.text)}"
    print_table(table(title, columns, map(_link_row, chain.links)), len(columns) - NEEDED)
    bits, perplexity = _number(chain.total_bits), _number(chain.perplexity)
    each = f"; perplexity {perplexity}" if symbols else ""
    print_prose(f"{bits} bits for {len(symbols):,} symbols{each}.")
    if any(symbol.unknown for symbol in symbols):
        print_prose(UNKNOWN)
    if note:
        print_prose(note)


def _link_row(link: Link) -> list[str]:
    symbol = link.symbol
    name = shown_symbol(symbol.name) + (" (unknown)" if symbol.unknown else "")
    figures = [_number(symbol.probability), _number(symbol.bits), _product(link)]
    return [name, *figures, *_origin(symbol)]


def _origin_columns(symbols: Sequence[Symbol]) -> tuple[Column, ...]:
    return ORIGIN if any(symbol.context is not None for symbol in symbols) else ()


def _origin(symbol: Symbol) -> list[str]:
    if symbol.context is None or symbol.backoff is None:
        return []
    backoff = "" if symbol.backoff == 1 else _number(symbol.backoff)
    return [str(symbol.order), _context(symbol.context), backoff]


def _context(symbols: Sequence[str]) -> str:
    return " ".join(map(shown_symbol, symbols)) or "(none)"


def _product(link: Link) -> str:
    if link.product or link.log2_product is None:
        return _number(link.product)
    return f"2^{link.log2_product:z.1f}"  # too small for a float


def _quoted(text: str) -> str:
    return one_line(f'"{text}"').replace("\t", "\\t")


def _number(value: float | None) -> str:
    if value is None:
        return "inf"
    return f"{value:z.4f}" if value >= SMALLEST_PLAIN or value == 0 else f"{value:.2e}"
