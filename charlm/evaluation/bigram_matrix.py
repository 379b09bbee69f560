"""The bigram matrix: what comes next (columns) after a text of one symbol (rows).

Of a Markov chain of order 1 it is the whole model: P(x_t | x_(t-1)) for every pair. The first row
is that of START, so P(x_1). Of another model it is what that model says where a sequence begins
with the row's symbol.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.errors import UsageError
from charlm.evaluation.frequencies import Frequencies
from charlm.evaluation.inspection import named
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class BigramMatrix(Holder):
    """Probabilities of some symbols after some others, (R, C), and counts if there are any.

    `totals` are how often each row's symbol came before any symbol, (R,).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    probabilities: Float64s
    counts: Integers | None = None
    totals: Integers | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; what was not counted is not there."""
        known: dict[str, Any] = {"rows": list(self.rows), "columns": list(self.columns)}
        known["probabilities"] = self.probabilities.tolist()
        if self.counts is not None and self.totals is not None:
            known |= {"counts": self.counts.tolist(), "totals": self.totals.tolist()}
        return known


def bigram_matrix(
    trained: TrainedModel, top: int, frequencies: Frequencies | None = None
) -> BigramMatrix:
    """Return the matrix of the `top` symbols that are most frequent, in the vocabulary's order.

    How frequent they are the texts say, or without them the mean of all the model's rows.

    Raises:
        UsageError: `top` is not positive.
    """
    if top < 1:
        raise UsageError("top is a number of symbols, 1 or more")
    tokenizer = trained.tokenizer
    known = np.arange(UNKNOWN + 1, len(tokenizer.vocabulary), dtype=np.int32)
    if len(known) > top:
        often = _how_often(trained, known) if frequencies is None else frequencies.of_each()
        known = np.sort(known[np.argsort(-often[known], kind="stable")[:top]])
    ends = [] if tokenizer.end is None else [tokenizer.end]
    columns = np.array([*known, *ends], np.int32)
    rows = np.array([tokenizer.start, *known], np.int32)
    probabilities = [_row(trained, symbols) for symbols in ([], *known[:, None].tolist())]
    return BigramMatrix(
        _names(trained, rows),
        _names(trained, columns),
        np.stack(probabilities)[:, columns],
        *([] if frequencies is None else _counts(frequencies, rows, columns)),
    )


def _row(trained: TrainedModel, symbols: Sequence[int]) -> Float64s:
    """Return P of every symbol after a sequence that begins with these, (V,)."""
    _, state = trained.model.score(np.array(symbols, np.int32))
    return np.exp(trained.model.log_probs(state))


def _how_often(trained: TrainedModel, symbols: Ids) -> Float64s:
    """Return the sum of the rows of all these symbols, (V,), which take too much memory at once."""
    sums = np.zeros(trained.model.vocab_size)
    for symbol in symbols.tolist():
        sums += _row(trained, [symbol])
    return sums


def _counts(frequencies: Frequencies, rows: Ids, columns: Ids) -> tuple[Integers, Integers]:
    everything = np.arange(frequencies.vocab_size, dtype=np.int32)
    return frequencies.pairs(rows, columns), frequencies.pairs(rows, everything).sum(axis=1)


def _names(trained: TrainedModel, symbols: Ids) -> tuple[str, ...]:
    return tuple(named(trained, symbol) for symbol in symbols.tolist())
