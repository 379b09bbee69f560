"""Pattern 3: hidden recurrence over the last K symbols, one output after the last.

    h_(t-K) = 0,    h_i = f(W h_(i-1) + U x_i + b)  for i = t-K+1 .. t,    o_t = V h_t + c

(Goodfellow, Bengio & Courville 2016, figure 10.5.) Each prediction reads its K symbols anew, so
that this is an exact Markov chain of order K, as an n-gram of order K is: the bridge between the
two families. It costs K steps a symbol. A window that reaches beyond the start of its sequence
is filled up with START, at which the state is zero.

The state of the language model is the last K symbols.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Arrays, Floats, Ids
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.output_layer import OutputLayer
from charlm.rnn.layers.products import side_by_side
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.networks.registry import Learnt, Shapes, State, Window, network


@network("window")
class WindowNetwork:
    """The hidden pattern's recurrence, over windows of K symbols."""

    cells: ClassVar[tuple[str, ...] | None] = None
    reads_ngrams: ClassVar[bool] = False
    ngrams: ClassVar[None] = None

    def __init__(self, vocab_size: int, config: RnnConfig):
        self.inner = HiddenNetwork(vocab_size, config)
        self.vocab_size, self.context = vocab_size, config.context

    @property
    def width(self) -> int:
        """Numbers that a step of one stream takes."""
        return self.context * self.inner.width

    @property
    def squashes(self) -> bool:
        """Tell whether hidden units stay between -1 and 1."""
        return self.inner.squashes

    def shapes(self) -> Shapes:
        """As those of the hidden pattern."""
        return self.inner.shapes()

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """As the hidden pattern."""
        return self.inner.initialize(rng)

    def zero_state(self, streams: int, dtype: DTypeLike) -> State:
        """Return K times START in each stream, (K, B): ids, whatever the type of the parameters."""
        return (np.full((self.context, streams), self.vocab_size, np.int32),)

    def top(self, parameters: Mapping[str, Floats], state: State) -> Floats:
        """Read the K symbols of the state."""
        (symbols,) = state
        dtype = parameters["V"].dtype
        unrolled = self.inner.unroll(len(symbols), symbols.shape[1], dtype)
        zero = self.inner.zero_state(symbols.shape[1], dtype)
        last: Floats = unrolled.read(parameters, symbols, zero)[0][-1]
        return last

    def unroll(self, steps: int, streams: int, dtype: DTypeLike) -> "WindowPass":
        """Make the buffers for windows of this size."""
        return WindowPass(self, steps, streams, dtype)


class WindowPass:
    """Steps and streams alike become streams of the inner network, each K steps long."""

    def __init__(self, network: WindowNetwork, steps: int, streams: int, dtype: DTypeLike):
        self.network = network
        self._steps, self._streams = steps, streams
        self._inner = network.inner.unroll(network.context, steps * streams, dtype)
        self._zero = network.inner.zero_state(steps * streams, dtype)

    @cached_property
    def _outputs(self) -> OutputLayer:
        """Made when first learning: reading does without."""
        hidden = self._inner.layers[-1].hidden
        shape = self._steps, hidden.shape[1], self._streams
        return OutputLayer(shape, self.network.vocab_size, hidden.dtype)

    def read(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the window that ends with each input."""
        windows, state = self._windows(inputs, state)
        hidden, _ = self._inner.read(parameters, windows, self._zero)
        return self._in_time(hidden[-1]), state

    def learn(
        self,
        parameters: Mapping[str, Floats],
        window: Window,
        state: State,
        gradients: Mapping[str, Floats],
    ) -> Learnt:
        """As the hidden pattern, with one output at the end of each window."""
        windows, state = self._windows(window.inputs, state)
        hiddens, kept, _ = self._inner.forward(parameters, windows, self._zero, window.masks)
        last = hiddens[-1][-1]
        loss, d_hidden = self._outputs.learn(
            parameters, self._in_time(last), window.targets, gradients, window.events
        )
        d_last = side_by_side(d_hidden, np.empty_like(last))
        self._inner.backward(parameters, windows, hiddens, d_last[None], gradients, kept)
        return Learnt(loss, state)

    def _in_time(self, last: Floats) -> Floats:
        """Return the last hidden states of all windows, (H, T B), as those of steps, (T, H, B)."""
        return last.reshape(-1, self._steps, self._streams).transpose(1, 0, 2)

    def _windows(self, inputs: Ids, state: State) -> tuple[Ids, State]:
        """Return the K symbols up to each input, (K, T B), and the last K of all, (K, B)."""
        K = self.network.context
        symbols = np.concatenate([state[0], inputs])[-(K + len(inputs) - 1) :]
        windows = np.lib.stride_tricks.sliding_window_view(symbols, K, axis=0)  # (T, B, K)
        return windows.transpose(2, 0, 1).reshape(K, -1), (symbols[-K:].astype(np.int32),)
