r"""ARPA files: the text format in which n-gram tools exchange back-off models.

    \data\
    ngram 1=67
    \1-grams:
    -1.234   a   -0.301        log10 P(a), the symbol, log10 of its back-off weight
    ...
    \2-grams:
    -0.5     t h               histories stand before the symbol they predict
    \end\

Symbols with blanks, control or other invisible characters are written by their code points, a
space as `<U+0020>`. `<unk>`, `<s>` and `</s>` are what KenLM wants; log10 of 0 is -99. Nine
decimals bring every float32 back exactly.

Reading takes any ARPA file whose n-grams come with their histories and suffixes. What does not fit
is a `TextError` that names the line.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from math import log10
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Integers
from charlm.errors import TextError
from charlm.ngram.arpa_tables import LOG_ZERO, Reader, Table
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel
from charlm.ngram.search import NOT_FOUND, argsort, rows
from charlm.ngram.tables import key_type
from charlm.replacing import BEGINNING, Kind
from charlm.text import sources

UNKNOWN_NAME, START_NAME, END_NAME = "<unk>", "<s>", "</s>"
SPECIAL = (UNKNOWN_NAME, START_NAME, END_NAME)
IMPORTED = "imported"


def is_arpa(path: Path) -> bool:
    """Tell whether a file begins as ARPA files do, compressed or not."""
    try:
        with sources.told(str(path)), sources.opened(path) as (file, _):
            return file.read(BEGINNING).lstrip().startswith(b"\\data\\")
    except TextError:
        return False


ARPA = Kind("an ARPA file", is_arpa)


def name_of(symbol: str) -> str:
    """Write a symbol so that it holds no blank and nothing invisible."""
    shown = [c if c.isprintable() and c != " " else f"<U+{ord(c):04X}>" for c in symbol]
    return "".join(shown)


def symbol_of(name: str) -> str:
    """Undo `name_of`; what is no code point of a character stays as it is."""
    return re.sub(r"<U\+([0-9A-F]{4,6})>", _character, name)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code > sys.maxunicode or 0xD800 <= code < 0xE000 else chr(code)


def write(model: NgramModel, symbols: Sequence[str]) -> Iterator[str]:
    """Give the lines of the file, each with its line end.

    `symbols` are the names of the ids between UNKNOWN and END.
    """
    yield "\\data\\\n"
    numbers = [model.ngrams[0] + (1 if model.end is not None else 2), *model.ngrams[1:]]
    for k, number in enumerate(numbers, start=1):
        yield f"ngram {k}={number}\n"
    names = [UNKNOWN_NAME, *map(name_of, symbols)] + [END_NAME] * (model.end is not None)
    texts = [*names, START_NAME]  # of the rows of one length
    for k in range(1, model.order + 2):
        yield f"\n\\{k}-grams:\n"
        if k > 1:
            history, symbol = np.divmod(model.keys[k - 1].astype(np.int64), model.vocab_size)
            pairs = zip(history.tolist(), symbol.tolist(), strict=True)
            texts = [f"{texts[h]} {names[s]}" for h, s in pairs]
        yield from _lines(model, k, texts)
        if k == 1 and model.end is None:
            yield f"{LOG_ZERO}\t{END_NAME}\n"  # never predicted, but KenLM insists on it
    yield "\n\\end\\\n"


def _lines(model: NgramModel, k: int, texts: list[str]) -> Iterator[str]:
    """Give the n-grams of one length; START has a back-off weight, but no probability."""
    logs = [*map(_log, model.probability[k - 1].tolist())]
    logs += [LOG_ZERO] * (len(texts) - len(logs))
    if k > model.order:
        for log, text in zip(logs, texts, strict=True):
            yield f"{log:.9f}\t{text}\n"
        return
    for log, text, weight in zip(logs, texts, model.backoff[k - 1].tolist(), strict=True):
        yield f"{log:.9f}\t{text}\t{_log(weight):.9f}\n"


def _log(probability: float) -> float:
    return log10(probability) if probability > 0 else LOG_ZERO


def read(file: str, lines: Iterable[str], space: str | None = None) -> tuple[NgramModel, list[str]]:
    """Give the model of an ARPA file, and the symbols of its ids between UNKNOWN and END.

    Lines are sequences where the file predicts `</s>`. `space` is a name that stands for a space.

    Raises:
        TextError: the file is foreign, cut off, or does not fit together.
    """
    reader = Reader(file, lines, {} if space is None else {space: name_of(" ")})
    tables = reader.tables()
    names = [name for (name,) in tables[0].names]
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    _refuse_doubles(reader, tables[0], np.array([first[name] for name in names]))
    symbols_of = {name: symbol_of(name) for name in names if name not in SPECIAL}
    symbols = sorted(set(symbols_of.values()))
    if len(symbols) < len(symbols_of):
        reader.fail("two names stand for one symbol", tables[0].lines[-1])
    ends = (gram[-1] == END_NAME for table in tables[1:] for gram in table.names)
    has_end = dict(zip(names, tables[0].probability, strict=True)).get(END_NAME, 0) > 0 or any(ends)
    vocab_size = len(symbols) + 1 + has_end
    place = {symbol: i for i, symbol in enumerate(symbols, start=1)}
    ids = {name: place[symbol] for name, symbol in symbols_of.items()}
    ids |= {UNKNOWN_NAME: 0, START_NAME: vocab_size}
    if has_end:
        ids[END_NAME] = vocab_size - 1
    model = _build(reader, tables, ids, vocab_size, vocab_size - 1 if has_end else None)
    return model, symbols


def _build(
    reader: Reader, tables: list[Table], ids: dict[str, int], vocab_size: int, end: int | None
) -> NgramModel:
    order = len(tables) - 1
    unigrams, weights = _unigrams(tables[0], ids, vocab_size)
    keys: list[NDArray[np.unsignedinteger]] = [np.empty(0, np.uint32)]
    probability, backoff = [unigrams], [weights]
    for table in tables[1:]:
        key = _keys(reader, table, keys, _columns(reader, table, ids, vocab_size), vocab_size)
        by_key = argsort(key)
        keys.append(key[by_key].astype(key_type(len(backoff[-1]), vocab_size)))
        probability.append(np.array(table.probability, np.float32)[by_key])
        backoff.append(np.array(table.backoff, np.float32)[by_key])
    return NgramModel(
        config=NgramConfig(order, IMPORTED),
        vocab_size=vocab_size,
        end=end,
        keys=tuple(keys),
        probability=tuple(probability),
        backoff=tuple(backoff[:order]),
        notes=tuple({} for _ in range(order + 1)),
    )


def _unigrams(
    table: Table, ids: dict[str, int], vocab_size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give probabilities by id, (V,), and back-off weights, (V + 1,), START's last.

    What the file leaves out has probability 0 and weight 1.
    """
    rows = np.array([ids.get(name, NOT_FOUND) for (name,) in table.names], np.int64)
    known, symbols = rows != NOT_FOUND, (rows != NOT_FOUND) & (rows != vocab_size)
    probability, weights = np.zeros(vocab_size, np.float32), np.ones(vocab_size + 1, np.float32)
    probability[rows[symbols]] = np.array(table.probability)[symbols]
    weights[rows[known]] = np.array(table.backoff, np.float32)[known]
    return probability, weights


