"""What `charlm corpora` does with the texts that come with charlm."""

from collections.abc import Sequence
from pathlib import Path

from charlm.cli.console import print_prose, say_next
from charlm.cli.tabular import say_written
from charlm.errors import OutputError
from charlm.files.replacing import refuse_foreign
from charlm.files.writing import write_atomically
from charlm.text.shipped import SHIPPED


def print_list() -> None:
    """Print a line for each text."""
    width = max(map(len, SHIPPED))
    for text in SHIPPED.values():
        size = f"{text.path.stat().st_size / 1e6:z.2f} MB"
        print_prose(f"{text.name:{width}}  {size:>6}  {text.what} ({text.licence})")


def copy(names: Sequence[str], folder: str, *, force: bool) -> None:
    """Copy texts into a folder, which is made if it is not there.

    Raises:
        OutputError: another file stands there, or the folder cannot be made.
    """
    place = made(folder)
    for name in names:
        source = SHIPPED[name].path
        write_text(place / source.name, source.read_bytes(), force=force)
        say_written(str(place / source.name))
    say_next("train", place / SHIPPED[names[-1]].path.name)


def made(folder: str) -> Path:
    """Return a folder, which is made if it is not there, but not those around it.

    Raises:
        OutputError: it cannot be made.
    """
    path = Path(folder)
    if not path.parent.is_dir():
        raise OutputError(f"{folder}: there is no folder {path.parent}")
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None
    return path


def write_text(path: Path, data: bytes, *, force: bool) -> None:
    """Write a text, unless it stands there already; never over another file.

    Raises:
        OutputError: another file stands there, or it cannot be written.
    """
    if path.is_file() and path.read_bytes() == data:
        return
    refuse_foreign(path, None, force=force)
    write_atomically(path, [data])
