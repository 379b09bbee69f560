r"""Counts as a library: what is in some texts, to be added up and trained on.

    >>> import charlm
    >>> old, new = charlm.count("she sells sea shells"), charlm.count("by the sea shore")
    >>> both = old + new
    >>> model = charlm.train_ngram(both, order=3)
    >>> both - new == old, (both - new).symbols == old.symbols
    (False, True)

Counts of all texts together are the sum of those of each, and the model that is trained on a sum is
the very model of the texts. So new text is added without reading the old again, and texts can be
counted anywhere, in any order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypedDict, Unpack

from charlm import storage
from charlm.api.arguments import Text, checked_path, documents
from charlm.api.names import Newlines, NormalForm, SequenceName, UnitName
from charlm.api.ngram_training import identity_of
from charlm.api.options import checked_value, given, spelled_out
from charlm.arrays import Holder
from charlm.errors import Advice, ModelFileError, TextError, UsageError
from charlm.files import foreign
from charlm.files.replacing import refuse_foreign
from charlm.ngram import tally as tallies
from charlm.ngram.counting.counted_windows import CountedWindows
from charlm.ngram.ranges import fitting
from charlm.ngram.ranges.countable import Countable
from charlm.ngram.ranges.counts import CountsInRanges
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.tally import Tally
from charlm.progress import Report, silent
from charlm.text import sources
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import prepare
from charlm.trained import Record

ROW_OPTIONS = [field.name for field in fields(RowOptions)]
ORDER = 6  # of models that can be trained, where nothing is said


class CountOptions(TypedDict, total=False):
    """How texts become symbols (`TextPolicy`); every symbol is counted.

    `column` and `as_text` say how files of rows are read (`RowOptions`).
    """

    unit: UnitName
    sequence: SequenceName
    normalize: NormalForm | None
    lowercase: bool
    newlines: Newlines
    column: str
    as_text: bool


@dataclass(frozen=True, eq=False, repr=False)
class Counts(Holder):
    """What was counted in some texts; like a model, it is equal to itself alone."""

    tally: Tally

    def __repr__(self) -> str:
        texts = len(self.tally.record.texts or ())
        what = f"{texts} text" if texts == 1 else f"{texts} texts"
        return f"<charlm.Counts order {self.order}, {self.symbols} symbols of {what}>"

    @property
    def order(self) -> int:
        """Models of this order, and of all below it, can be trained."""
        return self.tally.order

    @property
    def symbols(self) -> int:
        """How many symbols were counted."""
        return self.tally.windows.symbols

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of all texts together, for the smaller of both orders.

        Raises:
            UsageError: texts were cut or treated in different ways.
        """
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(tallies.add([self.tally, other.tally]))

    def __sub__(self, other: "Counts") -> "Counts":
        """Return the counts of the texts that are left.

        Raises:
            UsageError: the others are no part of them, or nothing would be left.
        """
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(tallies.subtract(self.tally, other.tally))

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write a file of counts, whole or not at all; it may replace another, by `force` any file.

        Raises:
            OutputError: it cannot be written, or what is there are no counts.
        """
        refuse_foreign(checked_path(path), storage.COUNTS, force=force)
        save(path, self.tally)


def _default(name: str) -> Any:
    kinds = (TextPolicy, RowOptions)
    return {field.name: field.default for kind in kinds for field in fields(kind)}[name]


@spelled_out(CountOptions, _default)
def count(
    texts: Text | Iterable[Text],
    *,
    order: int = ORDER,
    report: Report = silent,
    **options: Unpack[CountOptions],
) -> Counts:
    """Count one text or several, for models of this order and of all below it.

    Raises:
        TextError: a text cannot be read or decoded, or there is nothing to count.
        UsageError: an option is impossible.
    """
    order = checked_value("order", order, int)
    chosen: dict[str, Any] = given(options, CountOptions)
    rows = RowOptions(**{name: chosen.pop(name) for name in ROW_OPTIONS if name in chosen})
    read = documents(texts, rows=rows)
    if not read:
        raise TextError("there is no text to count; give at least one")
    policy = TextPolicy(**chosen)
    return Counts(tallies.count(prepare(read, policy, report=report), order, report=report))


def load_counts(path: str | Path) -> Counts:
    """Open a file of counts; every byte and every value of it is checked.

    Raises:
        ModelFileError: there is none, or it is damaged, or holds something else.
    """
    return Counts(load(checked_path(path)))


def save(path: str | Path, tally: Tally) -> None:
    """Write counts, whole or not at all.

    Raises:
        OutputError: they cannot be written.
    """
    storage.write(path, tally.windows, tally.tokenizer, tally.record)


def load(path: str | Path, *, mapped: bool = False) -> Tally:
    """Open counts, as `load_counts`; many files are `mapped`, so that few of them are in memory."""
    beginning = sources.beginning(path, foreign.BEGINNING)
    if foreign.is_text(beginning) and not foreign.language_model(beginning):
        raise ModelFileError(f"{path}: looks like a text", Advice.COUNT)
    tally = Tally(*storage.read(path, CountedWindows, "counts", mapped=mapped))
    try:
        tally.windows.check()
    except ModelFileError as error:
        raise error.about(str(path)) from None
    return tally


def write(
    path: Path,
    source: Countable,
    order: int,
    tokenizer: Tokenizer,
    record: Record,
    using: Resources,
    report: Report = silent,
) -> CountedWindows | CountsInRanges:
    """Count texts, or add up counts, within the memory there is, and write a file.

    Raises:
        OutputError: it cannot be written, or the folder for what does not fit has too little room.
        TextError: there is nothing to count.
        UsageError: texts of files of counts were cut or treated in different ways.
    """
    identity = identity_of(tokenizer, record, {"order": order})
    found = fitting.count(source, order, using, report, identity)
    if not isinstance(found, CountsInRanges):
        windows = CountedWindows(order, source.vocab_size, source.end, *found)
        storage.write(path, windows, tokenizer, record)
        return windows
    storage.write(path, found, tokenizer, record)
    return found


def load_alike(paths: Iterable[str | Path]) -> list[Tally]:
    """Open several files of counts, whose texts were treated alike; windows stay in the files.

    Raises:
        ModelFileError: a file cannot be read, or holds something else.
        UsageError: texts were cut or treated in different ways; the error names the file.
    """
    opened: list[Tally] = []
    for path in paths:
        opened.append(load(path, mapped=True))
        try:
            tallies.refuse_unlike(opened[0], opened[-1])
        except UsageError as error:
            raise error.about(str(path)) from None
    return opened
