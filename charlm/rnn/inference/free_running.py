"""Free running: a network of the `output` pattern that reads its own outputs, not the text.

Trained by teacher forcing, the network of the `output` pattern always had the true y_(t-1). Here it
is fed what it expected, softmax(o_(t-1)), and the true y_t is only scored:

    s_t = a s_(t-1) + softmax(o_(t-1))

Then its prediction at step t no longer depends on the text, and its loss is far above the loss with
teacher forcing. This gap is a known weakness of the pattern (Goodfellow, Bengio & Courville 2016,
10.2.1; Bengio et al. 2015, who mix both in training).
"""

from copy import copy

import numpy as np

from charlm.arrays import Float64s, Ids
from charlm.errors import UsageError
from charlm.model import LanguageModel
from charlm.rnn.layers.loss import UNBOUNDED, log_probs_of_all
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.model import RnnModel
from charlm.rnn.networks.output import OutputNetwork

# What is fed back changes by rounding alone: even if it went on so, all in one direction, a million
# steps would move it by 1e-9 of its size.
SETTLED = 4 * float(np.finfo(np.float64).eps)
KEPT = 1 << 22  # numbers of distributions that sequences to come need not compute again


class Monologue:
    """What the network says step after step, from the start of a sequence."""

    def __init__(self, model: RnnModel, network: OutputNetwork):
        self._model, self._network = model, network
        self._s: Float64s = np.zeros((network.vocab_size + 1, 1))
        self._s[-1] = 1  # what START leaves
        self.step = 0
        self.settled = False  # from here on it says the same, as it soon does if nothing drifts
        self.said = self._say()

    def go_on(self) -> None:
        """Feed back what was said, and say the next."""
        self.step += 1
        if self.settled:
            return
        before = self._s
        self._s = before * self._network.decay
        self._s[:-1, 0] += np.exp(self.said)
        moved = np.abs(self._s - before) > SETTLED * np.maximum(1.0, self._s)
        self.settled = not moved.any()
        self.said = self._say()

    @UNBOUNDED
    def _say(self) -> Float64s:
        hidden = self._network.top(self._model.parameters, (self._s,))
        logits = outputs(self._model.parameters, hidden)[:, 0]
        return log_probs_of_all(logits, self._model.reserve)


class FreeRunningReader:
    """Counts the symbols that go by, and learns of them only that a sequence has ended.

    Raises:
        UsageError: the network does not feed its outputs back.
    """

    def __init__(self, model: LanguageModel):
        if not (isinstance(model, RnnModel) and isinstance(model.network, OutputNetwork)):
            raise UsageError("only networks of the output pattern run free")
        self._end, self._most = model.end, KEPT // model.vocab_size
        self._first = Monologue(model, model.network)
        self._said = [self._first.said]  # log-probabilities at the first steps of any sequence
        self._beyond: Monologue | None = None  # where this one is longer than those
        self._step = 0

    def describe(self) -> dict[str, str]:
        """Nothing learns, but the text is not what is read."""
        return {"feedback": "free-running"}

    def log_probs(self) -> Float64s:
        """What the network expects at this step, having heard itself alone."""
        first = self._first
        while first.step < self._step and not first.settled and first.step < self._most:
            first.go_on()
            self._said.append(first.said)
        if self._step < len(self._said):
            return self._said[self._step]
        self._beyond = self._beyond or copy(first)
        while self._beyond.step < self._step:
            self._beyond.go_on()
        return self._beyond.said

    def observe(self, symbol: int) -> None:
        """Go on by a step; END starts a new sequence."""
        if symbol == self._end:
            self._step, self._beyond = 0, None
        else:
            self._step += 1

    def score(self, ids: Ids) -> Float64s:
        """Read on; every sequence meets the same expectations."""
        scored = np.empty(len(ids))
        for t, symbol in enumerate(ids.tolist()):
            scored[t] = self.log_probs()[symbol]
            self.observe(symbol)
        return scored
