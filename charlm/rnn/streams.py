"""A network reading one symbol after the other, as fast as NumPy can call its products.

At one stream and one step a call costs as much as its arithmetic. So input columns with their
biases lie in a table, one row a symbol, all buffers are made once, and nothing is copied.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from charlm.arrays import Floats
from charlm.rnn.networks import Network, State
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.text.vocabulary import UNKNOWN

RANDOM_NUMBERS = 1024  # drawn at once


class Stream(Protocol):
    """Reads symbols, and changes as it reads."""

    def read(self, symbol: int) -> Floats:
        """Read a symbol; give the hidden state (H, 1) that the next output depends on."""
        ...


def open_stream(network: Network, parameters: Mapping[str, Floats], state: State) -> Stream:
    """Give the quickest stream that there is for a network, going on from a state."""
    if isinstance(network, HiddenNetwork):
        return HiddenStream(network, parameters, state)
    return PassStream(network, parameters, state)


class PassStream:
    """Any network: a window of one step."""

    def __init__(self, network: Network, parameters: Mapping[str, Floats], state: State):
        self._network, self._parameters, self._state = network, parameters, state
        self._pass = network.unroll(1, 1, parameters["c"].dtype)

    def read(self, symbol: int) -> Floats:
        """Read through the pass."""
        inputs = np.array([[symbol]], np.int32)
        hidden, self._state = self._pass.read(self._parameters, inputs, self._state)
        last: Floats = hidden[0]
        return last


class HiddenStream:
    """The hidden pattern: the same cells, with the step's buffers at hand."""

    def __init__(self, network: HiddenNetwork, parameters: Mapping[str, Floats], state: State):
        self._start, self._cell = network.start, network.cell
        size, dtype = network.cell.states, parameters["c"].dtype
        shape = (network.cell.gates, network.units, 1)
        bottom = (parameters["U"] + parameters["b"][:, None]).T
        self._table = np.ascontiguousarray(bottom).reshape(-1, *shape)  # (V + 1, G, H, 1)
        self._gates = np.empty(shape, dtype)
        self._product = np.empty(shape, dtype)
        self._flat_gates = self._gates.reshape(-1, 1)
        self._flat_product = self._product.reshape(-1, 1)
        self._saved = np.empty((network.cell.saved, network.units, 1), dtype)
        self._layers = []
        for i, (U, W, b) in enumerate(network.names):
            old = tuple(part.copy() for part in state[i * size : (i + 1) * size])
            new = tuple(np.empty_like(part) for part in old)
            self._layers.append((parameters[U], parameters[W], parameters[b][:, None], old, new))

    def read(self, symbol: int) -> Floats:
        """One step of each layer; at START its state is zero."""
        hidden: Floats | None = None
        for i, (U, W, b, old, new) in enumerate(self._layers):
            if symbol == self._start:
                for part in old:
                    part.fill(0)
            if hidden is None:
                np.copyto(self._gates, self._table[symbol])
            else:
                np.matmul(U, hidden, out=self._flat_gates)
                np.add(self._flat_gates, b, out=self._flat_gates)
            np.matmul(W, old[0], out=self._flat_product)
            self._cell.forward(self._gates, self._product, old, new, self._saved)
            self._layers[i] = U, W, b, new, old
            hidden = new[0]
        assert hidden is not None
        return hidden


def draws(
    stream: Stream,
    hidden: Floats,
    parameters: Mapping[str, Floats],
    end: int | None,
    rng: np.random.Generator,
) -> Iterator[int]:
    """Draw symbols without end, UNKNOWN left out, each read before the next is drawn.

    `hidden`, (H, 1), is what the first symbol depends on. By inversion of the cumulative sums of
    exp(o), which needs no division and no logarithm.
    """
    V, c = parameters["V"][UNKNOWN + 1 :], parameters["c"][UNKNOWN + 1 :, None]
    start = len(parameters["c"])
    logits = np.empty_like(c)
    weights, cumulative = np.empty((2, len(c)))
    while True:
        for uniform in rng.random(RANDOM_NUMBERS).tolist():
            np.matmul(V, hidden, out=logits)
            np.add(logits, c, out=logits)
            np.subtract(logits, logits.max(), out=logits)
            np.exp(logits[:, 0], out=weights)
            np.cumsum(weights, out=cumulative)
            drawn = uniform * cumulative[-1]
            symbol = int(cumulative[:-1].searchsorted(drawn, side="right")) + UNKNOWN + 1
            yield symbol
            hidden = stream.read(start if symbol == end else symbol)
