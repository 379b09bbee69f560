"""A network's parameters as PyTorch orders and names them; needs NumPy alone.

A layer has two biases there, of which ours is the first, and the gates of an LSTM stand in the
order i, f, g, o, where ours is i, f, o, g. Layers are counted from 0, from the bottom: those of U,
U2, U3 and so on, which is not the order of their names.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from charlm.arrays import Arrays, Floats
from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.networks.hidden import HiddenNetwork

# Which of our gates stand in torch's order.
GATES: Final[Mapping[str, tuple[int, ...]]] = {
    "elman": (0,), "gru": (0, 1, 2), "lstm": (0, 1, 3, 2),
}  # fmt: skip


def check_form(config: RnnConfig) -> None:
    """Refuse what has no form in torch, by its name.

    Raises:
        UsageError: the pattern is not `hidden`, the cell is none of torch's, or it has rows for
            n-grams.
    """
    if config.pattern != "hidden":
        raise UsageError(
            f"the {config.pattern} pattern has no form in torch; the hidden pattern has"
        )
    if config.ngrams:
        raise UsageError("rows for n-grams have no form in torch")
    if config.cell not in GATES:
        raise UsageError(f"the {config.cell} cell has no form in torch; {', '.join(GATES)} have")


def state_dict(
    network: HiddenNetwork, config: RnnConfig, parameters: Mapping[str, Floats]
) -> Arrays:
    """Return the arrays of `module.TorchNetwork`, by the names in its `state_dict`."""
    arrays: Arrays = {}
    for i, (U, W, b) in enumerate(network.names):
        for name, ours in (("weight_ih", U), ("weight_hh", W), ("bias_ih", b)):
            gates = np.split(parameters[ours], network.cell.gates)
            in_order = [gates[gate] for gate in GATES[config.cell]]
            arrays[f"recurrent.{name}_l{i}"] = np.concatenate(in_order)
        arrays[f"recurrent.bias_hh_l{i}"] = np.zeros_like(parameters[b])
    return arrays | {"output.weight": parameters["V"], "output.bias": parameters["c"]}
