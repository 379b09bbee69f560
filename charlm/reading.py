"""Reading a text symbol by symbol, through something that changes while it reads.

A model is constant. A reader is not: it holds the state, and an adaptive one (`adaptive_reader`
of a model) also learns from each symbol after it was predicted. Evaluation and coding read
through readers, so that both can use either:

    for symbol in ids:
        log_prob = reader.log_probs()[symbol]
        reader.observe(symbol)
"""

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from charlm.arrays import Float64s, Ids

if TYPE_CHECKING:
    from charlm.model import LanguageModel


class Reader(Protocol):
    """What evaluation and coding may use. The same symbols always give the same numbers."""

    def describe(self) -> dict[str, str]:
        """Name what learns (`adaptive`) and what decides how, for the signature; {} if nothing."""
        ...

    def log_probs(self) -> Float64s:
        """Give the natural log-probability of each next symbol, (V,)."""
        ...

    def observe(self, symbol: int) -> None:
        """Read the next symbol; after END a new sequence starts."""
        ...

    def score(self, ids: Ids) -> Float64s:
        """Read on, each symbol predicted before it is read; equal to the two above, (T,)."""
        ...


@runtime_checkable
class PortableReader(Reader, Protocol):
    """A reader whose numbers are the same on every machine (`PortableModel`)."""

    def probs(self) -> Float64s:
        """Give the probability of each next symbol, (V,), by + - * / alone."""
        ...


class StaticReader:
    """A model as it is: it reads, and learns nothing."""

    def __init__(self, model: "LanguageModel", state: Any = None):
        self._model = model
        self._state = model.initial_state() if state is None else state

    def describe(self) -> dict[str, str]:
        """Nothing learns."""
        return {}

    def log_probs(self) -> Float64s:
        """Give those of the model."""
        return self._model.log_probs(self._state)

    def observe(self, symbol: int) -> None:
        """Advance the state."""
        self._state = self._model.advance(self._state, symbol)

    def score(self, ids: Ids) -> Float64s:
        """Score by the model's fast path."""
        log_probs, self._state = self._model.score(ids, self._state)
        return log_probs


def stepwise(reader: Reader, ids: Ids) -> Float64s:
    """Score by the definition: what every `score` must equal, (T,)."""
    log_probs = np.empty(len(ids))
    for t, symbol in enumerate(ids.tolist()):
        log_probs[t] = reader.log_probs()[symbol]
        reader.observe(symbol)
    return log_probs
