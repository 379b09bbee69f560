"""The model file: a model with its tokenizer and the record of its training.

`container.py` has the layout (safetensors) and the checksums; here is what the parts mean: the
kind, the model's settings, the tokenizer and the training record, each a JSON object in a
string, and the model's arrays. No time, host or path is stored: the same training gives the same
bytes. Small arrays are checked against their checksum at once, all of them by `verify`.

A checkpoint, training that is not finished, is stored in the same way beside its model.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from charlm.arrays import Arrays, Holder
from charlm.errors import CharlmError, ModelFileError, OutputError
from charlm.files import container, foreign
from charlm.files.replacing import Kind
from charlm.files.writing import write_atomically
from charlm.mixture.model import MixtureModel
from charlm.model import FAMILIES, StorableModel
from charlm.ngram.model import NgramModel
from charlm.rnn.model import RnnModel
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.text import sources
from charlm.text.tokenizer import Tokenizer
from charlm.trained import Record, TrainedModel

CHECKED_AT_LOAD = 1 << 20  # bytes; larger arrays are checked by `verify`
LONGEST_ERROR = 500  # characters of an error
CHECKPOINT = ".checkpoint"  # ends the name of the file beside a model

_CLASSES: tuple[type[StorableModel], ...] = (NgramModel, RnnModel, MixtureModel)
FAMILIES.update({family.kind: family for family in _CLASSES})  # all that a model file may hold

Stored = TypeVar("Stored", bound=StorableModel | Checkpoint)


@dataclass(frozen=True, eq=False, repr=False)
class CheckpointFile(Holder):
    """Unfinished training with what belongs to it."""

    checkpoint: Checkpoint
    tokenizer: Tokenizer
    record: Record = field(default_factory=Record)


def save(path: str | Path, trained: TrainedModel) -> None:
    """Write a model file, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    _save(path, trained.model, trained.tokenizer, trained.record)


def save_checkpoint(path: str | Path, unfinished: CheckpointFile) -> None:
    """Write a checkpoint, as `save`."""
    _save(path, unfinished.checkpoint, unfinished.tokenizer, unfinished.record)


def _save(
    path: str | Path,
    stored: StorableModel | Checkpoint,
    tokenizer: Tokenizer,
    record: Record,
) -> None:
    strings = {
        "kind": stored.kind,
        "settings": container.to_json(stored.settings()),
        "tokenizer": container.to_json(tokenizer.to_json()),
        "training": container.to_json(record.to_json()),
    }
    try:
        pieces = container.pack(strings, stored.arrays())
    except OutputError as error:
        raise error.about(str(path)) from None
    write_atomically(path, pieces)


def load(path: str | Path) -> TrainedModel:
    """Open a model file.

    Raises:
        ModelFileError: there is none, or it is damaged, foreign, or of a newer version.
    """
    with _naming(path):
        strings, arrays = container.open_file(Path(path))
        container.check(strings, arrays, CHECKED_AT_LOAD)
        return _rebuild(strings, arrays)


def load_checkpoint(path: str | Path) -> CheckpointFile:
    """Open a checkpoint; every byte of it is checked.

    Raises:
        ModelFileError: as `load`, or the file is a finished model.
    """
    with _naming(path):
        strings, arrays = container.open_file(Path(path))
        if strings.get("kind") != Checkpoint.kind:
            raise ModelFileError("holds no unfinished training, but a model")
        container.check(strings, arrays)
        checkpoint, tokenizer, record = _parts(strings, arrays, Checkpoint.from_arrays)
        return CheckpointFile(checkpoint, tokenizer, record)


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


def is_model_file(path: str | Path) -> bool:
    """Tell whether a file says of itself that it is one; its arrays may still be damaged."""
    try:
        container.read_header(Path(path))
    except (CharlmError, OSError):
        return False
    return True


MODEL = Kind("a charlm model", is_model_file)


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Raise errors as `ModelFileError` with the file's name, and with its kind if it is foreign."""
    try:
        yield
    except CharlmError as error:
        found = foreign.where_a_model_is_wanted(sources.beginning(path, foreign.BEGINNING))
        raise ModelFileError(f"{path}: {found or _brief(error)}") from None
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror or error}") from None


def _brief(error: CharlmError) -> str:
    """Return an error's message, shortened if it quotes a long name from a file."""
    message = str(error)
    return message if len(message) <= LONGEST_ERROR else f"{message[:LONGEST_ERROR]}..."


def _rebuild(strings: Mapping[str, str], arrays: Arrays) -> TrainedModel:
    kind = strings.get("kind")
    if kind == Checkpoint.kind:
        raise ModelFileError(
            "is no model but a checkpoint, training that is not finished; "
            "`charlm train rnn ... --resume` goes on with it"
        )
    if kind not in FAMILIES:
        raise ModelFileError(f"holds a model of an unknown kind ({kind!r})")
    return TrainedModel(*_parts(strings, arrays, FAMILIES[kind].from_arrays))


def _parts(
    strings: Mapping[str, str],
    arrays: Arrays,
    from_arrays: Callable[[Mapping[str, Any], Arrays], Stored],
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
        stored = from_arrays(settings, arrays)
    except ModelFileError:
        raise
    except (CharlmError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"is damaged: its parts cannot be read ({error})") from None
    if (stored.vocab_size, stored.end) != (tokenizer.vocab_size, tokenizer.end):
        raise ModelFileError("is damaged: model and tokenizer do not fit together")
    return stored, tokenizer, record
