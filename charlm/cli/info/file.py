"""What a model file holds: the model, its size, and what it was trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from charlm import storage
from charlm.cli.console import shown_symbol
from charlm.cli.tables import print_facts
from charlm.cli.tabular import Output
from charlm.evaluation import inspection
from charlm.evaluation.inspection import Facts
from charlm.model import MemberFacts, NgramsOfLength
from charlm.trained import Record

SCHEMA = 1
SHOWN_SYMBOLS = 100


@dataclass(frozen=True)
class File:
    """A model file, what it holds, and how many arrays were compared with their checksums."""

    name: str
    bytes: int
    facts: Facts
    verified_arrays: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; what was not verified is not there."""
        size = {"file_bytes": self.bytes}
        known = {"schema": SCHEMA, "model": self.name, **size, **self.facts.to_json()}
        if self.verified_arrays is not None:
            known["verified_arrays"] = self.verified_arrays
        return known


def show_file(name: str, output: Output, *, verify: bool) -> None:
    """Show what a file holds, and check it first if that is wanted."""
    trained = storage.load(name)
    size = Path(name).stat().st_size
    facts = inspection.facts(trained)
    file = File(name, size, facts, storage.verify(name) if verify else None)
    if output.is_asked_for:
        output.json(file.to_json())
    else:
        print_facts(_rows(file, trained.tokenizer.vocabulary.symbols))


def _rows(file: File, symbols: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield names and what is known of each."""
    yield "model", f"{file.name} ({file.bytes:,} bytes)"
    yield "signature", file.facts.signature
    yield from _family_rows(file.facts)
    yield "vocabulary", _vocabulary(symbols)
    yield from _record_rows(file.facts.record)
    if file.verified_arrays is not None:
        yield "verified", f"{file.verified_arrays} arrays, all as written"


def _family_rows(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.parts.orders is not None:
        yield from _order_rows(facts.settings["order"], facts.parts.orders)
    elif facts.parts.members is not None:
        for member in facts.parts.members:
            yield f"weight {member.weight:z.3f}", _member(member)
    else:
        yield from _network_rows(facts)


def _order_rows(order: int, orders: tuple[NgramsOfLength, ...]) -> Iterator[tuple[str, str]]:
    yield "order", f"{order} symbols of context ({order + 1}-grams)"
    for row in orders:
        notes = ", ".join(f"{key} {_short(value)}" for key, value in row.notes.items())
        yield f"{row.length}-grams", f"{_size(row.ngrams, row.bytes)}  {notes}".rstrip()
    ngrams, size = sum(row.ngrams for row in orders), sum(row.bytes for row in orders)
    yield "in all", _size(ngrams, size)


def _size(ngrams: int, size: int) -> str:
    return f"{ngrams:>11,}  {size:>13,} bytes"


def _member(member: MemberFacts) -> str:
    notes = ", ".join(f"{key} {value}" for key, value in member.description.items())
    return f"{member.kind:<8} {member.bytes:>13,} bytes  {notes}"


def _network_rows(facts: Facts) -> Iterator[tuple[str, str]]:
    arrays, plan = facts.arrays, facts.record.more
    shapes = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in arrays.items())
    yield "parameters", f"{sum(map(prod, arrays.values())):,}: {shapes}"
    if facts.record != Record():
        kept = f"step {plan.get('best_step')} of {plan.get('steps')} kept"
        yield "training", f"{kept}, batch {plan.get('batch')}, window {plan.get('window')}"


def _record_rows(record: Record) -> Iterator[tuple[str, str]]:
    if record.excess is not None:
        yield "no distribution", f"probabilities add up to as much as {record.excess:.3g}"
    if record.tuning_symbols is not None:
        yield "tuned on", f"{record.tuning_symbols:,} symbols"
    elif record.symbols is not None:
        yield "trained on", f"{record.symbols:,} symbols, seed {record.seed}"
    else:
        return
    for text in record.texts or ():
        yield "", f"sha256 {text.sha256}"
    yield "made by", f"charlm {record.charlm}, numpy {record.numpy}"


def _vocabulary(symbols: tuple[str, ...]) -> str:
    shown = " ".join(map(shown_symbol, symbols[:SHOWN_SYMBOLS]))
    more = f" ... and {len(symbols) - SHOWN_SYMBOLS:,} more" if len(symbols) > SHOWN_SYMBOLS else ""
    return f"{len(symbols):,} symbols: {shown}{more}"


def _short(value: Any) -> str:
    """Write a smoother's note: a number, numbers, or a word."""
    match value:
        case int():
            return f"{value:,}"
        case float():
            return f"{value:z.3f}"
        case list():
            return " ".join(map(_short, value))
    return str(value)
