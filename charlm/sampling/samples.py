"""Text that a model goes on with: a prompt before it, and an end.

`drawing.py` draws symbols without end. A sample is those after a prompt, up to `length` of them;
without a prompt it begins as a paragraph does (`beginning.py`).
It ends sooner at END, where sequences are lines, and as soon as a stop text is complete. The stop
text is no part of the sample, whether it stands within a symbol or spans several. It is looked
for in the sample alone, not in the prompt.

A sample comes in pieces while it is drawn, so that one can watch. Symbols that may be the beginning
of a stop text are held back until that is known. How the sample is cut into pieces depends on the
clock; the whole sample does not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, islice
from math import log
from numbers import Integral
from time import perf_counter
from typing import Any

import numpy as np

from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.model import Reader, StaticReader
from charlm.progress import Report, silent
from charlm.sampling.beam import likeliest
from charlm.sampling.beginning import beginning
from charlm.sampling.conditional import ConditionalSampler
from charlm.sampling.constraints import Constraint
from charlm.sampling.course import Course
from charlm.sampling.drawing import SamplingConfig, sample
from charlm.sampling.stop_texts import Stops
from charlm.text.units import Unit
from charlm.trained import TrainedModel

LENGTH, STOP, END, MATCH = "length", "stop", "end", "match"  # why a sample ended
MOMENT = 0.02  # seconds that drawing a piece takes, about: the text is seen to flow
LONGEST_PIECE = 1 << 13  # symbols
PLAIN = SamplingConfig()


@dataclass(frozen=True)
class Piece:
    """Some symbols of a sample and the text of each; of the last piece, why the sample ended.

    END is a symbol without text; a stop text may cut short the text of the last symbol.
    """

    ids: list[int]
    texts: list[str]
    ending: str | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.texts)


@dataclass(frozen=True)
class Sample:
    """All pieces together."""

    ids: list[int]
    text: str
    ending: str


@dataclass(frozen=True, eq=False, repr=False)
class Generator(Holder):
    """A model and what its samples are to be like.

    The prompt and the stop texts are as the unit reads them (`Unit.from_typed`). A constraint is
    on the sample, not on the prompt before it.

    Raises:
        UsageError: the length is no whole number from 0, or a stop text is empty.
    """

    trained: TrainedModel
    config: SamplingConfig = PLAIN
    prompt: str = ""
    length: int = 500
    stop: tuple[str, ...] = ()
    constraint: Constraint | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.length, Integral) and self.length >= 0):
            raise UsageError("the length is a number of symbols, 0 or more")
        Stops(self.stop)
        if self.constraint is not None and self.config.temperature == 0:
            raise UsageError(
                "a temperature of 0 leaves one text to choose; beam finds the likeliest"
            )

    @cached_property
    def unknown(self) -> list[str]:
        """Symbols of the prompt that the model has never seen."""
        return self.trained.tokenizer.unknown_symbols(self._prompt[0])

    @cached_property
    def unreachable(self) -> list[str]:
        """Stop texts with a character that is in no symbol: they have no effect."""
        characters = set(self._unit.blank.join(self.names[1:]))
        return [stop for stop in self.stop if not characters.issuperset(stop)]

    def reader(self) -> Reader:
        """Return a reader that has read the prompt, to score a sample with."""
        return StaticReader(self.trained.model, self._state)

    def samples(
        self, rng: np.random.Generator, report: Report = silent
    ) -> Iterator[Iterator[Piece]]:
        """Draw samples without end, each to be read before the next; only last pieces have endings.

        Where there is a constraint each comes in one piece, and there may be an end (`unique`);
        how many tries fail is reported.

        After END a stream of symbols stands where it began, so without a prompt it just goes on.
        """
        stream: Iterator[int] = iter(())
        ending: str | None = None

        def pieces() -> Iterator[Piece]:
            nonlocal ending
            for piece in self._pieces(islice(stream, self.length)):
                ending = piece.ending
                yield piece

        if self.constraint is not None:
            for ids in ConditionalSampler(self._course, report).samples(rng):
                yield iter([self._whole(ids)])
            return
        while True:
            if ending != END or self.prompt:
                stream = sample(self.trained.model, self._state, self.config, rng)
            yield pieces()

    def likeliest(self, width: int, number: int = 1) -> list[Piece]:
        """Return the likeliest samples that a beam finds, the likeliest first (`beam.py`)."""
        return [self._whole(one.ids) for one in likeliest(self._course, width, number)]

    def pieces(self, rng: np.random.Generator) -> Iterator[Piece]:
        """Draw one sample."""
        return next(self.samples(rng))

    def _pieces(self, drawn: Iterator[int]) -> Iterator[Piece]:
        held, before = [], self._prompt[1]
        for ids in flowing(self._through_the_end(drawn)):
            held += ids
            texts = self._texts(held, before)
            if safe := self._safe(held, texts):
                yield Piece(held[:safe], texts[:safe])
                before, held = self.names[held[safe - 1]], held[safe:]
        yield self._last(held, self._texts(held, before))

    def _whole(self, ids: Sequence[int]) -> Piece:
        """Return a sample in one piece."""
        piece = self._last(list(ids), self._texts(list(ids), self._prompt[1]))
        is_short = piece.ending == LENGTH and len(ids) < self.length
        return replace(piece, ending=MATCH) if is_short else piece

    @property
    def _course(self) -> Course:
        return Course(
            self.trained,
            self.config,
            self.constraint or Constraint(),
            self._state,
            self._prompt[1],
            self.length,
            Stops(self.stop),
        )

    @property
    def _unit(self) -> Unit:
        return self.trained.tokenizer.unit

    @cached_property
    def _prompt(self) -> tuple[str, str]:
        """What is read of the prompt, and the symbol that a sample follows."""
        return self._unit.going_on(self.prompt)

    @cached_property
    def _state(self) -> Any:
        prompt = self.trained.tokenizer.encode_prompt(self.prompt)
        return self.trained.model.score(prompt if self.prompt else beginning(self.trained))[1]

    @cached_property
    def names(self) -> list[str]:
        """The symbol of each id."""
        tokenizer = self.trained.tokenizer
        return list(map(tokenizer.name, range(tokenizer.vocab_size)))

    def _texts(self, ids: list[int], before: str) -> list[str]:
        return self._unit.written([self.names[i] for i in ids], before)

    def _through_the_end(self, drawn: Iterator[int]) -> Iterator[int]:
        """Return symbols up to END, or the one with which a stop text is complete."""
        end = self.trained.tokenizer.end
        line = drawn if end is None else _up_to(end, drawn)
        return Stops(self.stop).until_complete(self._with_texts(line)) if self.stop else line

    def _with_texts(self, symbols: Iterator[int]) -> Iterator[tuple[int, str]]:
        """Return each symbol with its text, which the one before it may alter."""
        before = self._prompt[1]
        for symbol in symbols:
            (text,) = self._texts([symbol], before)
            before = self.names[symbol]
            yield symbol, text

    def _safe(self, ids: list[int], texts: list[str]) -> int:
        """Return how many of these symbols will be in the sample whatever comes."""
        if ids[-1] == self.trained.tokenizer.end:
            return len(ids) - 1
        if not self.stop:
            return len(ids)
        text, stops = "".join(texts), Stops(self.stop)
        place = stops.find(text)
        return bisect_right(_ends(texts), stops.open(text) if place is None else place)

    def _last(self, ids: list[int], texts: list[str]) -> Piece:
        """Return the piece after which nothing comes."""
        if ids and ids[-1] == self.trained.tokenizer.end:
            return Piece(ids, [*texts[:-1], ""], END)
        place = Stops(self.stop).find("".join(texts))
        if place is None:
            return Piece(ids, texts, LENGTH)
        ends = _ends(texts)
        kept = bisect_left(ends, place) + 1 if place else 0
        shown = [
            text[: max(0, place - end + len(text))] for text, end in zip(texts, ends, strict=True)
        ]
        return Piece(ids[:kept], shown[:kept], STOP)


def _up_to(end: int, symbols: Iterator[int]) -> Iterator[int]:
    """Return symbols as far as END, and END itself."""
    for symbol in symbols:
        yield symbol
        if symbol == end:
            return


def _ends(texts: Sequence[str]) -> list[int]:
    """Say where in the text each symbol ends."""
    return list(accumulate(map(len, texts)))


def joined(pieces: Iterator[Piece]) -> Sample:
    """Put the pieces of a sample together."""
    ids: list[int] = []
    texts, ending = [], ""
    for piece in pieces:
        ids += piece.ids
        texts.append(piece.text)
        ending = piece.ending or ending
    return Sample(ids, "".join(texts), ending)


def costs(reader: Reader, ids: list[int]) -> Float64s:
    """Return -log2 P of each symbol of a piece, (T,), which the reader reads."""
    return 0.0 - reader.score(np.array(ids, np.int32)) / log(2)


def flowing(symbols: Iterator[int]) -> Iterator[list[int]]:
    """Cut a stream into pieces, few symbols at first, then as many as are drawn in a moment."""
    size = 1
    while True:
        began = perf_counter()
        piece = list(islice(symbols, size))
        if not piece:
            return
        took = perf_counter() - began
        yield piece
        if took < MOMENT / 2:
            size = min(2 * size, LONGEST_PIECE)
        elif took > MOMENT:
            size = max(1, size // 2)
