"""Where the results of commands go: never onto what is read, nor onto files of another kind."""

from collections.abc import Sequence
from os.path import realpath  # which stands links that lead to themselves
from pathlib import Path
from typing import TYPE_CHECKING

from charlm.cli.console import text_writer

if TYPE_CHECKING:
    from charlm.replacing import Kind

STANDARD_OUTPUT = "-"
FORMATS = {
    ".bmp", ".csv", ".eps", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".json", ".jsonl", ".pdf",
    ".png", ".ps", ".svg", ".tif", ".tiff", ".tsv", ".txt", ".webp", ".xlsx",
}  # fmt: skip  # that programs know by the ends of names
FORCE = "--force"


def refuse_input_as_output(output: str, *inputs: str) -> None:
    """Keep a slip of the keyboard from replacing what is read.

    Raises:
        UsageError: the output is one of the inputs.
    """
    from charlm.errors import UsageError

    for name in inputs:
        if STANDARD_OUTPUT not in (output, name) and realpath(output) == realpath(name):
            raise UsageError(f"{output}: would be replaced, and it is read; name another output")


def refuse_other_formats(output: str, suffixes: Sequence[str]) -> None:
    """Keep a name from promising another format than what is written.

    Raises:
        UsageError: its suffix is that of another format.
    """
    from charlm.errors import UsageError

    suffix = Path(output).suffix
    if suffix.lower() in FORMATS - {*suffixes}:
        named = Path(output).with_suffix(suffixes[0])
        raise UsageError(f"{output}: what is written is no {suffix} file; name it {named}")


def check_output(output: str, kind: "Kind | None", *inputs: str, force: bool) -> None:
    """Keep an output from replacing what is read, and, without force, a file of another kind.

    Raises:
        UsageError: the output is one of the inputs.
        OutputError: a file of another kind stands there.
    """
    from charlm.replacing import refuse_foreign

    refuse_input_as_output(output, *inputs)
    if output != STANDARD_OUTPUT:
        refuse_foreign(Path(output), kind, force=force, remedy=FORCE)


def write(output: str, data: bytes) -> None:
    """Write a file, whole or not at all, or standard output; a terminal gets text made safe."""
    from charlm.writing import write_atomically

    if output == STANDARD_OUTPUT:
        text_writer("latin-1")(data.decode("latin-1"))
    else:
        write_atomically(output, [data])
