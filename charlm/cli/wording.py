"""What errors of the library say on the command line: options as they are typed, and advice."""

from collections.abc import Callable

from charlm.cli import shell
from charlm.errors import Advice, CharlmError, Remedy

OPTIONS = {"max_seconds": "--max-time", "work": "--preset"}  # others are called as their field
ADVICE = {
    Advice.ANOTHER_FILE: "give -o another name",
    Advice.BE_AS_BEFORE: "type the command as it was, or begin anew with --force in place of "
    "--resume",
    Advice.GO_ON: "the same command with --resume goes on with what was done",
    Advice.GO_ON_OR_BEGIN: "--resume goes on with it, --force begins anew",
    Advice.OVERWRITE: "--force overwrites it all the same",
    Advice.COUNT: "`charlm count` makes counts of it",
    Advice.EXPORT_TORCH: "--torch FILE writes a network",
    Advice.HOLD_OUT: "`charlm train --valid-fraction 0.1` makes one that does, or give --held-out "
    "TEXT for each model",
    Advice.RESUME: "`charlm train rnn ... --resume` goes on with it",
    Advice.SKIP_BAD: "--skip-bad passes over such rows",
    Advice.TRAIN_ON_COUNTS: "`charlm train ngram` makes a model of them",
}


def option(name: str) -> str:
    """Return an option as it is typed."""
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


def reword(error: CharlmError, can_try: Callable[[str], bool] = lambda option: True) -> CharlmError:
    """Put what an error advises in the words of the command line; of options those to be tried."""
    options: list[str] = []
    words: list[str] = []
    for remedy in error.remedies:
        match remedy:
            case Advice():
                error.message += f"; {ADVICE[remedy]}"
            case Remedy(name, value):
                if can_try(option(name)):
                    options.append(shell.line([option(name), str(value)]))
            case str():
                words.append(remedy)
    error.remedies = tuple(options or words)
    return error
