"""From a model's probabilities to the integer frequencies that a coder wants.

    frequency(x) = 1 + floor(2^32 P(x)),    and 2^16 belong to no symbol

Every symbol has one, also where a model (mle) gives it no probability. And every symbol costs
something, 2^-16 bits at the least, however sure the model is: so a code of n bytes has an end
(`most`), and no file can make a decoder run on for ever. Encoder and decoder ask for
the same distributions in the same order, symbol by symbol: never `score`, which adds the same
numbers up in another order.

Where a model or a reader gives linear probabilities by + - * / alone (`probs`), these are the
same on every machine, and nothing here takes a logarithm.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from charlm.arrays import Float64s
from charlm.model import PortableModel, PortableReader, Reader, StaticReader, StorableModel

SCALE = float(1 << 32)
NOBODY = 1 << 16  # the frequency of no symbol
REMEMBERED = 1 << 23  # cumulative frequencies, 64 MB


class Frequencies(Protocol):
    """What is coded with: the frequencies of the next symbol, which is then observed."""

    portable: bool

    def cumulative(self) -> Sequence[int]:
        """Return the sum of the frequencies before each symbol, of all, and the total, (V + 2,)."""
        ...

    def observe(self, symbol: int) -> None:
        """Read the next symbol."""
        ...


def cumulate(probs: Float64s) -> memoryview:
    """Return cumulative frequencies, (V + 2,), of probabilities (V,)."""
    cumulative = np.zeros(len(probs) + 2, np.int64)
    np.multiply(probs, SCALE, out=cumulative[1:-1], casting="unsafe")  # cuts off what is below 1
    cumulative[1:-1] += 1
    cumulative[-1] = NOBODY
    cumulative.cumsum(out=cumulative)
    return cumulative.data


def most(length: int) -> int:
    """Return the most symbols that a code of so many bytes can stand for."""
    return 8 * length * int(SCALE) // NOBODY


class OfReader:
    """Reads through a reader, static or adaptive."""

    def __init__(self, reader: Reader):
        self.portable = isinstance(reader, PortableReader)
        self.observe = reader.observe
        if isinstance(reader, PortableReader):
            self._probs = reader.probs
        else:
            self._probs = lambda: np.exp(reader.log_probs())

    def cumulative(self) -> memoryview:
        """Ask the reader, for linear probabilities if it has them."""
        return cumulate(self._probs())


class OfStates:
    """Walks through the states of a model; the frequencies after the last ones are remembered."""

    portable = True

    def __init__(self, model: PortableModel):
        self._model, self._state = model, model.initial_state()
        size = max(1, REMEMBERED // (model.vocab_size + 2))

        @lru_cache(size)
        def after(state: Any) -> memoryview:
            return cumulate(model.probs(state))

        self._after = after

    def cumulative(self) -> memoryview:
        """Look up the state, or ask the model."""
        return self._after(self._state)

    def observe(self, symbol: int) -> None:
        """Advance the state."""
        self._state = self._model.advance(self._state, symbol)


def of(model: StorableModel, adaptive: bool) -> Frequencies:
    """Begin to read with a model, which learns while it reads or not.

    Raises:
        UsageError: the model has no adaptive form.
    """
    if adaptive:
        return OfReader(model.adaptive_reader())
    return OfStates(model) if isinstance(model, PortableModel) else OfReader(StaticReader(model))
