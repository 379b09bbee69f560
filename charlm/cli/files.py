"""Files of commands: the texts that they read, and where their results go.

A result never replaces what is read, nor a file of another kind.
"""

import os
from collections.abc import Iterable, Sequence
from glob import has_magic
from itertools import takewhile
from os.path import lexists, realpath  # unlike Path's, they take links that lead nowhere
from pathlib import Path

from charlm.cli.console import say, text_writer, warn
from charlm.errors import OutputError, Remedy, UsageError
from charlm.files import foreign
from charlm.files.replacing import Kind, refuse_foreign
from charlm.files.writing import write_atomically
from charlm.storage import MODEL
from charlm.text import corpus, remote, sources
from charlm.text.corpus import Document
from charlm.text.naming import LIST
from charlm.text.rows import RowOptions
from charlm.text.sources import COMPRESSED
from charlm.text.tokenizer import TextPolicy
from charlm.trained import TrainedModel

STANDARD_OUTPUT = "-"
FORMATS = {
    ".bmp", ".csv", ".eps", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".json", ".jsonl",
    ".parquet", ".pdf", ".png", ".ps", ".svg", ".tif", ".tiff", ".tsv", ".txt", ".webp", ".xlsx",
}  # fmt: skip  # that programs know by the ends of names
MANY = 3  # texts that are named one by one


def refuse_input_as_output(output: str, *inputs: str) -> None:
    """Keep a slip of the keyboard from replacing what is read.

    Raises:
        UsageError: the output is one of the inputs.
    """
    for name in inputs:
        if STANDARD_OUTPUT not in (output, name) and realpath(output) == realpath(name):
            raise UsageError(f"{output}: would be replaced, and it is read; name another output")


def refuse_other_formats(output: str, suffixes: Sequence[str]) -> None:
    """Keep a name from promising another format than what is written.

    Raises:
        UsageError: its suffix is that of another format.
    """
    suffix = Path(output).suffix
    if suffix.lower() in FORMATS - {*suffixes}:
        named = Path(output).with_suffix(suffixes[0])
        raise UsageError(f"{output}: what is written is no {suffix} file; name it {named}")


def check_output(output: str, kind: Kind | None, *inputs: str, force: bool) -> None:
    """Keep an output from replacing what is read, and, without force, a file of another kind.

    Raises:
        UsageError: the output is one of the inputs.
        OutputError: a file of another kind stands there.
    """
    refuse_input_as_output(output, *inputs)
    if output != STANDARD_OUTPUT:
        refuse_foreign(Path(output), kind, force=force)


def model_path(source: str, output: str | None, family: str, *, force: bool) -> Path:
    """Return the file that a model goes to; see `output_path`."""
    return output_path(source, output, f"{family}.charlm", MODEL, force=force)


def output_path(source: str, output: str | None, ending: str, kind: Kind, *, force: bool) -> Path:
    """Return the file that a result of some kind goes to, if not told called after its source.

    Raises:
        OutputError: it would overwrite a file of another kind, or has no folder.
    """
    if output == STANDARD_OUTPUT:
        what = "a model is" if kind is MODEL else "counts are"
        raise OutputError(f"{what} a file: give -o a name")
    path = Path(output or f"{_stem(source)}.{ending}")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: the folder {path.parent} cannot be written to")
    if path.is_dir():
        raise OutputError(f"{path}: is a directory; name a file in it")
    refuse_foreign(path, kind, force=force)
    return path


def _stem(text: str) -> str:
    """Name a model after its text: without the folder, the endings of compression, and the last.

    What comes through a pipe of the shell's has no name, and counts as standard input. A folder
    gives its own name, and so does that of a pattern.
    """
    if not lexists(text) and not remote.is_remote(text):
        text = text.removeprefix(LIST)
    if sources.is_open_already(text):
        return "stdin"
    path = Path(text)
    if not path.exists():
        path = Path(*takewhile(lambda part: not has_magic(part), path.parts))
    if path.is_dir():
        return path.resolve().name or "texts"
    while path.suffix in COMPRESSED:
        path = path.with_suffix("")
    return path.stem


def write(output: str, data: bytes) -> None:
    """Write a file, whole or not at all, or standard output; a terminal gets text made safe."""
    if output == STANDARD_OUTPUT:
        text_writer("latin-1")(data.decode("latin-1"))
    else:
        write_atomically(output, [data])


def read(
    names: Sequence[str], models: Sequence[str], rows: RowOptions, option: str = ""
) -> list[Document]:
    """Find texts for models to judge, none of which is a model itself.

    What is a model is one to compare with, by which `option`; or it stands in the wrong place.

    Raises:
        TextError: a text cannot be found.
        UsageError: a model is among them.
    """
    documents = corpus.read(names, note=say, options=rows)
    for document in documents:
        name, beginning = document.name, document.beginning(foreign.BEGINNING)
        if foreign.holds_counts(beginning):
            raise UsageError(f"{name}: holds counts, not a text")
        if not foreign.is_charlm(beginning):
            continue
        if not any(foreign.is_charlm(_beginning(model)) for model in models):
            raise UsageError(f"{name}: is a model, and {models[0]} is none; name the model first")
        remedies = [Remedy(option, name)] if option else []
        raise UsageError(f"{name}: is a charlm model, not a text", *remedies)
    return documents


def is_model(name: str) -> bool:
    """Tell whether a file is a model of charlm."""
    return foreign.is_charlm(start := _beginning(name)) and not foreign.holds_counts(start)


def _beginning(name: str) -> bytes:
    return sources.beginning(name, foreign.BEGINNING)


def tell_of_line_ends(documents: Iterable[Document], policy: TextPolicy) -> None:
    """Say of texts that are learnt whose lines end in CR LF, where the CR counts."""
    names = [document.name for document in documents if document.ends_lines_in_crlf]
    if not policy.drops_cr:
        for name in few(names, "texts"):
            say(f"{name}: lines end in CR LF; --newlines lf reads them as LF.")


def few(names: Sequence[str], what: str) -> Sequence[str]:
    """Return names to be told of one by one, or, where they are many, how many they are."""
    return names if len(names) <= MANY else [f"{len(names):,} {what}"]


def warn_if_seen(
    name: str,
    trained: TrainedModel,
    documents: Iterable[Document],
    so: str = "its figure there flatters.",
) -> None:
    """Say so where a model was trained on a text that it is to be judged by, and what follows."""
    seen = [document.name for document in documents if trained.record.has_seen(document)]
    for text in few(seen, "of the texts"):
        warn(f"{name} was trained on {text}; {so}")
