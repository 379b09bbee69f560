"""A recurrent model of ours as a module of `torch.nn`."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

GATES = {"elman": [0], "gru": [0, 1, 2], "lstm": [0, 1, 3, 2]}  # torch has i, f, g, o
MODULES = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def to_torch(p: Mapping[str, Any], cell: str) -> Any:
    """Give the module whose outputs, times V, plus c, are our logits; its input is one-hot."""
    H = p["W"].shape[1]
    layers = [name[1:] for name in p if name.startswith("W")]
    module = MODULES[cell](p["U"].shape[1], H, len(layers))
    for i, layer in enumerate(layers):
        for theirs, ours in (("weight_ih", "U"), ("weight_hh", "W"), ("bias_ih", "b")):
            blocks = torch.as_tensor(p[ours + layer]).split(H)
            values = torch.cat([blocks[gate] for gate in GATES[cell]])
            getattr(module, f"{theirs}_l{i}").data.copy_(values)
        getattr(module, f"bias_hh_l{i}").data.zero_()
        getattr(module, f"bias_hh_l{i}").requires_grad_(False)  # we have one bias, not two
    return module
