"""The model file: a model with its tokenizer and the record of its training.

`container.py` has the layout (safetensors) and the checksums; here is what the parts mean: the
kind, the model's settings, the tokenizer and the training record, each a JSON object in a
string, and the model's arrays. No time, host or path is stored: the same training gives the same
bytes. Small arrays are checked against their checksum at once, all of them by `verify`.

Training that is not finished is stored in the same way (`api/checkpoints.py`): whatever has a kind,
settings and arrays over the symbols of a tokenizer can be.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

from charlm.arrays import Arrays, StoredArrays
from charlm.errors import Advice, CharlmError, ModelFileError, OutputError
from charlm.files import container, foreign
from charlm.files.replacing import Kind
from charlm.files.writing import write_atomically
from charlm.mixture.model import MixtureModel
from charlm.model import FAMILIES, StorableModel
from charlm.ngram.model import NgramModel
from charlm.rnn.model import RnnModel
from charlm.text import sources
from charlm.text.tokenizer import Tokenizer
from charlm.trained import Record, TrainedModel

CHECKED_AT_LOAD = 1 << 20  # bytes; larger arrays are checked by `verify`
LONGEST_ERROR = 500  # characters of an error
NO_MODELS = {  # kinds of files that hold something else, and what to do with them
    "checkpoint": (
        "is no model but a checkpoint, training that is not finished", Advice.RESUME,
    ),
    "counts": ("holds counts, not a model", Advice.TRAIN_ON_COUNTS),
}  # fmt: skip

_CLASSES: tuple[type[StorableModel], ...] = (NgramModel, RnnModel, MixtureModel)
FAMILIES.update({family.kind: family for family in _CLASSES})  # all that a model file may hold


class Writable(Protocol):
    """What can be written beside its tokenizer."""

    kind: ClassVar[str]

    @property
    def vocab_size(self) -> int:
        """That of the tokenizer."""
        ...

    @property
    def end(self) -> int | None:
        """That of the tokenizer."""
        ...

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays, as JSON types."""
        ...

    def arrays(self) -> StoredArrays:
        """Return the arrays by name."""
        ...


class Storable(Writable, Protocol):
    """What can be read again."""

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Arrays) -> Self:
        """Rebuild what `settings` and `arrays` gave; a `ModelFileError` where they do not fit."""
        ...


Stored = TypeVar("Stored", bound=Storable)


