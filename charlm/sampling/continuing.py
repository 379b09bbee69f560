"""A text that grows in turns: somebody adds to it, and the model goes on, until they like it.

A turn is what was typed and what the model wrote after it. A model of whole files goes on from the
whole text; one whose sequences are lines writes a line a turn, from what was typed of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from charlm.arrays import Holder
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.samples import END, Generator
from charlm.text.pieces import LINE_END
from charlm.trained import TrainedModel


@dataclass
class Turn:
    """What was typed, and what the model wrote after it, as the unit reads them."""

    typed: str
    drawn: str = ""


@dataclass(eq=False, repr=False)
class Continuation(Holder):
    """A text that grows, and how the model goes on with it; `length` are symbols of a turn."""

    trained: TrainedModel
    config: SamplingConfig
    length: int
    rng: np.random.Generator
    turns: list[Turn] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it, as the unit reads it."""
        return "".join(turn.typed + turn.drawn for turn in self.turns)

    def begin(self, typed: str) -> None:
        """Add a turn of which the model has written nothing yet."""
        self.turns.append(Turn(typed))

    def go_on(self) -> Iterator[str]:
        """Let the model write its part of the last turn, piece by piece; each is kept at once."""
        turn, text = self.turns[-1], self.text
        if self.trained.tokenizer.end is not None:
            text = text[text.rfind(LINE_END) + 1 :]
        generator = Generator(self.trained, self.config, text, self.length)
        for piece in generator.pieces(self.rng):
            written = piece.text + LINE_END * (piece.ending == END)
            turn.drawn += written
            yield written

    def undo(self) -> Turn | None:
        """Take the last turn back; None where there is none."""
        return self.turns.pop() if self.turns else None
