"""A trained network as a file for torch, which reads it without charlm.

The arrays are those of a module of `torch.nn`, called `recurrent`, and a `Linear` called `output`,
in the safetensors layout. `Description` says which module that is, and which symbol each id stands
for: as JSON in the file's metadata, and in a file beside it. `docs/torch.md` reads both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from charlm.errors import UsageError
from charlm.files import container
from charlm.files.replacing import Kind, beginning
from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.torch.arrays import check_form, state_dict
from charlm.text.tokenizer import Tokenizer
from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN, UNKNOWN_NAME
from charlm.version import __version__

MODULES: Final[Mapping[str, str]] = {"elman": "RNN", "gru": "GRU", "lstm": "LSTM"}  # of torch.nn
METADATA = "charlm"  # the name of the description there, and the first in the file beside


def _is_ours(path: Path) -> bool:
    return f'"{METADATA}": "'.encode() in beginning(path)


FOR_TORCH = Kind("a network for torch", _is_ours)


def description(model: RnnModel, tokenizer: Tokenizer) -> dict[str, Any]:
    """Return what a reader of the arrays has to know, as JSON types.

    `symbols` are in the order of their ids, the last of which only leads a sequence. `reserve` is
    the share of the unknown symbol where the network itself never met it, else 0. Two symbols that
    no text holds are called as in ARPA files.

    Raises:
        UsageError: torch.nn has no such network.
    """
    check_plain_form(model.config)
    symbols = [UNKNOWN_NAME, *tokenizer.vocabulary.symbols]
    symbols += [END_NAME] * (model.end is not None)
    return {
        METADATA: __version__,
        "recurrent": {"module": MODULES[model.config.cell], "arguments": _arguments(model)},
        "output": {"in_features": model.config.hidden, "out_features": model.vocab_size},
        "reserve": model.reserve,
        "unknown": UNKNOWN,
        "end": model.end,
        "start": model.vocab_size,
        "text": asdict(tokenizer.policy),
        "symbols": [*symbols, START_NAME],
    }


def _arguments(model: RnnModel) -> dict[str, Any]:
    """Return what the module of torch.nn is made with."""
    config = model.config
    arguments: dict[str, Any] = {
        "input_size": model.vocab_size + 1,
        "hidden_size": config.hidden,
        "num_layers": config.layers,
    }
    return arguments | ({"nonlinearity": config.activation} if config.cell == "elman" else {})


def check_plain_form(config: RnnConfig) -> None:
    """Refuse what torch.nn itself does not have, by its name.

    Raises:
        UsageError: it is another pattern than `hidden`, or a cell or an activation of our own.
    """
    check_form(config)
    if config.activation == "linear":
        raise UsageError("the linear activation has no form in torch; tanh and relu have")


def pack(model: RnnModel, described: str) -> Iterator[bytes | memoryview]:
    """Return the pieces of the file; `described` is the description, as JSON."""
    assert isinstance(model.network, HiddenNetwork)
    arrays = state_dict(model.network, model.config, model.parameters)
    return container.pack_for_others({"format": "pt", METADATA: described}, arrays)
