"""Pattern 1: hidden-to-hidden recurrence with an output at each step.

    h_t = f(W h_(t-1) + U x_t + b)        o_t = V h_t + c

(Goodfellow, Bengio & Courville 2016, figure 10.3.) x_t is a symbol, so U x_t is a column of U;
the last column is START's. The target y_t is the next symbol.
"""

from collections.abc import Callable, Mapping

import numpy as np

from charlm.arrays import Arrays, Floats, Ids
from charlm.rnn import cells
from charlm.rnn.bptt import unroll
from charlm.rnn.cells import State
from charlm.rnn.config import RnnConfig
from charlm.rnn.loss import cross_entropy
from charlm.rnn.networks.registry import network
from charlm.text.vocabulary import UNKNOWN

INPUT_GAIN = 16.0  # columns of U start uniform in +-INPUT_GAIN / sqrt(H); by experiment
ONE_HOT_LIMIT = 512  # up to so many symbols a one-hot product beats sorting


@network("hidden")
class HiddenNetwork:
    """The textbook's recurrent network."""

    def __init__(self, vocab_size: int, config: RnnConfig):
        self.vocab_size = vocab_size
        self.units = config.hidden
        self.cell = cells.get(config.cell, config.activation)

    @property
    def start(self) -> int:
        """Id of START."""
        return self.vocab_size

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """U (G H, V + 1), W (G H, H), b (G H), V (V, H), c (V)."""
        gates = self.cell.gates * self.units
        return {
            "U": (gates, self.vocab_size + 1),
            "W": (gates, self.units),
            "b": (gates,),
            "V": (self.vocab_size, self.units),
            "c": (self.vocab_size,),
        }

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """Orthogonal W, whose powers neither vanish nor explode; wide U; narrow V; zero biases.

        UNKNOWN's column of U is zero, and stays so where training never meets it.
        """
        shapes = self.shapes()
        scale = 1 / np.sqrt(self.units)
        blocks = [_orthogonal(self.units, rng) for _ in range(self.cell.gates)]
        U = rng.uniform(-INPUT_GAIN * scale, INPUT_GAIN * scale, shapes["U"])
        U[:, UNKNOWN] = 0
        return {
            "U": U,
            "W": np.concatenate(blocks),
            "b": np.zeros(shapes["b"]),
            "V": rng.uniform(-scale, scale, shapes["V"]),
            "c": np.zeros(shapes["c"]),
        }

    def zero_state(self, streams: int, dtype: np.dtype[np.floating]) -> State:
        """Give zeros: the state before START is read."""
        return tuple(np.zeros((self.units, streams), dtype) for _ in range(self.cell.states))

    def hidden(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the inputs; the state starts anew at each START."""
        hidden, state, _ = self._recur(parameters, inputs, state)
        return hidden, state

    def top(self, state: State) -> Floats:
        """Give the hidden part of the state."""
        return state[0]

    def logits(self, parameters: Mapping[str, Floats], hidden: Floats) -> Floats:
        """o_t = V h_t + c, of all steps at once."""
        logits: Floats = parameters["V"] @ hidden
        logits += parameters["c"][:, None]
        return logits

    def gradients(
        self, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
    ) -> tuple[float, Arrays, State]:
        """Forward, loss, and backward as derived in `bptt.py`."""
        hidden, state, back = self._recur(parameters, inputs, state)
        loss, d_logits = cross_entropy(self.logits(parameters, hidden), targets)
        d_inputs, d_W = back(np.ascontiguousarray(parameters["V"].T) @ d_logits)
        return (
            loss,
            {
                "U": sum_by_symbol(d_inputs, inputs, self.vocab_size + 1),
                "W": d_W,
                "b": d_inputs.sum(axis=(0, 2)),
                "V": np.tensordot(d_logits, hidden, axes=([0, 2], [0, 2])),
                "c": d_logits.sum(axis=(0, 2)),
            },
            state,
        )

    def _recur(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State, Callable[[Floats], tuple[Floats, Floats]]]:
        U = parameters["U"]
        projected = np.empty((len(inputs), len(U), inputs.shape[1]), U.dtype)
        for t, symbols in enumerate(inputs):  # mode='clip' spares take() a buffered copy
            np.take(U, symbols, axis=1, out=projected[t], mode="clip")
        projected += parameters["b"][:, None]
        return unroll(self.cell, parameters["W"], projected, state, inputs == self.start)


def sum_by_symbol(values: Floats, symbols: Ids, size: int) -> Floats:
    """Add up the columns of values (T, G H, B) that belong to the same symbol, (G H, size)."""
    columns = values.transpose(1, 0, 2).reshape(values.shape[1], -1)  # (G H, T B)
    flat = symbols.ravel()
    if size <= ONE_HOT_LIMIT:
        one_hot = np.zeros((len(flat), size), values.dtype)
        one_hot[np.arange(len(flat)), flat] = 1
        product: Floats = columns @ one_hot
        return product
    order = np.argsort(flat, kind="stable")
    starts = np.flatnonzero(np.diff(flat[order], prepend=-1))
    sums = np.zeros((len(columns), size), values.dtype)
    sums[:, flat[order][starts]] = np.add.reduceat(columns[:, order], starts, axis=1)
    return sums


def _orthogonal(size: int, rng: np.random.Generator) -> Floats:
    """Draw a random orthogonal matrix: Q of a Gaussian one, signs made unique (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))
