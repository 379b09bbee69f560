"""Dynamic evaluation: a network that goes on learning while it reads (Krause et al. 2018).

Symbols are predicted one after the other; after each segment of them, the parameters take one
step down the gradient g of the loss that the segment has just had, scaled by its running size as in
RMSprop (Tieleman & Hinton 2012), and a step back towards where they started:

    v <- beta v + (1 - beta) g^2
    theta <- theta - eta g / sqrt(v) + lambda (theta_0 - theta)

with v corrected for its start at zero, as in Adam.

So every symbol is predicted before it is learnt. A decoder, which learns each symbol after decoding
it, can therefore repeat the very same steps. Names and phrases cost less when they occur again. The
model itself is untouched: the reader has its own copy of the parameters.
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from charlm.arrays import Float64s, Floats, Ids
from charlm.rnn.inference.scoring import Scorer
from charlm.rnn.layers.embedding import inputs_of
from charlm.rnn.layers.loss import UNBOUNDED, log_probs_of_all
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Network, State, Window, dense
from charlm.rnn.training.optimizers import blocks, flush

# Chosen on text held out of a training text. Larger networks take smaller steps, as in training.
SEGMENT = 40  # symbols between two steps
RATE = 7e-4  # eta, at up to BASE_UNITS hidden units
RETURN = 1e-3  # lambda
MEMORY = 0.999  # beta
BASE_UNITS = 256
EPSILON = 1e-8


class DynamicReader:
    """Reads a text from its start with a copy of a network's parameters, and changes them.

    Rows for n-grams stay as they are.
    """

    def __init__(
        self, network: Network, parameters: Mapping[str, Floats], reserve: float, end: int | None
    ):
        self._network, self._reserve = network, reserve
        self._start, self._end = network.vocab_size, end
        self._origin = Parameters.of(parameters)
        self._parameters = Parameters.of(parameters)
        self._gradients = Parameters(dense(self._network.shapes()))
        self._squares = np.zeros_like(self._gradients.flat)  # v
        self._steps = 0
        self._rate = RATE * min(1.0, BASE_UNITS / parameters["V"].shape[1])
        self._segment, self._rest, self._single = (
            self._network.unroll(steps, 1, np.float32) for steps in (SEGMENT, SEGMENT - 1, 1)
        )
        self._begin(self._network.zero_state(1, np.float32))
        self._read(self._start)

    def describe(self) -> dict[str, str]:
        """Weights learn, a segment of symbols at a time."""
        return {"adaptive": f"weights({SEGMENT})"}

    @UNBOUNDED
    def log_probs(self) -> Float64s:
        """Those of the network as it is now."""
        hidden = self._network.top(self._parameters, self._state)
        return log_probs_of_all(outputs(self._parameters, hidden)[:, 0], self._reserve)

    def observe(self, symbol: int) -> None:
        """Read a symbol; learn first from the segment of which it was the last."""
        self._targets.append(symbol)
        if len(self._targets) == SEGMENT:
            self._learn()
        self._read(self._input(symbol))

    def score(self, ids: Ids) -> Float64s:
        """Read on, a whole segment at once where one begins."""
        log_probs, low = np.empty(len(ids)), 0
        while low < len(ids):
            if not self._targets and len(ids) - low >= SEGMENT:
                log_probs[low : low + SEGMENT] = self._score_segment(ids[low : low + SEGMENT])
                low += SEGMENT
            else:
                log_probs[low] = self.log_probs()[ids[low]]
                self.observe(int(ids[low]))
                low += 1
        return log_probs

    @UNBOUNDED
    def _score_segment(self, ids: Ids) -> Float64s:
        first = self._network.top(self._parameters, self._state)
        inputs = inputs_of(ids, self._end, self._start)
        hidden, _ = self._rest.read(self._parameters, inputs[:-1, None], self._state)
        scorer = Scorer(self._network, self._parameters, self._reserve)
        scored = scorer.log_probs(np.concatenate([first[None], hidden]), ids[:, None])
        self._inputs += inputs[:-1].tolist()
        self._targets += ids.tolist()
        self._learn()
        self._read(int(inputs[-1]))
        return scored[:, 0]

    @UNBOUNDED
    def _learn(self) -> None:
        """Take the step; the state goes on as the old parameters left it."""
        inputs, targets = np.array([self._inputs, self._targets], np.int32)[..., None]  # (T, 1)
        window = Window(inputs, targets)
        learnt = self._segment.learn(self._parameters, window, self._before, self._gradients)
        self._steps += 1
        v_root = sqrt(1 - MEMORY**self._steps)
        vectors = self._parameters.dense, self._origin.dense, self._gradients.flat, self._squares
        for block in blocks(len(self._squares)):
            theta, origin, g, v = (vector[block] for vector in vectors)
            flush(v, self._steps)
            v += (1 - MEMORY) * (g * g - v)
            theta -= self._rate * g / (np.sqrt(v) / v_root + EPSILON)
            theta += RETURN * (origin - theta)
        self._begin(learnt.state)

    def _begin(self, state: State) -> None:
        """Begin a segment: the state before it, and what it reads and predicts."""
        self._before = self._state = state
        self._inputs: list[int] = []
        self._targets: list[int] = []

    @UNBOUNDED
    def _read(self, symbol: int) -> None:
        self._inputs.append(symbol)
        inputs = np.array([[symbol]], np.int32)
        _, self._state = self._single.read(self._parameters, inputs, self._state)

    def _input(self, symbol: int) -> int:
        return self._start if symbol == self._end else symbol
