"""How errors tell what to do: in the words of a Python program, or of another user of the library.

The library knows which option is at fault and what would mend it; how an option is given is known
by who asked. The command line has words of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """What errors of a training say: `option` names an option by its field, the others what to do.

    `another_file` where the place of a checkpoint is taken, `unfinished` where training that is
    not finished stands there, `as_before` where a checkpoint is of another training.
    """

    option: Callable[[str], str]
    another_file: str
    unfinished: str
    as_before: str


PYTHON = Wording(
    option=str,
    another_file="give checkpoint another name",
    unfinished="resume=True goes on with it; remove the file to begin anew",
    as_before="give texts and options as they were, or remove the file to begin anew",
)
