r"""Counts that learn while they read, upon a model that stays as it is.

The model's own distribution is P_0. What was read so far is counted after contexts h_k of
length k = 1, 2, ..., up to the longest that was seen before, and mixed in step by step:

    P_k(x) = (1 - w) P_(k-1)(x) + w (max(c(h_k x) - D, 0) + D T(h_k) P_(k-1)(x)) / c(h_k)

with c the counts, T the number of distinct successors, and D = 1/2: interpolated absolute
discounting (Ney, Essen & Kneser 1994), each order with a weight of its own as Jelinek & Mercer
(1980) have it. Contexts share their weight w by k, log2 c, T, and how long a context the model
itself knew. It is learnt from the symbols themselves, by one step of EM for each:

    w = (a + sum of r) / (a / w_0 + number of symbols),    r = the second term of P_k / P_k

so that it says how often such contexts were right; PPM's escape is estimated so since Shkarin
(2002). w begins at w_0 = 1/8. Sums are halved as they reach `MEMORY` symbols, so that w follows the
text.

D, w_0, `MEMORY` and `LONGEST_CONTEXT` were chosen on texts that no figure is given for: the end of
a training text, validation texts, and books of the Canterbury corpus.
"""

from typing import TypeAlias

import numpy as np

from charlm.arrays import Float64s, Ids
from charlm.ngram.inference import scoring
from charlm.ngram.inference.context_tree import Context, ContextTree
from charlm.ngram.tables import Tables

LONGEST_CONTEXT = 12  # symbols of context that are counted; more make no difference
DISCOUNT = 0.5
RIGHT, MET = 0.5, 4.0  # a and a / w_0
MEMORY = 400.0
MANY = 4  # distinct successors, from which on a context counts as open

Kind: TypeAlias = tuple[int, int, int, int]


class AdaptiveNgramReader:
    """Reads through an n-gram model, and learns; see above."""

    def __init__(self, tables: Tables):
        self._tables = tables
        self._state = tables.initial_state()
        self._tree = ContextTree(LONGEST_CONTEXT, tables.vocab_size, tables.end)
        self._weights: dict[Kind, list[float]] = {}  # sum of r, number of symbols
        self._base: Float64s | None = None  # P_0 of each next symbol, once it was asked for

    def describe(self) -> dict[str, str]:
        """Name what learns."""
        return {"adaptive": f"counts({LONGEST_CONTEXT})"}

    def log_probs(self) -> Float64s:
        """Logarithms of `probs`."""
        with np.errstate(divide="ignore"):
            log_probs: Float64s = np.minimum(np.log(self.probs()), 0.0)
        return log_probs

    def probs(self) -> Float64s:
        """Mix the whole distribution, (V,)."""
        probs = self._static().copy()
        for k, context in enumerate(self._tree.seen, start=1):
            right, met = self._weight(k, context, len(self._state))
            w = right / met
            symbols = np.fromiter(context.counts.keys(), np.int64)
            counts = np.fromiter(context.counts.values(), np.float64)
            probs *= 1 - w + w * DISCOUNT * len(counts) / context.total
            probs[symbols] += w * (counts - DISCOUNT) / context.total
        return probs

    def observe(self, symbol: int) -> None:
        """Learn from the next symbol, and go on."""
        self._learn(symbol, float(self._static()[symbol]), len(self._state))
        self._state, self._base = self._tables.advance(self._state, symbol), None

    def score(self, ids: Ids) -> Float64s:
        """Score by the model's fast path, then learn from one symbol after the other."""
        matched = scoring.matched(self._tables, ids, self._state).tolist()
        log_probs, self._state = scoring.score(self._tables, ids, self._state)
        self._base = None
        events = zip(ids.tolist(), np.exp(log_probs).tolist(), matched, strict=True)
        probs = np.array([self._learn(*event) for event in events])
        with np.errstate(divide="ignore"):
            scored: Float64s = np.minimum(np.log(probs), 0.0)
        return scored

    def _static(self) -> Float64s:
        if self._base is None:
            self._base = self._tables.probs(self._state)
        return self._base

    def _weight(self, k: int, context: Context, matched: int) -> list[float]:
        successors = min(len(context.counts), MANY)
        kind = k, context.total.bit_length(), successors, matched
        return self._weights.setdefault(kind, [RIGHT, MET])

    def _learn(self, symbol: int, probability: float, matched: int) -> float:
        """Return P(symbol), from what the model says of it; then teach weights and counts."""
        for k, context in enumerate(self._tree.seen, start=1):
            weight = self._weight(k, context, matched)
            w = weight[0] / weight[1]
            count = context.counts.get(symbol, 0)
            kept = count - DISCOUNT if count else 0.0
            handed_down = DISCOUNT * len(context.counts) * probability
            counted = w * (kept + handed_down) / context.total
            probability = (1 - w) * probability + counted
            weight[0] += counted / probability if probability else w
            weight[1] += 1
            if weight[1] > MEMORY:
                weight[:] = weight[0] / 2, weight[1] / 2
        self._tree.add(symbol)
        return probability
