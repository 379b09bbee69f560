"""Errors, by whose fault they are. Each message is one line: what, where, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager


class CharlmError(Exception):
    """A failure that its reader can mend; the base of all others here."""


class UsageError(CharlmError, ValueError):
    """The caller asked for something impossible: a bad option or a bad argument."""


class TextError(CharlmError):
    """A text cannot be read or decoded, or is too small for what was asked."""


class ModelFileError(CharlmError):
    """A model file is damaged, foreign, or of a newer format."""


class CompressedFileError(CharlmError):
    """A compressed file is damaged, foreign, or was made with another model."""


class OutputError(CharlmError):
    """A result cannot be written."""


class TrainingError(CharlmError):
    """Training diverged: a loss or a gradient is no longer finite."""


class WorkerError(CharlmError):
    """A process that did part of the work is no more."""


@contextmanager
def about(name: str) -> Iterator[None]:
    """Say of which file an error speaks that the text or the compressed file is to blame for."""
    try:
        yield
    except (TextError, CompressedFileError) as error:
        raise type(error)(f"{name}: {error}") from None
