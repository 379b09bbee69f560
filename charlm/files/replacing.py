"""What an output may replace: nothing, an empty file, one of its own kind; by force, anything.

A slip of the keyboard that names a text as an output must not cost the text. What writes a kind of
file says how one is known, by its first bytes.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from charlm.errors import Advice, OutputError

BEGINNING = 1024  # bytes by which a kind is known


class Kind(NamedTuple):
    """A kind of file: what one is called, and whether a file is one."""

    name: str
    recognises: Callable[[Path], bool]


def beginning(path: Path) -> bytes:
    """Return the first bytes of a file, none where it cannot be read."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(BEGINNING)
    return b""


def refuse_foreign(path: Path, kind: Kind | None, *, force: bool) -> None:
    """Refuse to replace a file of another kind; None is the kind of what could be any file.

    Raises:
        OutputError: such a file stands there, and no force is used.
    """
    if force or not path.is_file() or not path.stat().st_size:
        return
    if kind is None or not kind.recognises(path):
        found = "is there already" if kind is None else f"is not {kind.name}"
        raise OutputError(f"{path}: {found}", Advice.OVERWRITE)
