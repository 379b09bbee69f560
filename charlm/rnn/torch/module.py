"""A trained network as a module of PyTorch, ready to use and to train on.

The only module that imports torch, which charlm does without: `RnnModel.to_torch` imports it. What
`forward` returns are the model's own log-probabilities, so that they are also good logits:
`cross_entropy` of them is the loss.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn import functional

from charlm.arrays import Floats
from charlm.rnn.config import RnnConfig
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.torch.arrays import state_dict

Tensor: TypeAlias = Any
State: TypeAlias = Any  # h, (L, H) or (L, B, H), where L layers are; h and c of an lstm


class TorchNetwork(nn.Module):
    """A network of the hidden pattern: `recurrent`, of torch.nn, and `output`, V h + c.

    `start` is the id that stands where a sequence starts, and sets the state to zero. `reserve`
    is the share of UNKNOWN, id 0, which the network itself never met; 0 where it did.
    """

    def __init__(
        self,
        config: RnnConfig,
        network: HiddenNetwork,
        parameters: Mapping[str, Floats],
        reserve: float,
    ):
        super().__init__()
        self.start, self.reserve = network.start, reserve
        self.recurrent = _recurrent(config, network.vocab_size + 1)
        self.output = nn.Linear(config.hidden, network.vocab_size)
        arrays = state_dict(network, config, parameters)
        self.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
        for name, parameter in self.recurrent.named_parameters():
            if name.startswith("bias_hh"):
                parameter.requires_grad_(False)  # ours is one bias, not two

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Return the log-probabilities of what comes after each input, and the state.

        Ids are (T,) or (T, B), each sequence led by `start`; log-probabilities (T, V) or (T, B, V).
        """
        starts = (inputs == self.start).reshape(len(inputs), -1).any(1)
        edges = sorted({0, *starts.nonzero()[:, 0].tolist(), len(inputs)})
        hidden = []
        for low, high in pairwise(edges):
            state = _kept(state, inputs[low] != self.start)
            x = functional.one_hot(inputs[low:high], self.start + 1).to(self.output.weight.dtype)
            outputs, state = self.recurrent(x, state)
            hidden.append(outputs)
        return self._log_softmax(self.output(torch.cat(hidden))), state

    def _log_softmax(self, logits: Tensor) -> Tensor:
        """Scale all but UNKNOWN to leave it its share, as `log_probs_of_all` does."""
        if self.reserve == 0:
            return functional.log_softmax(logits, -1)
        share = torch.tensor(self.reserve, dtype=logits.dtype, device=logits.device)
        known = functional.log_softmax(logits[..., 1:], -1) + torch.log1p(-share)
        return torch.cat([share.log().expand_as(logits[..., :1]), known], -1)


class LinearRNN(nn.Module):
    """`torch.nn.RNN` without a function, h_t = W h_(t-1) + U x_t + b, which torch does not have."""

    def __init__(self, inputs: int, units: int, layers: int):
        super().__init__()
        self.units, self.layers = units, layers
        for i in range(layers):
            shapes = {
                "weight_ih": (units, units if i else inputs), "weight_hh": (units, units),
                "bias_ih": (units,), "bias_hh": (units,),
            }  # fmt: skip
            for name, shape in shapes.items():
                self.register_parameter(f"{name}_l{i}", nn.Parameter(torch.zeros(shape)))

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Return the top hidden states and the last of each layer, as `torch.nn.RNN` does."""
        last = []
        for i in range(self.layers):
            named = (f"weight_ih_l{i}", f"weight_hh_l{i}", f"bias_ih_l{i}", f"bias_hh_l{i}")
            U, W, b, more = map(self.get_parameter, named)
            given = functional.linear(x, U, b + more)
            h = torch.zeros_like(given[0]) if state is None else state[i]
            steps = []
            for step in given:
                h = step + functional.linear(h, W)
                steps.append(h)
            x = torch.stack(steps)
            last.append(h)
        return x, torch.stack(last)


def _recurrent(config: RnnConfig, inputs: int) -> Any:
    sizes = inputs, config.hidden, config.layers
    if config.cell == "gru":
        return nn.GRU(*sizes)
    if config.cell == "lstm":
        return nn.LSTM(*sizes)
    if config.activation == "linear":
        return LinearRNN(*sizes)
    return nn.RNN(*sizes, nonlinearity=config.activation)


def _kept(state: State, goes_on: Tensor) -> State:
    """Set to zero the state of streams that start anew; `goes_on` is () or (B,)."""
    if state is None:
        return None
    if isinstance(state, tuple):
        return tuple(_kept(part, goes_on) for part in state)
    return state * goes_on[..., None].to(state.dtype)
