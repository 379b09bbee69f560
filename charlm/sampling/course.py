"""How a sample goes, symbol by symbol: whether it is whole, may still go on, or leads nowhere."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from charlm.arrays import Booleans, Float64s, Holder
from charlm.sampling.constraints import Constraint
from charlm.sampling.drawing import SamplingConfig, reshape, sample
from charlm.sampling.stop_texts import Stops
from charlm.text.units import Unit
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class Position(Holder):
    """A sample that is not whole: its symbols, their text, the last symbol, the model's state."""

    ids: tuple[int, ...]
    text: str
    lengths: tuple[int, ...]  # of the text after each symbol
    before: str
    state: Any


@dataclass(frozen=True, eq=False, repr=False)
class Course(Holder):
    """A model, where its samples begin, where they end, and what they must be.

    A sample is whole at END, where a stop text is complete, or at its full length; where there is
    no END it is also whole as soon as it matches a pattern and can only go on to what does not.
    """

    trained: TrainedModel
    config: SamplingConfig
    constraint: Constraint
    state: Any
    before: str
    length: int
    stops: Stops

    @property
    def start(self) -> Position:
        """The sample of no symbol."""
        return Position((), "", (), self.before, self.state)

    def probs(self, position: Position) -> Float64s:
        """Return the probabilities that the next symbol is drawn with, (V,)."""
        return reshape(self.trained.model.log_probs(position.state), self.config)

    def after(self, position: Position, symbol: int) -> Position:
        """Return the sample with one more symbol, which does not end it."""
        return replace(
            self.reading(position, symbol),
            state=self.trained.model.advance(position.state, symbol),
        )

    def reading(self, position: Position, symbol: int) -> Position:
        """Return the same without a state, where somebody else goes on reading."""
        text = position.text + self._written(symbol, position.before)
        return Position(
            (*position.ids, symbol),
            text,
            (*position.lengths, len(text)),
            self._names[symbol],
            None,
        )

    def draws(self, position: Position, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end, whatever is wanted."""
        return sample(self.trained.model, position.state, self.config, rng)

    def ends(self, position: Position, symbol: int) -> bool:
        """Tell whether a symbol makes a sample whole."""
        if symbol == self._end or len(position.ids) + 1 >= self.length:
            return True
        return self._cut(position.text + self._written(symbol, position.before)) is not None

    def is_whole(self, position: Position) -> bool:
        """Tell whether a sample is whole since nothing that is wanted can follow."""
        if not self.length:
            return self._holds("", 0)
        if self._end is not None or self.constraint.pattern is None:
            return False
        if not self._holds(position.text, len(position.ids)):
            return False
        symbols = range(UNKNOWN + 1, len(self._names))
        return not any(self.may_follow(position, symbol) for symbol in symbols)

    def live(self, position: Position, probs: Float64s) -> Booleans:
        """Tell which symbols may lead to what is wanted, of those that have a probability, (V,)."""
        live = np.logical_and(probs > 0, self.length > 0)
        last = len(position.ids) + 1 >= self.length
        if last or self.constraint.prunes or self.stops.texts:
            asked = np.flatnonzero(live).tolist()
        else:
            asked = [self._end] if self._end is not None and live[self._end] else []
        for symbol in asked:
            live[symbol] = self.may_follow(position, symbol)
        return live

    def may_follow(self, position: Position, symbol: int) -> bool:
        """Tell whether a symbol may lead to what is wanted or, if it ends the sample, does."""
        if symbol == self._end:
            return self._holds(position.text, len(position.ids))
        text, symbols = position.text + self._written(symbol, position.before), len(position.ids)
        cut = self._cut(text)
        if cut is not None:
            kept = bisect_left((*position.lengths, len(text)), cut) + 1 if cut else 0
            return self._holds(text[:cut], kept)
        if symbols + 1 >= self.length:
            return self._holds(text, symbols + 1)
        if self.stops.texts:
            text = text[: self.stops.open(text)]
        return self.constraint.possible(text, self._unit)

    def _holds(self, text: str, symbols: int) -> bool:
        return self.constraint.holds(text, symbols, self._unit)

    def _cut(self, text: str) -> int | None:
        return self.stops.find(text) if self.stops.texts else None

    def _written(self, symbol: int, before: str) -> str:
        name = self._names[symbol]
        return self._unit.written([name], before)[0] if self._unit.blank else name

    @cached_property
    def _unit(self) -> Unit:
        return self.trained.tokenizer.unit

    @cached_property
    def _end(self) -> int | None:
        return self.trained.tokenizer.end

    @cached_property
    def _names(self) -> list[str]:
        tokenizer = self.trained.tokenizer
        return list(map(tokenizer.name, range(tokenizer.vocab_size)))