def _keys(
    reader: Reader,
    table: Table,
    shorter: list[NDArray[np.unsignedinteger]],
    columns: Integers,
    vocab_size: int,
) -> Integers:
    """Give the keys of n-grams (N,) whose histories and suffixes are among the shorter ones."""
    history = _find(shorter, columns[:-1], vocab_size)
    suffix = _find(shorter, columns[1:], vocab_size)
    for missing, what in ((history, "history"), (suffix, "suffix")):
        if (missing == NOT_FOUND).any():
            line = table.lines[int(np.argmax(missing == NOT_FOUND))]
            reader.fail(f"the {what} of this n-gram is missing from the file", line)
    keys: Integers = history * vocab_size + columns[-1]
    _refuse_doubles(reader, table, keys)
    return keys


def _refuse_doubles(reader: Reader, table: Table, keys: Integers) -> None:
    order = argsort(keys)
    twice = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if len(twice):
        reader.fail("this n-gram stands here for the second time", table.lines[order[twice[0] + 1]])


def _columns(reader: Reader, table: Table, ids: dict[str, int], vocab_size: int) -> Integers:
    """Give the ids of the n-grams of one length, (k, N)."""
    numbers = [[ids.get(name, NOT_FOUND) for name in names] for names in table.names]
    columns = np.array(numbers, np.int64).reshape(len(numbers), -1).T
    if (columns == NOT_FOUND).any():
        line = table.lines[int(np.argmax((columns == NOT_FOUND).any(axis=0)))]
        reader.fail("a symbol of this n-gram is missing among the 1-grams", line)
    if (columns[1:] == vocab_size).any():
        line = table.lines[int(np.argmax((columns[1:] == vocab_size).any(axis=0)))]
        reader.fail("<s> may only be the first symbol of an n-gram", line)
    return columns


def _find(keys: list[NDArray[np.unsignedinteger]], columns: Integers, vocab_size: int) -> Integers:
    """Rows of n-grams given by their columns of ids, NOT_FOUND where there is none."""
    row: Integers = columns[0]
    for table, symbol in zip(keys[1:], columns[1:], strict=False):
        found = rows(table, np.maximum(row, 0) * vocab_size + symbol)
        found[row == NOT_FOUND] = NOT_FOUND
        row = found
    return row
