"""Pattern 1: hidden-to-hidden recurrence with an output at each step.

    h_t = f(W h_(t-1) + U x_t + b)        o_t = V h_t + c

(Goodfellow, Bengio & Courville 2016, figure 10.3.) x_t is a symbol, so U x_t is a column of U;
the last column is START's. The target y_t is the next symbol. Layers are stacked by giving the
hidden states of one to the next as its input: U2, W2, b2 and so on (Pascanu et al. 2014).
The first layer may be given Q e_t besides: rows for the last n-grams (`layers/ngram_rows.py`).

Dropout acts between layers and before the output, never on the recurrence (Zaremba, Sutskever &
Vinyals 2014).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Arrays, Floats, Ids
from charlm.rnn import cells
from charlm.rnn.bptt import Unrolled
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.embedding import embed, embedding_gradient
from charlm.rnn.layers.initialization import (
    input_columns,
    orthogonal,
    output_layer,
    projection,
)
from charlm.rnn.layers.ngram_rows import (
    PROJECTION,
    TABLE,
    WIDTH,
    NgramRows,
    RowGradient,
    RowReading,
)
from charlm.rnn.layers.output_layer import OutputLayer
from charlm.rnn.networks.registry import Learnt, Masks, Shapes, State, Window, network


@network("hidden")
class HiddenNetwork:
    """The textbook's recurrent network."""

    cells: ClassVar[tuple[str, ...] | None] = None
    reads_ngrams: ClassVar[bool] = True

    def __init__(self, vocab_size: int, config: RnnConfig):
        self.vocab_size = vocab_size
        self.units, self.layers = config.hidden, config.layers
        self.cell = cells.get(config.cell, config.activation)
        self.ngrams = NgramRows(config.ngrams, config.rows, self.start) if config.ngrams else None

    @property
    def width(self) -> int:
        """Numbers that a step of one stream takes."""
        return self.layers * (self.cell.gates + self.cell.states) * self.units

    @property
    def start(self) -> int:
        """Id of START."""
        return self.vocab_size

    @property
    def squashes(self) -> bool:
        """Tell whether hidden units stay between -1 and 1."""
        return self.cell.squashes

    def shapes(self) -> Shapes:
        """U (G H, V + 1), W (G H, H), b (G H), V (V, H), c (V); U2 (G H, H), W2, b2 ...

        With rows for n-grams Q (G H, K D) and e (K R, D) too.
        """
        gates = self.cell.gates * self.units
        shapes: Shapes = {}
        for U, W, b in self.names:
            inputs = self.units if shapes else self.vocab_size + 1
            shapes |= {U: (gates, inputs), W: (gates, self.units), b: (gates,)}
        if self.ngrams is not None:
            shapes[PROJECTION] = gates, self.ngrams.before * WIDTH
            shapes[TABLE] = self.ngrams.rows, WIDTH
        return shapes | {"V": (self.vocab_size, self.units), "c": (self.vocab_size,)}

    @cached_property
    def names(self) -> list[tuple[str, str, str]]:
        """Return the letters of each layer's parameters, from the bottom."""
        suffixes = ["", *map(str, range(2, self.layers + 1))]
        return [(f"U{suffix}", f"W{suffix}", f"b{suffix}") for suffix in suffixes]

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """Orthogonal W, whose powers neither vanish nor explode; wide U; narrow V; the cell's b."""
        arrays: Arrays = {}
        for U, W, b in self.names:
            if not arrays:
                arrays[U] = input_columns(self.cell.gates * self.units, self.units, self.start, rng)
            else:
                arrays[U] = orthogonal(self.units, self.cell.gates, rng)
            arrays[W] = orthogonal(self.units, self.cell.gates, rng)
            arrays[b] = np.repeat(np.array(self.cell.bias), self.units)
        if self.ngrams is not None:
            size = self.ngrams.before * WIDTH
            arrays[PROJECTION] = projection(self.cell.gates * self.units, size, rng)
            arrays[TABLE] = np.zeros((self.ngrams.rows, WIDTH))
        return arrays | output_layer(self.vocab_size, self.units, rng)

    def zero_state(self, streams: int, dtype: DTypeLike) -> State:
        """Return zeros: the state before START is read; a layer's parts stand together.

        The first part is the symbols that the next n-grams begin with, if there are rows for them.
        """
        parts = self.layers * self.cell.states
        zeros = tuple(np.zeros((self.units, streams), dtype) for _ in range(parts))
        return zeros if self.ngrams is None else (self.ngrams.zero_state(streams), *zeros)

    def divided(self, state: State) -> tuple[State, list[State]]:
        """Return what is remembered for n-grams, if anything is, and the state of each layer."""
        size, first = self.cell.states, 0 if self.ngrams is None else 1
        layers = [state[low : low + size] for low in range(first, len(state), size)]
        return state[:first], layers

    def top(self, parameters: Mapping[str, Floats], state: State) -> Floats:
        """Return the hidden part of the last layer's state."""
        return state[-self.cell.states]

    def unroll(self, steps: int, streams: int, dtype: DTypeLike) -> "HiddenPass":
        """Make the buffers for windows of this size."""
        return HiddenPass(self, steps, streams, dtype)


