"""A model in the form of other tools: an ARPA file, or one for torch."""

from pathlib import Path

from charlm import storage
from charlm.api.torch import write_for_torch
from charlm.cli.arpa import export_arpa
from charlm.cli.console import say
from charlm.cli.files import (
    STANDARD_OUTPUT,
    refuse_input_as_output,
    refuse_other_formats,
)
from charlm.errors import UsageError
from charlm.ngram.arpa.names import USUAL, Names

SAFETENSORS = ".safetensors"


def export_model(
    name: str,
    arpa: str | None,
    torch: str | None,
    *,
    order: int | None,
    names: tuple[str | None, str | None, str | None],
    force: bool,
) -> None:
    """Write the one file that is asked for; `names` are the fields of `Names`.

    Raises:
        UsageError: there is not one, the model has no such form, or an option is of the other.
        OutputError: a file of another kind stands there.
    """
    called = Names(*names)
    if (arpa is None) == (torch is None):
        raise UsageError("give -o FILE for an ARPA file, or --torch FILE for a network")
    if torch is None:
        export_arpa(name, str(arpa), order=order, names=called, force=force)
        return
    if order is not None or called != USUAL:
        raise UsageError("--order, --space, --unk and --case are for ARPA files, not for --torch")
    _export_torch(name, torch, force=force)


def _export_torch(name: str, output: str, *, force: bool) -> None:
    if output == STANDARD_OUTPUT:
        raise UsageError("a network takes two files: give --torch a name")
    refuse_input_as_output(output, name)
    refuse_other_formats(output, [SAFETENSORS])
    path = Path(output)
    beside = write_for_torch(name, storage.load(name), path, force=force)
    size = path.stat().st_size / 1e6
    say(f"Wrote {path} ({size:z.1f} MB), and what its arrays and ids stand for in {beside}.")
