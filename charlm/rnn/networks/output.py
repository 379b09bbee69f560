"""Pattern 2: the only recurrence runs from the output to the hidden layer.

    h_t = f(R s_t + b)        o_t = V h_t + c        s_t = a s_(t-1) + y_(t-1)

(Goodfellow, Bengio & Courville 2016, figure 10.4.) In a language model the previous output is the
current input, so there is no U besides R. With a = 0, s_t = y_(t-1), the textbook's network; with
`trace_decay` a > 0, s_t are Jordan's (1986) state units: outputs fade but no recurrence is learnt.

Teacher forcing (10.2.1) puts the true y_(t-1) where the output would go. That is maximum
likelihood: in P(y_t | y_1 .. y_(t-1)) the past is given. So no gradient flows through time, all
steps are one batch, and there is no BPTT. In likelihood such a network with a = 0 can be no
better than an order-1 n-gram. What R s_t costs is linear in s, so its gradient is exact over the
whole past, however long:

    p_t = R s_t = a p_(t-1) + R y_(t-1)
    q_t = dL/dp_t + a q_(t+1)        dL/dR = sum_t q_t y_(t-1)^T + a q_1 s_0^T

Free running feeds softmax(o_(t-1)) instead of y_(t-1): what the network expected, where the true
symbol is not known (`free_running.py`).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

from charlm.arrays import Arrays, Floats, Ids
from charlm.errors import UsageError
from charlm.rnn.cells.elman import ACTIVATIONS
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.embedding import embed, embedding_gradient
from charlm.rnn.layers.initialization import input_columns, output_layer
from charlm.rnn.layers.output_layer import OutputLayer
from charlm.rnn.layers.products import StepProducts
from charlm.rnn.networks.registry import Learnt, Shapes, State, Window, network


@network("output")
class OutputNetwork:
    """Output-to-hidden recurrence; the state is s, (V + 1, B), START's row last."""

    cells: ClassVar[tuple[str, ...] | None] = ("elman",)
    reads_ngrams: ClassVar[bool] = False
    ngrams: ClassVar[None] = None

    def __init__(self, vocab_size: int, config: RnnConfig):
        if config.layers != 1:
            raise UsageError("the output pattern has one layer")
        self.vocab_size, self.units = vocab_size, config.hidden
        self.decay = config.trace_decay
        self.apply, self.slope = ACTIVATIONS[config.activation]

    @property
    def width(self) -> int:
        """Numbers that a step of one stream takes."""
        return 2 * self.units

    @property
    def squashes(self) -> bool:
        """Tell whether hidden units stay between -1 and 1."""
        return self.apply is ACTIVATIONS["tanh"][0]

    def shapes(self) -> Shapes:
        """R (H, V + 1), b (H), V (V, H), c (V)."""
        return {
            "R": (self.units, self.vocab_size + 1),
            "b": (self.units,),
            "V": (self.vocab_size, self.units),
            "c": (self.vocab_size,),
        }

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """Wide R, narrow V, zero biases."""
        R = input_columns(self.units, self.units, self.vocab_size, rng)
        layer = output_layer(self.vocab_size, self.units, rng)
        return {"R": R, "b": np.zeros(self.units), **layer}

    def zero_state(self, streams: int, dtype: DTypeLike) -> State:
        """Return zeros: the state before START is read."""
        return (np.zeros((self.vocab_size + 1, streams), dtype),)

    def top(self, parameters: Mapping[str, Floats], state: State) -> Floats:
        """Return f(R s + b)."""
        hidden: Floats = parameters["R"] @ state[0]
        hidden += parameters["b"][:, None]
        self.apply(hidden)
        return hidden

    def unroll(self, steps: int, streams: int, dtype: DTypeLike) -> "OutputPass":
        """Make the buffers for windows of this size."""
        return OutputPass(self, steps, streams, dtype)


class OutputPass:
    """The network over windows of one size."""

    def __init__(self, network: OutputNetwork, steps: int, streams: int, dtype: DTypeLike):
        self.network = network
        self._hidden = np.empty((steps, network.units, streams), dtype)
        self._slopes = np.empty_like(self._hidden)
        self._sums = StepProducts(dtype)

    @cached_property
    def _outputs(self) -> OutputLayer:
        """Made when first learning: reading does without."""
        return OutputLayer(self._hidden.shape, self.network.vocab_size, self._hidden.dtype)

    def read(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the inputs; s starts anew at each START."""
        hidden, R, b = self._hidden, parameters["R"], parameters["b"]
        decays = self._decays(inputs)
        if self.network.decay == 0:
            embed(R, b, inputs, hidden)
        else:
            embed(R, np.zeros_like(b), inputs, hidden)
            before = R @ state[0]
            for t, decay in enumerate(decays):
                hidden[t] += decay * before
                before = hidden[t]
            hidden += b[:, None]
        self.network.apply(hidden)
        return hidden, (self._last_state(inputs, state[0], decays),)

    def learn(
        self,
        parameters: Mapping[str, Floats],
        window: Window,
        state: State,
        gradients: Mapping[str, Floats],
    ) -> Learnt:
        """Forward, loss, and the gradients above: all steps at once."""
        inputs = window.inputs
        hidden, after = self.read(parameters, inputs, state)
        mask = None if window.masks is None else window.masks(hidden.shape)
        shown = hidden if mask is None else hidden * mask
        loss, d_hidden = self._outputs.learn(
            parameters, shown, window.targets, gradients, window.events
        )
        if mask is not None:
            d_hidden *= mask
        self.network.slope(hidden, self._slopes)
        d_hidden *= self._slopes
        np.sum(d_hidden, axis=(0, 2), out=gradients["b"])
        if self.network.decay == 0:
            embedding_gradient(self._sums, d_hidden, inputs, gradients["R"])
            return Learnt(loss, after)
        decays = self._decays(inputs)
        for t in reversed(range(len(inputs) - 1)):
            d_hidden[t] += decays[t + 1] * d_hidden[t + 1]
        embedding_gradient(self._sums, d_hidden, inputs, gradients["R"])
        gradients["R"][...] += (decays[0] * d_hidden[0]) @ state[0].T
        return Learnt(loss, after)

    def _decays(self, inputs: Ids) -> Floats:
        """Return what is left of s at each step, (T, B): a, or nothing where a sequence starts."""
        is_start = inputs == self.network.vocab_size
        return np.where(is_start, 0, self.network.decay).astype(self._hidden.dtype)

    def _last_state(self, inputs: Ids, s: Floats, decays: Floats) -> Floats:
        s, streams = s.copy(), np.arange(inputs.shape[1])
        for symbols, decay in zip(inputs, decays, strict=True):
            s *= decay
            s[symbols, streams] += 1
        return s
