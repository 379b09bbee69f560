"""Errors, one class for each cause. Each message is one line: what is wrong, where, what to do.

What to do is a value, an option or some advice. An error says it in the words of a Python program;
the command line has words of its own for it (`cli/wording.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple, Self


class Remedy(NamedTuple):
    """An option to try, by its name in Python, and a value for it; NAME is one that users know."""

    option: str
    value: str | int

    def __str__(self) -> str:
        value = self.value if str(self.value).isupper() else repr(self.value)
        return f"{self.option}={value}"


class Advice(Enum):
    """What to do where it is not to try an option."""

    ANOTHER_FILE = "give checkpoint another name"
    GO_ON = "resume=True goes on with what was done"
    BE_AS_BEFORE = "give texts and options as they were, or remove the file to begin anew"
    GO_ON_OR_BEGIN = "resume=True goes on with it; remove the file to begin anew"
    OVERWRITE = "force=True overwrites it all the same"
    COUNT = "charlm.count makes counts of it"
    HOLD_OUT = "train it with valid_fraction=0.1, or give held_out, a text for each model"
    EXPORT_TORCH = "charlm.export_torch writes a network"
    SKIP_BAD = "skip_bad=True passes over such rows"
    RESUME = "charlm.train_rnn(..., checkpoint=..., resume=True) goes on with it"
    TRAIN_ON_COUNTS = "charlm.train_ngram(charlm.load_counts(...)) makes a model of them"


class CharlmError(Exception):
    """A failure that the user can do something about; the base of all others here.

    `remedies` are what to try: options, or some words for where there is no such option. Or they
    are one piece of advice.
    """

    def __init__(self, message: str = "", *remedies: Remedy | Advice | str):
        super().__init__(message, *remedies)
        self.message, self.remedies = message, remedies

    def __str__(self) -> str:
        if not self.remedies:
            return self.message
        options = [remedy for remedy in self.remedies if isinstance(remedy, Remedy)]
        *others, last = options or self.remedies
        if isinstance(last, Advice):
            return f"{self.message}; {last.value}"
        return f"{self.message}; try {', '.join(map(str, others))}{' or ' * bool(others)}{last}"

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
