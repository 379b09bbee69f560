"""A network reading one symbol after the other, as fast as NumPy can call its products.

With one stream and one step, calling NumPy takes as long as the arithmetic itself, so calls are
saved. The columns of U, with the biases added, are kept as the rows of a table, one for each
symbol. All buffers are made once. And each hidden state h is multiplied once for both purposes: W h
for the next step, and U h or V h for the layer above or the output.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from charlm.arrays import Floats, Ids
from charlm.rnn.cells import Cell
from charlm.rnn.layers.loss import UNBOUNDED, refuse_overflow
from charlm.rnn.layers.ngram_rows import PROJECTION, TABLE, NgramRows
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.networks import Network, State
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.text.vocabulary import UNKNOWN

RANDOM_NUMBERS = 1024  # drawn at once
LARGEST_LOGIT = 600.0  # e^600 is a float64, and so are sums of some


class Stream(Protocol):
    """Reads symbols, and changes as it reads."""

    logits: Floats  # (V,), o_t after all that was read
    bounded: bool  # whether exp may take them as they are

    def read(self, symbol: int) -> None:
        """Read a symbol, or START."""
        ...


def open_stream(network: Network, parameters: Mapping[str, Floats], state: State) -> Stream:
    """Return the quickest stream that there is for a network, going on from a state."""
    if isinstance(network, HiddenNetwork):
        return HiddenStream(network, parameters, state)
    return PassStream(network, parameters, state)


class PassStream:
    """Any network: a window of one step."""

    def __init__(self, network: Network, parameters: Mapping[str, Floats], state: State):
        self._network, self._parameters, self._state = network, parameters, state
        self._pass = network.unroll(1, 1, parameters["c"].dtype)
        self.bounded = are_bounded(network, parameters)
        self._show(network.top(parameters, state))

    def read(self, symbol: int) -> None:
        """Read through the pass."""
        inputs = np.array([[symbol]], np.int32)
        hidden, self._state = self._pass.read(self._parameters, inputs, self._state)
        self._show(hidden[0])

    def _show(self, hidden: Floats) -> None:
        self.logits: Floats = outputs(self._parameters, hidden)[:, 0]


class HiddenStream:
    """The hidden pattern: the same cells, with the step's buffers at hand."""

    def __init__(self, network: HiddenNetwork, parameters: Mapping[str, Floats], state: State):
        self._start = network.start
        self._ngrams = None
        remembered, states = network.divided(state)
        if network.ngrams is not None:
            self._ngrams = NgramStream(network.ngrams, parameters, *remembered)
        self.bounded = are_bounded(network, parameters)
        above = [(parameters[U], parameters[b]) for U, _, b in network.names[1:]]
        above.append((parameters["V"], parameters["c"]))
        self._layers = [
            Layer(network.cell, parameters[W], *above[i], states[i])
            for i, (_, W, _) in enumerate(network.names)
        ]
        bottom = parameters["U"] + parameters["b"][:, None]
        self._table = np.ascontiguousarray(bottom.T)[..., None]  # (V + 1, G H, 1)
        self.logits: Floats = self._layers[-1].up.reshape(-1)

    def read(self, symbol: int) -> None:
        """One step of each layer; at START its state is zero."""
        inputs = self._table[symbol]
        if self._ngrams is not None:
            inputs = inputs + self._ngrams.read(symbol)
        for layer in self._layers:
            if symbol == self._start:
                layer.reset()
            layer.read(inputs)
            inputs = layer.up


class NgramStream:
    """Rows for the n-grams of one stream; `before` is what is remembered, (N - 1, 1)."""

    def __init__(self, ngrams: NgramRows, parameters: Mapping[str, Floats], before: Ids):
        self._ngrams, self._before = ngrams, before
        self._table, self._projection = parameters[TABLE], parameters[PROJECTION]

    def read(self, symbol: int) -> Floats:
        """Return Q e, (G H, 1)."""
        inputs = np.array([[symbol]], np.int32)
        rows, self._before = self._ngrams.find(inputs, self._before)
        added: Floats = self._projection @ self._table[rows].reshape(-1, 1)
        return added


class Layer:
    """A layer of one stream: its state, W h for the step to come, and what goes up.

    `up` is U h + b of the layer above, (G H, 1), or V h + c, (V, 1).
    """

    def __init__(self, cell: Cell, W: Floats, above: Floats, bias: Floats, state: State):
        self._cell = cell
        self._weights = np.concatenate([W, above])
        self._old, self._new = (tuple(part.copy() for part in state) for _ in range(2))
        both = np.empty((len(self._weights), 1), W.dtype)
        shape = cell.gates, W.shape[1], 1
        self._both, self.up, self._bias = both, both[len(W) :], bias[:, None]
        self._product = both[: len(W)]
        self._gates = np.empty((len(W), 1), W.dtype)
        parts = [cell.parts(array.reshape(shape)) for array in (self._gates, self._product)]
        self._gate_parts, self._product_parts = parts
        self._saved = tuple(np.empty((cell.saved, *shape[1:]), W.dtype))
        self._multiply()

    def read(self, inputs: Floats) -> None:
        """Take a step with U x + b, (G H, 1)."""
        np.copyto(self._gates, inputs)
        self._cell.forward(self._gate_parts, self._product_parts, self._old, self._new, self._saved)
        self._old, self._new = self._new, self._old
        self._multiply()

    def reset(self) -> None:
        """Set the state, and so W h, to zero."""
        self._product.fill(0)
        for part in self._old:
            part.fill(0)

    def _multiply(self) -> None:
        np.matmul(self._weights, self._old[0], out=self._both)
        np.add(self.up, self._bias, out=self.up)


def draws(stream: Stream, end: int | None, start: int, rng: np.random.Generator) -> Iterator[int]:
    """Draw symbols without end, UNKNOWN left out, each read before the next is drawn.

    By inversion of the cumulative sums of exp(o), which needs no division and no logarithm.
    """
    first = UNKNOWN + 1
    weights, cumulative = np.empty((2, len(stream.logits) - first))
    all_but_last = cumulative[:-1]
    read = stream.read if stream.bounded else UNBOUNDED(stream.read)
    while True:
        for uniform in rng.random(RANDOM_NUMBERS).tolist():
            logits = stream.logits[first:]
            if not stream.bounded:
                logits = _shifted(logits)
            np.copyto(weights, logits)  # as float64; exp would take longer to convert
            np.exp(weights, out=weights)
            np.add.accumulate(weights, out=cumulative)
            symbol = first + bisect_right(all_but_last, uniform * cumulative.item(-1))
            yield symbol
            read(start if symbol == end else symbol)


@UNBOUNDED
def _shifted(logits: Floats) -> Floats:
    """Take off the largest; a `ModelFileError` where they are not finite numbers."""
    shifted: Floats = logits - logits.max()
    refuse_overflow(shifted)
    return shifted


def are_bounded(network: Network, parameters: Mapping[str, Floats]) -> bool:
    """Tell whether no logit can leave what exp takes in float64, where hidden units are tanh's."""
    largest = np.abs(parameters["V"]).sum(axis=1) + np.abs(parameters["c"])
    return network.squashes and bool(largest.max() < LARGEST_LOGIT)