def save(path: str | Path, trained: TrainedModel) -> None:
    """Write a model file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    write(path, trained.model, trained.tokenizer, trained.record)


def write(path: str | Path, stored: Writable, tokenizer: Tokenizer, record: Record) -> None:
    """Write whatever can be stored, as `save`."""
    try:
        pieces = _pack(stored, tokenizer, record)
    except OutputError as error:
        raise error.about(str(path)) from None
    write_atomically(path, pieces)


def fingerprint(trained: TrainedModel) -> str:
    """Return the SHA-256 of the file that `save` writes, in hexadecimal digits."""
    digest = sha256()
    for piece in _pack(trained.model, trained.tokenizer, trained.record):
        digest.update(piece)
    return digest.hexdigest()


def _pack(stored: Writable, tokenizer: Tokenizer, record: Record) -> Iterator[bytes | memoryview]:
    """Return the pieces of a file, one after the other."""
    strings = {
        "kind": stored.kind,
        "settings": container.to_json(stored.settings()),
        "tokenizer": container.to_json(tokenizer.to_json()),
        "training": container.to_json(record.to_json()),
    }
    return container.pack(strings, stored.arrays())


def load(path: str | Path, *, mapped: bool = False) -> TrainedModel:
    """Open a model file; one that nobody changes may be `mapped`, however small it is.

    Raises:
        ModelFileError: there is none, or it is damaged, foreign, or of a newer version.
    """
    with _naming(path):
        strings, arrays = container.open_file(Path(path), mapped=mapped)
        container.check(strings, arrays, CHECKED_AT_LOAD)
        return _rebuild(strings, arrays)


def read(
    path: str | Path, kind: type[Stored], what: str, *, mapped: bool = False
) -> tuple[Stored, Tokenizer, Record]:
    """Open a file of another kind than a model; every byte of it is checked.

    Raises:
        ModelFileError: as `load`, or it holds a model, and not the thing that `what` names.
    """
    with _naming(path):
        strings, arrays = container.open_file(Path(path), mapped=mapped)
        if strings.get("kind") != kind.kind:
            raise ModelFileError(f"holds no {what}, but {_named(strings.get('kind'))}")
        container.check(strings, arrays)
        return _parts(strings, arrays, kind)


def verify(path: str | Path) -> int:
    """Check every byte of a model file, and every value; give the number of arrays.

    Raises:
        ModelFileError: as `load`, or an array differs from its checksum, or a value is impossible.
    """
    trained = load(path)
    with _naming(path):
        strings, arrays = container.open_file(Path(path))
        container.check(strings, arrays)
        trained.model.check()
        return len(arrays)


def _named(kind: str | None) -> str:
    """Return what a file holds, in words."""
    return {"checkpoint": "unfinished training", "counts": "counts"}.get(str(kind), "a model")


def kind_of(path: str | Path) -> str | None:
    """Return what a file says of itself that it holds; None where it is no file of charlm."""
    try:
        strings: dict[str, str] = container.read_header(Path(path))["__metadata__"]
    except (CharlmError, OSError):
        return None
    return strings.get("kind")


def is_model_file(path: str | Path) -> bool:
    """Tell whether a file says of itself that it holds a model; its arrays may be damaged."""
    return kind_of(path) in FAMILIES


def holds_counts(path: str | Path) -> bool:
    """Tell whether a file says of itself that it holds counts of texts (`ngram/tally.py`)."""
    return kind_of(path) == "counts"


MODEL = Kind("a charlm model", is_model_file)
COUNTS = Kind("a charlm file of counts", holds_counts)


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Raise errors as `ModelFileError` with the file's name, and with its kind if it is foreign."""
    try:
        yield
    except CharlmError as error:
        found = foreign.where_a_model_is_wanted(sources.beginning(path, foreign.BEGINNING))
        remedies = () if found else error.remedies
        raise ModelFileError(f"{path}: {found or _brief(error.message)}", *remedies) from None
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror or error}") from None


def _brief(message: str) -> str:
    """Return an error's message, shortened if it quotes a long name from a file."""
    return message if len(message) <= LONGEST_ERROR else f"{message[:LONGEST_ERROR]}..."


def _rebuild(strings: Mapping[str, str], arrays: Arrays) -> TrainedModel:
    kind = strings.get("kind")
    if kind in NO_MODELS:
        raise ModelFileError(*NO_MODELS[kind])
    if kind not in FAMILIES:
        raise ModelFileError(f"holds a model of an unknown kind ({kind!r})")
    return TrainedModel(*_parts(strings, arrays, FAMILIES[kind]))


def _parts(
    strings: Mapping[str, str], arrays: Arrays, kind: type[Stored]
) -> tuple[Stored, Tokenizer, Record]:
    settings, fields, training = (
        container.json_of(strings, name) for name in ("settings", "tokenizer", "training")
    )
    try:
        record = Record.from_json(training)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise ModelFileError("is damaged: its training record cannot be read") from None
    try:
        tokenizer = Tokenizer.from_json(fields)
        stored = kind.from_arrays(settings, arrays)
    except ModelFileError:
        raise
    except (CharlmError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"is damaged: its parts cannot be read ({error})") from None
    if (stored.vocab_size, stored.end) != (tokenizer.vocab_size, tokenizer.end):
        raise ModelFileError("is damaged: model and tokenizer do not fit together")
    return stored, tokenizer, record
