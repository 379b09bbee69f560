"""Whole distributions before each symbol of a text: scoring that keeps all of V, not one symbol."""

import numpy as np

from charlm.arrays import Float64s, Floats, Ids
from charlm.rnn.loss import log_softmax
from charlm.rnn.scoring import Scorer
from charlm.text.vocabulary import UNKNOWN


class Distributor(Scorer):
    """Reads as a scorer does, segments side by side; its scores are distributions, (T, V)."""

    def shape(self, targets: Ids) -> tuple[int, ...]:
        """Give (T, B, V)."""
        return (*targets.shape, len(self.parameters["c"]))

    def log_probs(self, hidden: Floats, targets: Ids) -> Float64s:
        """Give all log-probabilities after each hidden state, (T, B, V)."""
        logits = self.logits(hidden).T.reshape(self.shape(targets))
        if self.reserve == 0:
            return log_softmax(logits, axis=2)
        distributions = np.empty(self.shape(targets))
        distributions[..., UNKNOWN] = np.log(self.reserve)
        known = log_softmax(logits[..., UNKNOWN + 1 :], axis=2)
        distributions[..., UNKNOWN + 1 :] = known + np.log1p(-self.reserve)
        return distributions
