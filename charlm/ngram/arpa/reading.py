r"""Reading an ARPA file: a model, whatever tool has written the file.

What is put right, since its meaning is plain:

* a symbol for a space under another name (`--space`); `<UNK>`, `<S>`, `</S>` in capitals;
* n-grams without their history or suffix (`rows.py`); orders without n-grams;
* n-grams with `<s>` or `</s>` in their midst, as CMU's toolkit counts them: nothing ever asks for
  them, and they are left out;
* back-off weights of the longest n-grams, which mean nothing, as in a file cut out of another.

What does not fit is a `TextError` that names the line. A file whose probabilities add up to more
than 1 is read, and that is said (`excess.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Holder, Integers
from charlm.errors import TextError
from charlm.ngram.arpa.excess import Excess, find_excess
from charlm.ngram.arpa.file import ArpaFile, Table
from charlm.ngram.arpa.names import SPECIAL, name_of, symbol_of
from charlm.ngram.arpa.rows import Rows
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel
from charlm.ngram.tables import Tables, key_type
from charlm.search import NOT_FOUND, argsort
from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN_NAME

IMPORTED = "imported"


@dataclass(frozen=True, eq=False, repr=False)
class Imported(Holder):
    """A model, and the symbols of its ids between UNKNOWN and END.

    `left_out` n-grams were of no use, and `added` were missing. `excess` says where probabilities
    add up to more than 1, if anywhere.
    """

    model: NgramModel
    symbols: tuple[str, ...]
    left_out: int
    added: int
    excess: Excess | None


def read(
    file: str, blocks: Iterable[bytes], space: str | None = None, *, in_bytes: bool = False
) -> Imported:
    """Read an ARPA file in UTF-8. Lines are sequences where the file predicts `</s>`.

    `space` is a name that stands for a space. With `in_bytes` symbols are bytes, b as the
    character of code point b (`text/units.py`), which a file holds as such characters or raw.

    Raises:
        TextError: the file is foreign, cut off, or does not fit together.
    """
    content = ArpaFile.read(file, blocks)
    names = _unaliased(_decoded(content, in_bytes), space)
    symbols, ids = _ids(content, names)
    end, start = ids[END_NAME], ids[START_NAME]
    by_row = np.array([*(ids[name] for name in names), NOT_FOUND])
    listed = [_with_ids(content, table, by_row) for table in content.tables]
    tables = [listed[0], *(_asked_for(table, start, end) for table in listed[1:])]
    if not _predicts(tables, end):
        tables, start = _without(tables, start, end), end
    rows = _rows(content, tables, start)
    finished = Tables(
        vocab_size=start,
        end=end if end < start else None,
        keys=_narrow(rows, start),
        probability=tuple(rows.probability),
        backoff=tuple(rows.backoff[:-1]),
    )
    config = NgramConfig(finished.order, IMPORTED)
    model = NgramModel(config, finished, notes=tuple({} for _ in tables))
    left_out = sum(len(table.lines) for table in listed[1:])
    left_out -= sum(len(table.lines) for table in tables[1:])
    excess = find_excess(finished, content.decimals)
    return Imported(model, symbols, left_out, rows.added, excess)


def _decoded(content: ArpaFile, in_bytes: bool) -> list[str]:
    """Return names as text; where symbols are bytes, of a file that is not UTF-8, byte by byte."""
    try:
        return [name.decode() for name in content.names]
    except UnicodeDecodeError:
        if not in_bytes:
            raise TextError(f"{content.lines.file}: names are not in UTF-8") from None
    return [name.decode("latin-1") for name in content.names]


def _ids(content: ArpaFile, names: list[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the symbols, sorted, and the id of each name; END's comes after them, then START's."""
    symbols_of = {name: symbol_of(name) for name in names if name not in SPECIAL}
    symbols = tuple(sorted(set(symbols_of.values())))
    if len(symbols) < len(symbols_of):
        content.lines.fail("two names stand for one symbol", int(content.tables[0].lines[-1]))
    place = {symbol: i for i, symbol in enumerate(symbols, start=1)}
    ids = {name: place[symbol] for name, symbol in symbols_of.items()}
    ids |= {UNKNOWN_NAME: 0, END_NAME: len(symbols) + 1, START_NAME: len(symbols) + 2}
    return symbols, ids


def _unaliased(names: list[str], space: str | None) -> list[str]:
    """Return names as they are here, where special ones and the space go by others."""
    there = set(names)
    renamed = {name.upper(): name for name in SPECIAL if name not in there}
    if space is not None:
        renamed[space] = name_of(" ")
    return [renamed.get(name, name) for name in names]


def _with_ids(content: ArpaFile, table: Table, by_row: Integers) -> Table:
    ids = by_row[table.names]
    missing = (ids == NOT_FOUND).any(axis=0)
    if missing.any():
        line = int(table.lines[np.argmax(missing)])
        content.lines.fail("a symbol of this n-gram is missing among the 1-grams", line)
    return replace(table, names=ids)


def _asked_for(table: Table, start: int, end: int) -> Table:
    """Leave out what nothing asks for: START is never predicted, and nothing follows END."""
    return _only(
        table, ~((table.names[1:] == start).any(axis=0) | (table.names[:-1] == end).any(axis=0))
    )


def _only(table: Table, chosen: Booleans) -> Table:
    if chosen.all():
        return table
    kept = (table.probability[chosen], table.backoff[chosen], table.lines[chosen])
    return Table(table.names[:, chosen], *kept)


def _predicts(tables: list[Table], symbol: int) -> bool:
    """Tell whether a symbol has a probability by itself, or some n-gram ends with it."""
    unigrams, *longer = tables
    alone = unigrams.probability[unigrams.names[0] == symbol].any()
    return bool(alone) or any((table.names[-1] == symbol).any() for table in longer)


def _without(tables: list[Table], start: int, end: int) -> list[Table]:
    """Leave END out, which is no symbol of the model; START gets its id."""
    kept = [_only(tables[0], tables[0].names[0] != end), *tables[1:]]
    return [
        replace(table, names=np.where(table.names == start, end, table.names)) for table in kept
    ]


def _rows(content: ArpaFile, tables: list[Table], vocab_size: int) -> Rows:
    """Put n-grams together, the shortest first; START's id is the size of the vocabulary.

    A symbol that the file leaves out has probability 0 and weight 1.
    """
    unigrams, symbols = tables[0], tables[0].names[0]
    _refuse_doubles(content, unigrams, symbols)
    probability, backoff = np.zeros(vocab_size + 1, np.float32), np.ones(vocab_size + 1, np.float32)
    probability[symbols], backoff[symbols] = unigrams.probability, unigrams.backoff
    rows = Rows(vocab_size, probability[:-1], backoff)
    for table in tables[1:]:
        keys = rows.keys_of(table.names)
        _refuse_doubles(content, table, keys)
        rows.append(keys, table.probability, table.backoff)
    return rows


def _refuse_doubles(content: ArpaFile, table: Table, keys: Integers) -> None:
    order = argsort(keys)
    twice = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if len(twice):
        line = int(table.lines[order[twice[0] + 1]])
        content.lines.fail("this n-gram stands here for the second time", line)


def _narrow(rows: Rows, vocab_size: int) -> tuple[NDArray[np.unsignedinteger], ...]:
    """Return keys in the types that a model has them in."""
    keys: list[NDArray[np.unsignedinteger]] = [np.empty(0, np.uint32)]
    for key, histories in zip(rows.keys[1:], rows.backoff, strict=False):
        keys.append(key.astype(key_type(len(histories), vocab_size)))
    return tuple(keys)
