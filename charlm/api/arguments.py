"""What callers of the library may give: texts as strings or files, models, paths, seeds."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from numbers import Integral
from os.path import isfile
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, TypeGuard, TypeVar

from charlm.errors import CharlmError, Remedy, TextError, UsageError
from charlm.text import corpus, encodings
from charlm.text.corpus import NO_ROW_OPTIONS, Document
from charlm.text.rows import RowOptions
from charlm.text.units import Unit

UTF_8 = "utf-8"
SEPARATORS = frozenset("/\\:")  # a name of a file elsewhere has one of them
LONGEST_PATH = 4096  # characters; the systems have limits of their own, at most this

Text: TypeAlias = str | Path
X = TypeVar("X", str, str | Path)


@contextmanager
def offering(options: Collection[str] = ()) -> Iterator[None]:
    """Let errors advise only those options that a function has and that it was not given."""
    try:
        yield
    except CharlmError as error:
        error.remedies = tuple(
            remedy
            for remedy in error.remedies
            if not isinstance(remedy, Remedy) or remedy.option in options
        )
        raise


def documents(
    texts: Text | Iterable[Text], encoding: str = UTF_8, rows: RowOptions = NO_ROW_OPTIONS
) -> list[Document]:
    """Return texts as documents; a single text may be given instead of a list.

    A path may be that of a folder, a pattern or a file of rows (`charlm.text.naming`).

    Raises:
        TextError: as `documents_of`.
        UsageError: as `documents_of`, or a string is to be decoded from an encoding but UTF-8.
    """
    listed = [*several(texts)]
    if encodings.name_of(encoding) != UTF_8 and any(isinstance(text, str) for text in listed):
        raise UsageError(
            "encoding is that of files, and a string is text already; give a Path, or leave it out"
        )
    return [
        found for i, text in enumerate(listed, start=1) for found in documents_of(text, i, rows)
    ]


def several(texts: X | Iterable[X]) -> Iterable[X]:
    """Return a single text as a list of one, and anything else that is not a list likewise.

    What is not a text either is refused later, by `documents_of`.
    """
    if isinstance(texts, str | Path | bytes | bytearray) or not isinstance(texts, Iterable):
        return [texts]
    return texts


def documents_of(text: Text, number: int = 1, rows: RowOptions = NO_ROW_OPTIONS) -> list[Document]:
    """Return a text as a document, a path as all that it stands for; a string has its number.

    Raises:
        TextError: the file cannot be read.
        UsageError: it is neither a string nor a path, or a string that names a file.
    """
    if isinstance(text, Path):
        return corpus.read([str(text)], options=rows)
    check_text(text)
    return [Document(f"text {number}", encoded(text))]


def check_text(text: Any) -> None:
    """Refuse what is not a string, and a string that is the name of a file: the file is meant.

    Raises:
        UsageError: the text is one of these.
    """
    if isinstance(text, bytes | bytearray):
        raise UsageError(
            "a text is a string or a Path, not bytes; decode them: data.decode(), or for "
            "unit='byte' data.decode(errors='surrogateescape')"
        )
    if not isinstance(text, str):
        raise UsageError(f"a text is a string or a Path, not {type(text).__name__}")
    if len(text) <= LONGEST_PATH and isfile(text):  # noqa: PTH113  (Path.is_file raises)
        raise UsageError(
            f"{text!r} is the name of a file: give Path({text!r}) to read it; "
            "a text that happens to be called so may end with a line end"
        )


def read(text: Text, unit: Unit) -> list[str]:
    """Return a text as the unit reads it, a path as all the texts that it stands for.

    Raises:
        TextError: it cannot be read or decoded.
        UsageError: it is neither a string nor a path, or a string that names a file.
    """
    if isinstance(text, Path):
        with offering():
            return [one for found in documents_of(text) for one in found.texts(unit)]
    check_text(text)
    return [_as_read(text, unit)]


def read_many(texts: Text | Iterable[Text], unit: Unit) -> list[str]:
    """Return texts as the unit reads them; errors as `read`.

    Whether strings name files is asked of the folder once, and not for each of them.
    """
    listed = [*several(texts)]
    try:
        here = frozenset(path.name for path in Path().iterdir())
    except OSError:
        return _each(listed, unit)
    strings = [text for text in listed if _names_nothing(text, here)]
    if len(strings) < len(listed):
        return _each(listed, unit)
    if unit.encoding is not None:
        return [_as_read(text, unit) for text in strings]
    try:
        "".join(strings).encode()
    except UnicodeEncodeError:
        return _each(listed, unit)
    return strings


def _each(texts: Iterable[Text], unit: Unit) -> list[str]:
    return [content for text in texts for content in read(text, unit)]


def _names_nothing(text: Text, here: Collection[str]) -> TypeGuard[str]:
    """Tell whether it is a string that names no file in this folder or elsewhere."""
    return type(text) is str and text not in here and SEPARATORS.isdisjoint(text)


def _as_read(text: str, unit: Unit) -> str:
    if unit.encoding is None:
        encoded(text, "strict")
        return text
    return encoded(text).decode(unit.encoding)


def encoded(text: str, errors: str = "surrogateescape") -> bytes:
    """Encode a string; lone surrogates may stand for bytes that are not UTF-8.

    Raises:
        TextError: it has a lone surrogate that stands for no byte.
    """
    try:
        return text.encode(errors=errors)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise TextError(
            f"the text has {character!r} at place {error.start}, half a character; decode it anew"
        ) from None


def check_bytes(data: Any) -> None:
    """Refuse what is compressed or restored and holds no bytes, a string above all."""
    if not isinstance(data, bytes | bytearray):
        raise UsageError(f"give bytes, not {type(data).__name__}")


def refuse_no_model(name: str, given: Any) -> NoReturn:
    """Refuse what is no model but, perhaps, the name of its file.

    Raises:
        UsageError: always.
    """
    if isinstance(given, str | Path):
        raise UsageError(f"{name} is a model; open its file: charlm.load({str(given)!r})")
    raise UsageError(f"{name} is a charlm.Model, not {type(given).__name__}")


def checked_path(path: Any, name: str = "path") -> Path:
    """Return the path of a file.

    Raises:
        UsageError: it is neither a string nor a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"{name} is a string or a Path, not {type(path).__name__}")
    return Path(path)


def check_string(name: str, text: Any) -> None:
    """Refuse what is no string where one is typed, as a prompt is.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(text, str):
        raise UsageError(f"{name} is a string, not {type(text).__name__}")


def check_seed(seed: Any) -> None:
    """Refuse what no random numbers can begin with; None gives others every time."""
    if seed is not None and not (isinstance(seed, Integral) and int(seed) >= 0):
        raise UsageError("a seed is a whole number, 0 or more")
