r"""ARPA files: an n-gram model written as one, and a model made of one.

>>> import charlm
>>> model = charlm.train_ngram("anna\nhanna\njohanna\n", order=2, sequence="line")
>>> charlm.export(model, "names.arpa")
>>> same = charlm.import_arpa("names.arpa")
>>> abs(same.score("hanna").bits - model.score("hanna").bits).max() < 1e-5
np.True_
"""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from charlm.api.arguments import checked_path, offering, refuse_no_model
from charlm.api.model import Model
from charlm.api.names import Case, Errors, UnitName
from charlm.api.options import checked_value
from charlm.errors import Advice, Remedy, TextError, UsageError
from charlm.files.replacing import refuse_foreign
from charlm.files.writing import write_atomically
from charlm.ngram.arpa.names import Names
from charlm.ngram.arpa.reading import Imported, read
from charlm.ngram.arpa.writing import ARPA, shortened, write
from charlm.ngram.model import NgramModel
from charlm.rnn.model import RnnModel
from charlm.text import corpus, units
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.vocabulary import Vocabulary
from charlm.trained import Record, TrainedModel

UNITS = ("char", "grapheme", "word", "token")  # in the order in which they are tried
SPACES = ("<space>", "<sp>", "<SPACE>")  # what others call a space, of several letters


def export(
    model: Model,
    path: str | Path,
    *,
    order: int | None = None,
    space: str | None = None,
    unk: str | None = None,
    case: Case | None = None,
    force: bool = False,
) -> None:
    """Write an n-gram model as an ARPA file, compressed if its name ends in .gz.

    With `order` contexts have so many symbols at most; KenLM's module for Python reads those of 5.
    `space` is what a space is called there, where it is not to be `<U+0020>`, `unk` what the
    unknown symbol is, where not `<unk>`. Letters are written in the `case` that a tool wants.

    Raises:
        OutputError: it cannot be written, or what is there is no ARPA file; `force` replaces it.
        UsageError: the model is of another kind, or has no such order, or two symbols would be
            called alike.
    """
    if not isinstance(model, Model):
        refuse_no_model("model", model)
    path = checked_path(path)
    refuse_foreign(path, ARPA, force=force)
    order = None if order is None else checked_value("order", order, int)
    written = of_order("the model", model.trained, order)
    symbols, names = model.trained.tokenizer.vocabulary.symbols, Names(space, unk, case)
    write_atomically(path, [packed(write(written, symbols, names), path.name)])


def of_order(name: str, trained: TrainedModel, order: int | None) -> NgramModel:
    """Return the n-gram model that has an ARPA form, of fewer orders if asked for.

    Raises:
        UsageError: it is of another kind, or has no such order.
    """
    if not isinstance(trained.model, NgramModel):
        raise UsageError(f"{name}: only n-gram models have an ARPA form", *_other_forms(trained))
    return trained.model if order is None else shortened(trained.model, order)


def _other_forms(trained: TrainedModel) -> list[Advice]:
    return [Advice.EXPORT_TORCH] if isinstance(trained.model, RnnModel) else []


def packed(lines: Iterator[str], name: str) -> bytes:
    """Return the bytes of a file of that name."""
    data = "".join(lines).encode()
    return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


def import_arpa(
    path: str | Path,
    *,
    unit: UnitName = "char",
    space: str | None = None,
    encoding: str = "utf-8",
    errors: Errors = "strict",
) -> Model:
    """Make a model of an ARPA file, which may be compressed, and made by any tool.

    `unit` says what one symbol of the file is, `token` for models of words. `space` is the symbol
    that stands for a space there.

    Raises:
        TextError: the file cannot be read, or its symbols are none of the unit.
        UsageError: no symbol is called as the space is said to be.
    """
    with offering({"unit", "space", "encoding", "errors"}):
        document = corpus.read_file(f"{checked_path(path)}")
        return Model(imported(document, unit, space, Decoding(encoding, errors))[0])


def imported(
    document: Document, unit: str, space: str | None, decoding: Decoding
) -> tuple[TrainedModel, Imported]:
    """Return the model of a file, and what else is known of the file.

    Raises:
        TextError, UsageError: as `import_arpa`.
    """
    in_bytes = units.get(unit).encoding is not None
    lines = document.lines(units.get(unit), decoding.encoding, decoding.errors)
    found = read(document.name, lines, space, in_bytes=in_bytes)
    if space is not None and " " not in found.symbols:
        raise UsageError(f"{document.name}: has no symbol {space!r} to stand for a space")
    tokenizer = _tokenizer(found, unit, document.name)
    record = Record(largest_sum=found.excess.total if found.excess else None)
    return TrainedModel(found.model, tokenizer, record), found


def _tokenizer(found: Imported, unit: str, name: str) -> Tokenizer:
    """Return what cuts texts into the symbols of the file."""
    sequence = "line" if found.model.end is not None else "file"
    policy = TextPolicy(unit=unit, sequence=sequence)
    try:
        tokenizer = Tokenizer(policy, Vocabulary(found.symbols))
        return Tokenizer.from_json(tokenizer.to_json())
    except UsageError as error:
        raise TextError(f"{name}: {error}", *_remedies(found.symbols)) from None


def _remedies(symbols: Sequence[str]) -> list[Remedy]:
    """Say which option would read such symbols."""
    spaces = [Remedy("space", name) for name in SPACES if name in symbols]
    for name in UNITS:
        spaced = name != "word" or any(map(str.isspace, symbols))
        if spaced and all(map(units.get(name).has, symbols)):
            return [*spaces, Remedy("unit", name)]
    return spaces
