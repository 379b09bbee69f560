"""Every network as its formulas stand in a textbook: one stream, one step, one gate at a time.

Gradients need no derivation: for an analytic function, f'(x) = Im f(x + i e) / e + O(e^2) without
any cancellation (Squire & Trapp 1998), so that with e = 1e-30 they are exact to rounding. All
arithmetic here therefore takes complex numbers.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Ids
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.parameters import Parameters

Numbers: TypeAlias = NDArray[Any]  # complex
Arrays: TypeAlias = Mapping[str, Numbers]
Parts: TypeAlias = tuple[Numbers, ...]
EPSILON = 1e-30

ACTIVATIONS: dict[str, Callable[[Numbers], Numbers]] = {
    "tanh": np.tanh,
    "relu": lambda a: np.where(a.real > 0, a, 0),
    "linear": lambda a: a,
}


def sigmoid(a: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-a))


def elman(W: Numbers, inputs: Numbers, state: Parts, activation: str) -> Parts:
    """Elman 1990; `inputs` is U x + b."""
    (h,) = state
    return (ACTIVATIONS[activation](W @ h + inputs),)


def gru(W: Numbers, inputs: Numbers, state: Parts, activation: str) -> Parts:
    """Cho et al. 2014, the reset gate after the product."""
    (h,) = state
    W_reset, W_update, W_candidate = np.split(W, 3)
    x_reset, x_update, x_candidate = np.split(inputs, 3)
    reset = sigmoid(W_reset @ h + x_reset)
    update = sigmoid(W_update @ h + x_update)
    candidate = np.tanh(reset * (W_candidate @ h) + x_candidate)
    return ((1 - update) * candidate + update * h,)


def lstm(W: Numbers, inputs: Numbers, state: Parts, activation: str) -> Parts:
    """Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    h, c = state
    W_input, W_forget, W_output, W_candidate = np.split(W, 4)
    x_input, x_forget, x_output, x_candidate = np.split(inputs, 4)
    input_ = sigmoid(W_input @ h + x_input)
    forget = sigmoid(W_forget @ h + x_forget)
    output = sigmoid(W_output @ h + x_output)
    candidate = np.tanh(W_candidate @ h + x_candidate)
    c = forget * c + input_ * candidate
    return output * np.tanh(c), c


CELLS = {"elman": (elman, 1), "gru": (gru, 1), "lstm": (lstm, 2)}


def one_hot(symbol: int, size: int) -> Numbers:
    column: Numbers = np.eye(size, dtype=complex)[symbol]
    return column


def read(
    p: Arrays, config: RnnConfig, symbol: int, state: Parts, besides: Numbers | float = 0
) -> Parts:
    """One step of all layers; at START, whose column of U is the last, the state is zero.

    `besides` is added to what the first layer is given.
    """
    step, size = CELLS[config.cell]
    start = p["U"].shape[1] - 1
    x = one_hot(symbol, start + 1)
    after: Parts = ()
    for layer in range(config.layers):
        name = "" if layer == 0 else str(layer + 1)
        old = state[layer * size : (layer + 1) * size]
        if symbol == start:
            old = tuple(0 * part for part in old)
        inputs = p[f"U{name}"] @ x + p[f"b{name}"] + (besides if layer == 0 else 0)
        new = step(p[f"W{name}"], inputs, old, config.activation)
        x, after = new[0], after + new
    return after


def hidden_states(p: Arrays, config: RnnConfig, inputs: Ids, state: Parts) -> tuple[Any, Parts]:
    """Pattern 1."""
    tops, size = [], CELLS[config.cell][1]
    if not config.ngrams:
        for symbol in inputs:
            state = read(p, config, symbol, state)
            tops.append(state[-size])
        return tops, state
    known, state = [int(symbol.real) for symbol in state[0]], state[1:]
    for symbol in inputs:
        known.append(int(symbol))
        state = read(p, config, symbol, state, p["Q"] @ looked_up(p, config, known))
        tops.append(state[-size])
    return tops, (np.array(known[-(config.ngrams - 1) :], complex), *state)


def looked_up(p: Arrays, config: RnnConfig, known: list[int]) -> Numbers:
    """The rows of the n-grams that `known` ends with; the START that begins a sequence repeats."""
    start, rows = p["U"].shape[1] - 1, []
    for length in range(2, config.ngrams + 1):
        ngram = known[-length:]
        if start in ngram:
            last = length - ngram[::-1].index(start)
            ngram = [start] * last + ngram[last:]
        key = 0
        for symbol in reversed(ngram):
            code = 0 if symbol == start else symbol + 1
            key = (key * 0x9E3779B97F4A7C15 + code) % 2**64
        mixed = (key ^ key >> 32) * 0xBF58476D1CE4E5B9 % 2**64
        rows.append(p["e"][(length - 2) * config.rows + ((mixed >> 32) * config.rows >> 32)])
    return np.concatenate(rows)


def output_states(p: Arrays, config: RnnConfig, inputs: Ids, state: Parts) -> tuple[Any, Parts]:
    """Pattern 2: Jordan's state units are all that is carried."""
    tops, (s,), start = [], state, p["R"].shape[1] - 1
    for symbol in inputs:
        s = (0 if symbol == start else config.trace_decay) * s + one_hot(symbol, start + 1)
        tops.append(ACTIVATIONS[config.activation](p["R"] @ s + p["b"]))
    return tops, (s,)


def window_states(p: Arrays, config: RnnConfig, inputs: Ids, state: Parts) -> tuple[Any, Parts]:
    """Pattern 3: the last K symbols are read anew for each output."""
    tops, symbols = [], [int(symbol.real) for symbol in state[0]]
    zero = np.zeros(config.hidden, complex)
    parts = config.layers * CELLS[config.cell][1]
    for symbol in inputs:
        symbols = [*symbols[1:], int(symbol)]
        tops.append(hidden_states(p, config, np.array(symbols), (zero,) * parts)[0][-1])
    return tops, (np.array(symbols, complex),)


PATTERNS = {"hidden": hidden_states, "output": output_states, "window": window_states}


def loss(
    p: Arrays, config: RnnConfig, inputs: Ids, targets: Ids, state: Parts
) -> tuple[complex, Parts]:
    """Mean loss of a window, (T, B), and the state it ends in."""
    total, ends = 0j, []
    for stream in range(inputs.shape[1]):
        first = tuple(part[..., stream].astype(complex) for part in state)
        tops, after = PATTERNS[config.pattern](p, config, inputs[:, stream], first)
        for h, target in zip(tops, targets[:, stream], strict=True):
            outputs = p["V"] @ h + p["c"]
            total -= np.log(np.exp(outputs[target]) / np.exp(outputs).sum())
        ends.append(after)
    joined = zip(*ends, strict=True)
    return total / targets.size, tuple(np.stack(parts, axis=-1) for parts in joined)


def gradients(value: Callable[[Arrays], complex], parameters: Parameters) -> Parameters:
    """Differentiate by each element, one complex step each."""
    shapes = {name: array.shape for name, array in parameters.items()}
    result, points = Parameters(shapes, np.float64), Parameters(shapes, np.complex128)
    for i, real in enumerate(parameters.flat):
        points.flat[:] = parameters.flat
        points.flat[i] = real + 1j * EPSILON
        result.flat[i] = value(points).imag / EPSILON
    return result