class HiddenPass:
    """The network over windows of one size."""

    def __init__(self, network: HiddenNetwork, steps: int, streams: int, dtype: DTypeLike):
        self.network = network
        self.layers = [
            Unrolled(network.cell, network.units, steps, streams, dtype)
            for _ in range(network.layers)
        ]
        self._rows: RowReading | None = None
        if network.ngrams is not None:
            gates = network.cell.gates * network.units
            self._rows = RowReading(network.ngrams, steps, streams, gates, dtype)

    @cached_property
    def _outputs(self) -> OutputLayer:
        """Made when first learning: reading does without."""
        hidden = self.layers[-1].hidden
        return OutputLayer(hidden.shape, self.network.vocab_size, hidden.dtype)

    def read(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the inputs; the state starts anew at each START."""
        hiddens, _, state = self.forward(parameters, inputs, state)
        return hiddens[-1], state

    def learn(
        self,
        parameters: Mapping[str, Floats],
        window: Window,
        state: State,
        gradients: Mapping[str, Floats],
    ) -> Learnt:
        """Forward, loss, and backward as derived in `bptt.py`."""
        hiddens, kept, state = self.forward(
            parameters, window.inputs, state, window.masks, window.row_masks
        )
        loss, d_hidden = self._outputs.learn(
            parameters, hiddens[-1], window.targets, gradients, window.events
        )
        rows = self.backward(parameters, window.inputs, hiddens, d_hidden, gradients, kept)
        return Learnt(loss, state, rows)

    def forward(
        self,
        parameters: Mapping[str, Floats],
        inputs: Ids,
        state: State,
        masks: Masks | None = None,
        row_masks: Masks | None = None,
    ) -> tuple[list[Floats], list[Floats | None], State]:
        """Return each layer's hidden states after dropout, its mask, and the last state."""
        hiddens: list[Floats] = []
        kept: list[Floats | None] = []
        after, before = self.network.divided(state)
        is_start = inputs == self.network.start
        for i, ((U, W, b), layer) in enumerate(zip(self.network.names, self.layers, strict=True)):
            if i == 0:
                embed(parameters[U], parameters[b], inputs, layer.inputs)
                if self._rows is not None:
                    shape = *inputs.shape, self._rows.tables
                    left = None if row_masks is None else row_masks(shape)
                    after = self._rows.forward(parameters, inputs, after[0], left, layer.inputs)
            else:
                np.matmul(parameters[U], hiddens[-1], out=layer.inputs)
                layer.inputs += parameters[b][:, None]
            after += layer.forward(parameters[W], before[i], is_start)
            kept.append(None if masks is None else masks(layer.hidden.shape))
            hiddens.append(layer.hidden if kept[i] is None else layer.hidden * kept[i])
        return hiddens, kept, after

    def backward(
        self,
        parameters: Mapping[str, Floats],
        inputs: Ids,
        hiddens: list[Floats],
        d_hidden: Floats,
        gradients: Mapping[str, Floats],
        kept: list[Floats | None],
    ) -> RowGradient | None:
        """Send dL/dh of the last layer back through all; fill the gradients of U, W, b and Q.

        `d_hidden` may be that of the last steps alone. Return the gradient of rows for n-grams.
        """
        for i in reversed(range(len(self.layers))):
            (U, W, b), layer, mask = self.network.names[i], self.layers[i], kept[i]
            if mask is not None:
                d_hidden *= mask[-len(d_hidden) :]
            layer.backward(parameters[W], d_hidden)
            layer.recurrent_gradient(gradients[W])
            if i > 0:
                layer.input_gradient(hiddens[i - 1], gradients[U])
                np.sum(layer.d_inputs, axis=(0, 2), out=gradients[b])
                d_hidden = np.ascontiguousarray(parameters[U].T) @ layer.d_inputs
        embedding_gradient(self.layers[0].sums, self.layers[0].d_inputs, inputs, gradients["U"])
        np.sum(gradients["U"], axis=1, out=gradients["b"])  # each step reads one symbol
        if self._rows is None:
            return None
        return self._rows.backward(parameters, self.layers[0].d_inputs, gradients[PROJECTION])
