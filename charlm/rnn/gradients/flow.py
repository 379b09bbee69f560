"""How far back a network's gradients reach: ||dl_t / dstate_(t-k)|| by lag k.

l_t = -log p(y_t) of a single step, in nats, and state_(t-k) all that a hidden-pattern network
carried k steps before: h, and c of an LSTM, of every layer. For the linear network

    dl_t/dh_(t-k) = (W^T)^k V^T (p_t - y_t)

so that the norms shrink or grow as the powers of W do (`bptt.py`). They are given as the root of
the mean square over many t, each the end of a window of its own, all windows side by side; the
derivative is exact, as no window is cut off within the lags asked for.

The state is a point between two steps. What a lower layer's h_(t-k) gives to the layer above in
the very same step is not counted: that layer's own state stands for it.
"""

from collections.abc import Mapping
from math import inf, log2

import numpy as np

from charlm.arrays import Float64s, Floats, Ids, Rows
from charlm.errors import TextError, UsageError
from charlm.rnn.cells import State
from charlm.rnn.layers.loss import cross_entropy
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.model import RnnModel
from charlm.rnn.networks.hidden import HiddenNetwork, HiddenPass
from charlm.rnn.training.batches import as_events
from charlm.text.vocabulary import UNKNOWN

PLACES = 512  # where a loss is looked at, evenly spaced over the text
STREAMS = 64  # of them side by side
WARM_UP = 256  # symbols read before a window
EVEN = 1.5  # a factor up to which a curve neither vanishes nor explodes


def gradient_flow(model: RnnModel, ids: Ids, lags: int) -> Float64s:
    """Return the root mean square of the norms at lags 0 to `lags`, (lags + 1,).

    Raises:
        UsageError: the network is not of the hidden pattern.
        TextError: the text is shorter than the lags.
    """
    network = model.network
    if not isinstance(network, HiddenNetwork):
        raise UsageError(
            f"the {model.config.pattern} pattern carries no hidden state from step to step; "
            "gradients flow through time in the hidden pattern only"
        )
    inputs, targets = as_events([ids], model.vocab_size, model.end)
    places = np.flatnonzero(targets != UNKNOWN)  # no network predicts that one
    places = places[places >= lags]
    if not len(places):
        raise TextError(f"the text has {len(ids):,} symbols; choose fewer lags")
    chosen = places[np.arange(min(PLACES, len(places))) * len(places) // min(PLACES, len(places))]
    parameters = Parameters.of(model.parameters, np.float64)
    squares = np.zeros(lags + 1)
    for low in range(0, len(chosen), STREAMS):
        ends = chosen[low : low + STREAMS]
        squares += _squares(network, parameters, inputs, targets[ends], ends, lags)
    return np.sqrt(squares / len(chosen))


def _squares(
    network: HiddenNetwork,
    parameters: Mapping[str, Floats],
    inputs: Ids,
    targets: Ids,
    ends: Rows,
    lags: int,
) -> Float64s:
    """Return the sums of squares over the windows that end at `ends`, by lag."""
    times = np.arange(-WARM_UP - lags, 1)[:, None] + ends
    read = np.where(times >= 0, inputs[times.clip(0)], network.start).astype(np.int32)
    zero = network.zero_state(len(ends), np.float64)
    _, state = network.unroll(WARM_UP, len(ends), np.float64).read(parameters, read[:WARM_UP], zero)
    window = network.unroll(lags + 1, len(ends), np.float64)
    return state_gradients(window, parameters, read[WARM_UP:], targets, state)


def state_gradients(
    window: HiddenPass, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
) -> Float64s:
    """Return the squared norm of dl_T/dstate_(T-k), summed over streams, for k = 0 .. T-1, (T,).

    `inputs` is (T, B), `targets`, (B,), what the last step is to predict.
    """
    hiddens, _, _ = window.forward(parameters, inputs, state)
    _, d_logits = cross_entropy(outputs(parameters, hiddens[-1][-1]), targets, events=1)
    d_hidden: Floats = (parameters["V"].T @ d_logits)[None]  # (1, H, B)
    last = len(inputs) - 1
    squares = np.zeros(len(inputs))
    for i, (U, W, _) in reversed(list(enumerate(window.network.names))):
        is_top = i == len(window.layers) - 1

        def watch(t: int, d_state: State, above: Floats = d_hidden, is_top: bool = is_top) -> None:
            first = d_state[0] if is_top else d_state[0] - above[t]
            squares[last - t] += sum(float(np.sum(part**2)) for part in (first, *d_state[1:]))

        window.layers[i].backward(parameters[W], d_hidden, watch)
        if i > 0:
            d_hidden = parameters[U].T @ window.layers[i].d_inputs  # (T, H, B)
    return squares


def halving(norms: Float64s) -> float:
    """Return the lags in which the norms halve: log2 of them fitted by a straight line.

    Below zero, those in which they double; infinity where they do neither, or are 0 but for one.
    """
    lags = np.flatnonzero(norms > 0)
    if len(lags) < 2:
        return inf
    slope = float(np.polyfit(lags, np.log2(norms[lags]), 1)[0])
    changes = abs(slope) * (lags[-1] - lags[0]) > log2(EVEN)
    return -1 / slope if changes else inf
