"""A network as a file for torch.

>>> import charlm
>>> model = charlm.train_rnn("abracadabra " * 99, hidden=8, steps=5, cell="gru")
>>> charlm.export_torch(model, "spell.safetensors")
>>> import json, pathlib
>>> json.loads(pathlib.Path("spell.json").read_text())["recurrent"]["module"]
'GRU'
"""

from pathlib import Path

from charlm.api.arguments import checked_path, refuse_no_model
from charlm.api.model import Model
from charlm.errors import UsageError
from charlm.files import container
from charlm.files.replacing import refuse_foreign
from charlm.files.writing import write_atomically
from charlm.rnn.model import RnnModel
from charlm.rnn.torch.file import FOR_TORCH, description, pack
from charlm.trained import TrainedModel

BESIDE = ".json"  # ends the name of the file beside


def export_torch(model: Model, path: str | Path, *, force: bool = False) -> None:
    """Write a recurrent network as a safetensors file with torch's own names for the arrays.

    What the arrays are, and the symbol of each id, stands in its metadata and, as JSON, in a file
    beside it, whose name ends in .json. `docs/torch.md` shows ten lines of torch that read them.

    Raises:
        OutputError: a file cannot be written, or another is there; `force` replaces it.
        UsageError: torch has no such network.
    """
    if not isinstance(model, Model):
        refuse_no_model("model", model)
    write_for_torch("the model", model.trained, checked_path(path), force=force)


def write_for_torch(name: str, trained: TrainedModel, path: Path, *, force: bool) -> Path:
    """Write both files; return the name of the one beside.

    Raises:
        OutputError, UsageError: as `export_torch`.
    """
    model, beside = trained.model, path.with_suffix(BESIDE)
    if not isinstance(model, RnnModel):
        raise UsageError(f"{name}: only recurrent networks have a form in torch")
    if beside == path:
        raise UsageError(f"{path}: is the name of the file beside; end the other in .safetensors")
    for one in (path, beside):
        refuse_foreign(one, FOR_TORCH, force=force)
    described = container.to_json(description(model, trained.tokenizer))
    pieces = pack(model, described)
    write_atomically(path, pieces)
    write_atomically(beside, [described.encode() + b"\n"])
    return beside
