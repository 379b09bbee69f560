"""A text symbol by symbol: what each cost a model, where it stands, and what was expected instead.

The bits are those of `bits.score`, the spelling of unknown symbols included, so that
their sum is the total that `charlm perplexity` reports.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp, log

import numpy as np

from charlm.arrays import Booleans, Float64s, Holder, Ids
from charlm.evaluation.bits import SymbolBits
from charlm.evaluation.inspection import name
from charlm.model import Reader, StaticReader
from charlm.text.positions import Positions, locate
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class Scores(Holder):
    """The symbols of a text, their bits and their places, each (T,).

    `data` are the bytes that the positions count: the text as the model read it, in UTF-8, closed
    where lines are sequences.
    """

    data: bytes
    ids: Ids
    bits: Float64s
    positions: Positions

    @property
    def unknown(self) -> Booleans:
        """Which symbols the model does not know."""
        unknown: Booleans = self.ids == UNKNOWN
        return unknown

    @property
    def total_bits(self) -> float:
        """What the whole text cost."""
        return float(self.bits.sum())


def place(trained: TrainedModel, text: str, scored: SymbolBits) -> Scores:
    """Say where the symbols stand that were scored."""
    tokenizer = trained.tokenizer
    data = tokenizer.prepare(text).encode(tokenizer.unit.encoding or "utf-8")
    return Scores(data, scored.ids, scored.bits, locate(tokenizer, text))


@dataclass(frozen=True)
class Alternative:
    """A symbol that might have come; of one that is unknown, not which one it would be."""

    symbol: str
    probability: float
    bits: float


def alternatives(
    trained: TrainedModel,
    ids: Ids,
    places: Iterable[int],
    top: int,
    reader: Reader | None = None,
) -> Iterator[list[Alternative]]:
    """Return the `top` likeliest symbols at each of some places, which ascend.

    What lies between two places is read by the fast path; a whole distribution is computed at each.
    """
    reader = reader or StaticReader(trained.model)
    read = 0
    for place in places:
        if place == read + 1:
            reader.observe(int(ids[read]))
        elif place > read:
            reader.score(ids[read:place])
        read = place
        yield _likeliest(trained, reader.log_probs(), top)


def _likeliest(trained: TrainedModel, log_probs: Float64s, top: int) -> list[Alternative]:
    likeliest = np.argsort(-log_probs, kind="stable")[:top].tolist()
    return [
        Alternative(name(trained, i), exp(log_probs[i]), float(0.0 - log_probs[i] / log(2)))
        for i in likeliest
    ]
