"""Free running: an output-recurrent network that hears itself instead of the text.

Trained by teacher forcing, the network of the `output` pattern always had the true y_(t-1). Here it
is fed what it expected, softmax(o_(t-1)), and the true y_t is only scored:

    s_t = a s_(t-1) + softmax(o_(t-1))

What it says at step t then no longer depends on the text, so that its loss is far above the
teacher-forced one. That gap is the pattern's known weakness (Goodfellow, Bengio & Courville 2016,
10.2.1; Bengio et al. 2015, who mix both in training).
"""

import numpy as np

from charlm.arrays import Float64s, Ids
from charlm.errors import UsageError
from charlm.model import LanguageModel
from charlm.rnn.loss import UNBOUNDED
from charlm.rnn.model import RnnModel
from charlm.rnn.networks.output import OutputNetwork
from charlm.rnn.output_layer import outputs

SETTLED = 1e-9  # nats


class FreeRunningReader:
    """Counts the symbols that go by, and learns of them only that a sequence has ended.

    Raises:
        UsageError: the network does not feed its outputs back.
    """

    def __init__(self, model: LanguageModel):
        if not (isinstance(model, RnnModel) and isinstance(model.network, OutputNetwork)):
            raise UsageError("only networks of the output pattern run free")
        self._model, self._network = model, model.network
        self._s: Float64s
        self._said: list[Float64s] = []  # log-probabilities at each step of a sequence
        self._settled = False  # it says the same over and over, as it soon does
        self._step = 0

    def describe(self) -> dict[str, str]:
        """Nothing learns, but the text is not what is read."""
        return {"feedback": "free-running"}

    def log_probs(self) -> Float64s:
        """What the network expects at this step, having heard itself alone."""
        while len(self._said) <= self._step and not self._settled:
            self._say()
        return self._said[min(self._step, len(self._said) - 1)]

    def observe(self, symbol: int) -> None:
        """Go on by a step; END starts a new sequence."""
        self._step = 0 if symbol == self._model.end else self._step + 1

    def score(self, ids: Ids) -> Float64s:
        """Read on; every sequence meets the same expectations."""
        scored = np.empty(len(ids))
        for t, symbol in enumerate(ids.tolist()):
            scored[t] = self.log_probs()[symbol]
            self.observe(symbol)
        return scored

    @UNBOUNDED
    def _say(self) -> None:
        """Give the next distribution, and feed it back."""
        if self._said:
            self._s *= self._network.decay
            self._s[:-1, 0] += np.exp(self._said[-1])
        else:  # what START leaves
            self._s = np.zeros((self._network.vocab_size + 1, 1))
            self._s[-1] = 1
        hidden = self._network.top(self._model.parameters, (self._s,))
        logits = outputs(self._model.parameters, hidden)[:, 0]
        self._said.append(self._model.log_softmax(logits))
        if len(self._said) > 1:
            self._settled = np.allclose(self._said[-1], self._said[-2], rtol=0, atol=SETTLED)
