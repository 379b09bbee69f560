"""Tables of what a model thinks: the next symbols after a history, and a text symbol by symbol."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

import click

from charlm.cli.console import one_line, print_prose, shown_symbol
from charlm.cli.info.request import LIKELIEST, Request
from charlm.cli.tables import Column, print_table, table
from charlm.cli.tabular import Output, Row
from charlm.evaluation import inspection
from charlm.evaluation.frequencies import Frequencies
from charlm.evaluation.inspection import Chain, Link, NextSymbols, Symbol
from charlm.text.vocabulary import START_NAME
from charlm.trained import TrainedModel

SCHEMA = 1
UNKNOWN = (
    "Unknown: P is that of any symbol the model does not know; the bits also say which one it was."
)
KNESER_NEY = (
    "Kneser-Ney: only the longest contexts follow plain frequencies; "
    "shorter ones ask after how many different symbols a symbol came."
)
START = (
    f"The first symbol comes after {START_NAME}, where a sequence starts: its P says how sequences "
    "begin, not how often the symbol occurs. `charlm train TEXT --order 0 --smoothing mle -o "
    'shares.charlm` makes a model of shares, `charlm info shares.charlm --history ""` shows them.'
)
SMALLEST_PLAIN = 1e-4  # smaller numbers are given as powers of ten
NEXT = (Column("symbol", "left"), Column("P"), Column("bits"))
SEEN, PRODUCT = Column("seen", "left"), Column("product so far")
ORIGIN = (  # where the model backs off, from which context a probability comes
    Column("order"),
    Column("context used", "left"),
    Column("times back-off", breaks="between words"),
)
NEEDED = 2  # columns; a narrow terminal may go without the others


def show_inside(
    trained: TrainedModel, request: Request, frequencies: Frequencies | None, output: Output
) -> None:
    """Show what comes after a history, how a text's probability is made up, or both."""
    typed, after, chain = trained.tokenizer.unit.from_typed, None, None
    if request.history is not None:
        top = request.top or LIKELIEST
        after = inspection.next_symbols(trained, typed(request.history), top, frequencies)
    if request.text is not None:
        chain = inspection.chain(trained, typed(request.text), frequencies)
    if output.is_json:
        figures: dict[str, Any] = {"schema": SCHEMA}
        figures |= {} if after is None else {"next": after.to_json()}
        figures |= {} if chain is None else {"chain": chain.to_json()}
        output.json(figures)
        return
    if output.is_asked_for:
        output.table(_rows(after, chain, counted=frequencies is not None))
        return
    notes = [note for note in (_start_note(trained, request), _note(trained)) if note]
    if after is not None:
        _show_next(after)
    if chain is not None:
        _show_chain(chain)
    for note in notes:
        print_prose(note)


def _start_note(trained: TrainedModel, request: Request) -> str:
    """Say what the first symbol's probability is, where it is not how often the symbol occurs."""
    begins = request.history == "" or bool(request.text)
    return START if begins and trained.model.settings().get("order") != 0 else ""


def _note(trained: TrainedModel) -> str:
    """Say what numbers of this smoother mean, where that is not plain."""
    smoothing = str(trained.model.settings().get("smoothing"))
    return KNESER_NEY if smoothing.endswith("kneser-ney") else ""


def _rows(after: NextSymbols | None, chain: Chain | None, *, counted: bool) -> Iterator[Row]:
    """Yield the symbols that may come next, then those of a text, the headings first."""
    names = ["part", "symbol", "unknown", "probability", "bits", "order", "backoff"]
    yield [*names, *(["count", "total"] if counted else [])]
    found = [("next", one) for one in (() if after is None else after.symbols)]
    found += [("text", link.symbol) for link in (() if chain is None else chain.links)]
    for part, one in found:
        bits = inf if one.bits is None else one.bits
        seen = [] if one.seen is None else [one.seen.count, one.seen.total]
        known = [part, one.name, int(one.unknown), one.probability, bits, one.order, one.backoff]
        yield [*known, *seen]


def _show_next(after: NextSymbols) -> None:
    """Show the likeliest symbols after a history."""
    rows = [[shown_symbol(one.name), *_figures(one), *_origin(one)] for one in after.symbols]
    columns = (*NEXT, *_seen_columns(after.symbols), *_origin_columns(after.symbols))
    title = f"Next symbols after {_quoted(after.history)}"
    drawn = table(title, columns, [*rows, ["all others", _number(after.rest)]])
    print_table(drawn, len(columns) - NEEDED)
    if after.contexts:
        print_prose("Contexts seen, and the back-off weight that each gives the shorter one:")
        for seen in after.contexts:
            click.echo(f"  {_context(seen.context)}  {_number(seen.backoff)}")


def _show_chain(chain: Chain) -> None:
    """Show the chain rule's product."""
    symbols = [link.symbol for link in chain.links]
    columns = (*NEXT, *_seen_columns(symbols), PRODUCT, *_origin_columns(symbols))
    title = f"Chain rule for {_quoted(chain.text)}"
    print_table(table(title, columns, map(_link_row, chain.links)), len(columns) - NEEDED)
    bits, perplexity = _number(chain.total_bits), _number(chain.perplexity)
    each = f"; perplexity {perplexity}" if symbols else ""
    print_prose(f"{bits} bits for {len(symbols):,} symbols{each}.")
    if any(symbol.unknown for symbol in symbols):
        print_prose(UNKNOWN)


def _link_row(link: Link) -> list[str]:
    symbol = link.symbol
    name = shown_symbol(symbol.name) + (" (unknown)" if symbol.unknown else "")
    return [name, *_figures(symbol), _product(link), *_origin(symbol)]


def _figures(symbol: Symbol) -> list[str]:
    """Write the probability, the bits and, where symbols were counted, how often it came."""
    figures = [_number(symbol.probability), _number(symbol.bits)]
    if symbol.seen is not None:
        count = f"{symbol.seen.count:,} of {symbol.seen.total:,}"
        figures.append(f"{count} after {_context(symbol.seen.context)}")
    return figures


def _seen_columns(symbols: Sequence[Symbol]) -> tuple[Column, ...]:
    return (SEEN,) if any(symbol.seen is not None for symbol in symbols) else ()


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
