"""Errors, one class for each cause. Each message is one line: what is wrong, where, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

OPTION = "--"  # begins an option as it is typed


class CharlmError(Exception):
    """A failure that the user can do something about; the base of all others here.

    `remedies` are what to try: options as they are typed, such as `--encoding NAME`, or some words
    for where there is no such option. The command line leaves out options that a command lacks.
    """

    def __init__(self, message: str = "", *remedies: str):
        super().__init__(message, *remedies)
        self.message, self.remedies = message, remedies

    def __str__(self) -> str:
        options = [remedy for remedy in self.remedies if remedy.startswith(OPTION)]
        *others, last = options or self.remedies or ("",)
        return (
            f"{self.message}; try {', '.join(others)}{' or ' * bool(others)}{last}"
            if last
            else self.message
        )

    def about(self, name: str) -> Self:
        """Return the same error with a name before its message, such as that of a file."""
        return type(self)(f"{name}: {self.message}", *self.remedies)


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
    """Training diverged: a loss or a gradient is no longer finite.

    `train_rnn` gives the best model until then as `best`, a `charlm.Model`; it is None where no
    held-out text told which was best.
    """

    best: Any = None  # nothing that errors may know of


class WorkerError(CharlmError):
    """A process that did part of the work was ended from outside."""


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put a file's name before an error whose cause is that text or compressed file."""
    try:
        yield
    except (TextError, CompressedFileError) as error:
        raise error.about(name) from None
