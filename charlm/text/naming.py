"""What names of texts stand for: a file, a folder, a pattern, a list of files, a place elsewhere.

    corpus/             all text files in a folder and those below it, sorted
    corpus/**/*.txt     the files that match, sorted; ** stands for folders, however deep
    @list.txt           the names that a file lists, one a line
    s3://bucket/a.txt   what fsspec reads (`remote.py`)

A file that is called so comes first, whatever its name looks like.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import glob, has_magic
from itertools import chain
from os.path import lexists  # unlike Path.exists, it finds links that lead nowhere
from pathlib import Path

from charlm.errors import TextError
from charlm.files import foreign
from charlm.text import encodings, parquet, remote, sources
from charlm.text.remote import RemoteFile
from charlm.text.sources import STANDARD_INPUT, naming

LIST, COMMENT = "@", "#"
NAMED = 3  # files that were passed over, and are named

Note = Callable[[str], object]


def expand(names: Iterable[str], note: Note) -> list[str]:
    """Return the names of single files; `note` is told what was passed over in folders.

    What is missing stays as it is, for those who open it to say.

    Raises:
        TextError: a folder, a pattern or a list has no file; a list cannot be read.
    """
    return list(chain.from_iterable(_expanded(name, note) for name in names))


def _expanded(name: str, note: Note, *, listed: bool = False) -> Sequence[str]:
    if name == STANDARD_INPUT:
        return [name]
    if lexists(name):
        return _some(name, _in_folder(name, note)) if Path(name).is_dir() else [name]
    if remote.is_remote(name):
        with naming(name):
            return _some(name, remote.expand(name))
    if name.startswith(LIST) and not listed:
        lines = list(_lines(name.removeprefix(LIST)))
        return _some(name, [file for line in lines for file in _expanded(line, note, listed=True)])
    if has_magic(name):
        matching = glob(name, recursive=True)  # noqa: PTH207  (Path's takes no whole pattern)
        return _some(name, sorted(file for file in matching if Path(file).is_file()))
    return [name]


def _some(name: str, files: Sequence[str]) -> Sequence[str]:
    if files:
        return files
    if name.startswith(LIST):
        raise TextError(f"{name.removeprefix(LIST)}: names no file; list them, one a line")
    if has_magic(name) and not Path(name).is_dir():
        raise TextError(f"{name}: no file matches")
    raise TextError(f"{name}: holds no text file")


def _in_folder(folder: str, note: Note) -> list[str]:
    """Return the files in a folder and below that are neither hidden nor binary.

    Raises:
        TextError: a folder cannot be looked at.
    """
    found, passed_over = list[str](), list[str]()
    with naming(folder):
        for path, is_wanted in _walk(Path(folder)):
            (found if is_wanted else passed_over).append(str(path))
    if passed_over:
        named = sorted(passed_over)[:NAMED]
        more = len(passed_over) - len(named)
        others = f" and {more:,} more" if more else ""
        note(f"{folder}: passed over what is hidden or no text: {', '.join(named)}{others}.")
    return sorted(found)


def _walk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and each folder that is left out, and whether it is a text to read."""
    for path in folder.iterdir():
        hidden = path.name.startswith(".")
        if path.is_dir():
            if hidden or path.is_symlink():  # which may lead back here
                yield path, False
            else:
                yield from _walk(path)
        else:
            yield path, not hidden and path.is_file() and not _is_binary(path)


def _is_binary(path: Path) -> bool:
    beginning = sources.beginning(path, foreign.BEGINNING)
    if beginning.startswith(parquet.MAGIC) or encodings.has_mark(beginning):
        return False
    return b"\0" in beginning or foreign.not_a_text(beginning)


def _lines(name: str) -> Iterator[str]:
    """Yield the names that a file lists."""
    with naming(name):
        source = sources.find(name)
        with sources.opened(source) as (file, _):
            lines = file.readlines()
        if not isinstance(source, Path | RemoteFile):
            source.close()
    for listed in map(os.fsdecode, map(bytes.strip, lines)):
        if listed and not listed.startswith(COMMENT):
            yield listed
