"""Files of counts: made, added up, taken away, shown."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from charlm import storage
from charlm.api.counting import load, load_alike, save, write
from charlm.cli.console import progress_bar, say, say_next
from charlm.cli.files import output_path, refuse_input_as_output, tell_of_line_ends
from charlm.cli.machine import Machine
from charlm.cli.tables import print_facts
from charlm.cli.tabular import Output
from charlm.errors import UsageError
from charlm.files.locking import alone
from charlm.ngram import tally as tallies
from charlm.ngram.counting.counted_windows import CountedWindows
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.ranges.countable import Texts
from charlm.ngram.ranges.counts import CountsInRanges, Tallies
from charlm.ngram.ranges.surveying import surveyor
from charlm.ngram.tally import Tally
from charlm.text import corpus
from charlm.text.decoding import Decoding
from charlm.text.naming import expand
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import prepare
from charlm.trained import Record

SCHEMA = 1
ENDING = "counts"
VERIFIED = ("verified", "every array as written, and every value possible")


def count_texts(
    order: int,
    output: str | None,
    *,
    texts: Sequence[str],
    encoding: str,
    errors: str,
    column: str | None,
    as_text: bool,
    force: bool,
    **policy: Any,
) -> None:
    """Count texts and write a file.

    Raises:
        OutputError: the file cannot be written, or something else is there.
        TextError: a text cannot be read, or there is nothing to count.
        UsageError: an option is impossible.
    """
    path = output_path(texts[0], output, ENDING, storage.COUNTS, force=force)
    names = expand(texts, say)
    refuse_input_as_output(str(path), *names)
    began = perf_counter()
    machine, policy = Machine.among(policy)
    with alone(path), machine.resources(path) as using, progress_bar() as report:
        documents = corpus.read(names, note=say, options=RowOptions(column, as_text))
        decoding = Decoding(encoding, errors)
        data = prepare(
            documents,
            TextPolicy(**policy),
            decoding=decoding,
            report=report,
            surveyor=surveyor(using, report),
        )
        tallies.refuse_uncountable(data, order)
        counted_texts = Texts(Sequences.of(data))
        record = tallies.counted_record(data)
        counted = write(path, counted_texts, order, data.tokenizer, record, using, report)
    tell_of_line_ends(documents, data.tokenizer.policy)
    symbols = "symbols" if policy["unit"] != "char" else "characters"
    say(f"Counted {counted.symbols:,} {symbols} in {perf_counter() - began:z.1f} s.")
    _tell_of(path, counted, record)


def merge_files(names: Sequence[str], output: str, *, force: bool, **options: Any) -> None:
    """Add up the counts of files.

    Raises:
        ModelFileError: a file cannot be read, or holds something else.
        OutputError: the output cannot be written, or something else is there.
        UsageError: texts were cut or treated in different ways.
    """
    path = output_path("", output, ENDING, storage.COUNTS, force=force)
    refuse_input_as_output(output, *names)
    machine, _ = Machine.among(options | {"force": force})
    with alone(path), machine.resources(path) as using, progress_bar() as report:
        opened = load_alike(names)
        total = Tallies(opened, min(tally.order for tally in opened))
        record = tallies.record_of(opened)
        counted = write(path, total, total.order, total.tokenizer, record, using, report)
    _tell_of(path, counted, record)


def subtract_files(name: str, parts: Sequence[str], output: str, *, force: bool) -> None:
    """Take the counts of some files away from those of another.

    Raises:
        ModelFileError: a file cannot be read, or holds something else.
        OutputError: the output cannot be written, or something else is there.
        UsageError: the parts are no part of it, or nothing would be left.
    """
    path = output_path("", output, ENDING, storage.COUNTS, force=force)
    refuse_input_as_output(output, name, *parts)
    with alone(path):
        whole = load(name)
        try:
            rest = tallies.subtract(whole, tallies.add(load_alike(parts)))
        except UsageError as error:
            raise error.about(name) from None
        save(path, rest)
    _tell_of(path, rest.windows, rest.record)


def _tell_of(path: Path, counted: CountedWindows | CountsInRanges, record: Record) -> None:
    texts = len(record.texts or ())
    what = f"{counted.size:,} windows of {counted.order + 1} symbols"
    say(f"{what}, from {texts:,} {'text' if texts == 1 else 'texts'}.")
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("train", path)


def show(name: str, output: Output, *, verify: bool) -> None:
    """Show what a file of counts holds; every value of it was checked, as `verify` asks for."""
    tally = load(name)
    size = Path(name).stat().st_size
    if output.is_asked_for:
        output.json(_facts(name, size, tally))
    else:
        print_facts([*_rows(name, size, tally), *[VERIFIED] * verify])


def _facts(name: str, size: int, tally: Tally) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "counts": name,
        "file_bytes": size,
        "kind": tally.windows.kind,
        "order": tally.order,
        "symbols": tally.windows.symbols,
        "windows": len(tally.windows.counts),
        "vocabulary": len(tally.tokenizer.vocabulary.symbols),
        **asdict(tally.tokenizer.policy),
        "training": tally.record.to_json(),
    }


def _rows(name: str, size: int, tally: Tally) -> Iterator[tuple[str, str]]:
    """Yield names and what is known of each."""
    policy, record = tally.tokenizer.policy, tally.record
    yield "counts", f"{name} ({size:,} bytes)"
    yield "order", f"{tally.order}: for models of this order and all below it"
    yield "unit", f"{policy.unit}, sequences are {policy.sequence}s"
    yield "counted", f"{tally.windows.symbols:,} symbols"
    yield "windows", f"{len(tally.windows.counts):,} of {tally.order + 1} symbols"
    yield "vocabulary", f"{len(tally.tokenizer.vocabulary.symbols):,} symbols"
    yield from (("", f"sha256 {text.sha256}") for text in record.texts or ())
    yield "made by", f"charlm {record.charlm}, numpy {record.numpy}"
