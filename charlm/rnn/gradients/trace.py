"""Back-propagation through time step by step, every number of it kept.

What is kept is what the network itself computes on its way (`bptt.py` has the derivation), for an
elman network of one layer that reads START, x_1, ..., x_(T-1) and predicts x_1, ..., x_T:

    dL/do_t = (p_t - y_t) / T
    dL/dh_t = V^T dL/do_t + W^T dL/da_(t+1)         dL/da_t = f'(a_t) * dL/dh_t
    dL/dW   = sum_t dL/da_t h_(t-1)^T

Beside dL/dh_t stands what does not come by that way: of the linear network the closed form

    dL/dh_t = sum_(i=t..T) (W^T)^(T-i) V^T dL/do_(T+t-i)

and beside dL/dW its numeric derivative (`check.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Arrays, Float64s, Floats, Holder, Ids, log_softmax
from charlm.errors import TextError, UsageError
from charlm.rnn.cells import State
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.check import numeric_gradients
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import Window, get
from charlm.rnn.networks.hidden import HiddenNetwork, HiddenPass


@dataclass(frozen=True, eq=False, repr=False)
class Step(Holder):
    """What happens at one step, on the way there and on the way back; columns are arrays.

    `read` is x_t and `target` y_t, ids both. `d_h_from_output` is V^T dL/do_t, `d_h_from_later` is
    W^T dL/da_(t+1), `d_h` their sum; `term` is dL/da_t h_(t-1)^T, (H, H), what this step adds to
    dL/dW. `closed_form` is dL/dh_t once more, None where f is not linear.
    """

    read: int
    target: int
    h: Float64s  # (H,)
    o: Float64s  # (V,)
    p: Float64s  # (V,)
    loss: float
    d_o: Float64s  # (V,)
    d_h_from_output: Float64s  # (H,)
    d_h_from_later: Float64s  # (H,)
    d_h: Float64s  # (H,)
    d_a: Float64s  # (H,)
    term: Float64s  # (H, H)
    closed_form: Float64s | None


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Holder):
    """A text through a network and back: its parameters, every step, the loss, all gradients.

    `numeric_W` is dL/dW by central differences.
    """

    config: RnnConfig
    parameters: Mapping[str, Floats]
    steps: tuple[Step, ...]
    loss: float
    gradients: Mapping[str, Floats]
    numeric_W: Floats  # noqa: N815  (the letter of the formulas)


def trace(config: RnnConfig, parameters: Mapping[str, Floats], ids: Ids) -> Trace:
    """Follow a text of T ids, (T,), through a network and back, in float64.

    Raises:
        UsageError: the network is no elman network of one layer in the hidden pattern.
        TextError: the text is empty.
    """
    if (config.pattern, config.cell, config.layers, config.ngrams) != ("hidden", "elman", 1, 0):
        raise UsageError(
            "only elman networks of one layer in the hidden pattern are traced, without --ngrams"
        )
    if not len(ids):
        raise TextError("the text is empty, so there is nothing to trace; give a symbol or more")
    network = get(len(parameters["V"]), config)
    assert isinstance(network, HiddenNetwork)
    double = Parameters.of(parameters, np.float64)
    inputs = np.array([network.start, *ids[:-1]], np.int32)[:, None]
    window = Window(inputs, ids.astype(np.int32)[:, None])
    state = network.zero_state(1, np.float64)
    gradients, ignored = (Parameters(network.shapes(), np.float64) for _ in range(2))
    unrolled = network.unroll(len(ids), 1, np.float64)

    def loss() -> float:
        return unrolled.learn(double, window, state, ignored)[0]

    total, _, _ = unrolled.learn(double, window, state, gradients)
    steps = _steps(unrolled, double, window, state, is_linear=config.activation == "linear")
    numeric = numeric_gradients(loss, {"W": double["W"]})["W"]
    return Trace(config, double, steps, total, gradients, numeric)


def _steps(
    unrolled: HiddenPass,
    parameters: Mapping[str, Floats],
    window: Window,
    state: State,
    *,
    is_linear: bool,
) -> tuple[Step, ...]:
    """Run there and back once more, and look on."""
    inputs, targets = window.inputs[:, 0], window.targets[:, 0]
    places = np.arange(len(inputs))
    hiddens, _, _ = unrolled.forward(parameters, window.inputs, state)
    h = hiddens[0][:, :, 0].copy()  # (T, H)
    o = outputs(parameters, h.T).T  # (T, V)
    log_p = log_softmax(o)
    d_o = np.exp(log_p)
    d_o[places, targets] -= 1
    d_o /= len(inputs)
    from_output = d_o @ parameters["V"]  # (T, H)
    d_h = np.empty_like(h)

    def watch(t: int, d_state: State) -> None:
        d_h[t] = d_state[0][:, 0]

    layer = unrolled.layers[0]
    layer.backward(parameters["W"], from_output[:, :, None], watch)
    d_a = layer.d_inputs[:, :, 0].copy()
    before = np.concatenate([np.zeros_like(h[:1]), h[:-1]])
    closed = closed_form(parameters, d_o) if is_linear else None
    return tuple(
        Step(
            read=int(inputs[t]), target=int(targets[t]), h=h[t], o=o[t], p=np.exp(log_p[t]),
            loss=float(-log_p[t, targets[t]]), d_o=d_o[t], d_h_from_output=from_output[t],
            d_h_from_later=d_h[t] - from_output[t], d_h=d_h[t], d_a=d_a[t],
            term=np.outer(d_a[t], before[t]), closed_form=None if closed is None else closed[t],
        )
        for t in places.tolist()
    )  # fmt: skip


def closed_form(parameters: Mapping[str, Floats], d_o: Floats) -> Float64s:
    """Return dL/dh_t of the linear network, (T, H), by powers of W^T, from dL/do_t, (T, V)."""
    steps = len(d_o)
    powers = [np.linalg.matrix_power(parameters["W"].T, k) for k in range(steps)]
    d_h = [
        sum(
            powers[steps - i] @ parameters["V"].T @ d_o[steps + t - i - 1]
            for i in range(t, steps + 1)
        )
        for t in range(1, steps + 1)
    ]
    return np.array(d_h)


def by_hand(units: int, activation: str, symbols: int, seed: int) -> tuple[RnnConfig, Arrays]:
    """Draw a network small enough for paper: parameters are tenths, biases zero.

    `symbols` are all it knows, without UNKNOWN.
    """
    config = RnnConfig(activation=activation, hidden=units)
    rng = np.random.default_rng(seed)
    shapes = get(symbols, config).shapes()
    tenths = {name: rng.integers(-9, 10, shape) / 10 for name, shape in shapes.items()}
    zero = {name: np.zeros(shapes[name]) for name in ("b", "c")}
    return config, {**tenths, **zero}
