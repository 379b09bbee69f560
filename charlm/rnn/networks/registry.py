"""What a network offers, and the table in which networks are found by the pattern's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from charlm.arrays import Arrays, Floats, Holder, Ids
from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.layers.ngram_rows import TABLE, NgramRows, RowGradient

State: TypeAlias = tuple[NDArray[Any], ...]  # each part ends with the axis of streams, (..., B)
Shapes: TypeAlias = dict[str, tuple[int, ...]]


class Masks(Protocol):
    """Draws dropout masks."""

    def __call__(self, shape: tuple[int, ...]) -> Floats:
        """Return 0 for what is dropped, and for the rest what keeps the mean as it is."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Window(Holder):
    """What is learnt from at once: T steps of B streams, as ids (T, B).

    Loss and gradients are sums over the targets divided by `events` (default: the number of
    targets). `masks` draws what dropout keeps, `row_masks` what it keeps of rows for n-grams.
    """

    inputs: Ids
    targets: Ids
    events: int | None = None
    masks: Masks | None = None
    row_masks: Masks | None = None


class Learnt(NamedTuple):
    """What came of a window: its loss in nats, the state after it, and the gradient of rows."""

    loss: float
    state: State
    rows: RowGradient | None = None


class Pass(Protocol):
    """A network over windows of T steps and B streams, with the buffers that takes.

    What is returned may be a view of a buffer, but for states.
    """

    def read(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the inputs, (T, B); return the top hidden states, (T, H, B), and the state."""
        ...

    def learn(
        self,
        parameters: Mapping[str, Floats],
        window: Window,
        state: State,
        gradients: Mapping[str, Floats],
    ) -> Learnt:
        """Fill `gradients`, but for that of rows for n-grams, which is returned."""
        ...


class Network(Protocol):
    """A recurrent network; START (id V) is read where a sequence starts.

    It holds no parameters: they are passed to every function, so that the same network trains in
    float32 and is checked in float64.
    """

    cells: ClassVar[tuple[str, ...] | None]  # those it can use, None for all
    reads_ngrams: ClassVar[bool]  # it can have rows for n-grams
    vocab_size: int

    def __init__(self, vocab_size: int, config: RnnConfig): ...

    @property
    def width(self) -> int:
        """Numbers that a step of one stream takes, about."""
        ...

    @property
    def ngrams(self) -> NgramRows | None:
        """The rows for n-grams, if there are any."""
        ...

    @property
    def squashes(self) -> bool:
        """Tell whether hidden units stay between -1 and 1."""
        ...

    def shapes(self) -> Shapes:
        """Return the shape of each parameter, by its letter."""
        ...

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """Draw parameters to start training from."""
        ...

    def zero_state(self, streams: int, dtype: DTypeLike) -> State:
        """Return the state before anything was read."""
        ...

    def top(self, parameters: Mapping[str, Floats], state: State) -> Floats:
        """Return the hidden state, (H, B), that the next output depends on."""
        ...

    def unroll(self, steps: int, streams: int, dtype: DTypeLike) -> Pass:
        """Make the buffers for windows of this size."""
        ...


def dense(shapes: Shapes) -> Shapes:
    """Leave out the rows for n-grams, whose gradient has no such shape."""
    return {name: shape for name, shape in shapes.items() if name != TABLE}


NETWORKS: dict[str, type[Network]] = {}


def network(name: str) -> Any:
    """Register a class as the network of this pattern."""

    def register(made: type[Network]) -> type[Network]:
        NETWORKS[name] = made
        return made

    return register


def get(vocab_size: int, config: RnnConfig) -> Network:
    """Make the network of a configuration.

    Raises:
        UsageError: there is no such pattern (the error lists those there are), or it cannot use
            the cell, or has no rows for n-grams.
    """
    if config.pattern not in NETWORKS:
        raise UsageError(f"unknown pattern {config.pattern!r}; there are {', '.join(NETWORKS)}")
    made = NETWORKS[config.pattern]
    if made.cells is not None and config.cell not in made.cells:
        allowed = ", ".join(made.cells)
        raise UsageError(f"the {config.pattern} pattern has no {config.cell} cell; use {allowed}")
    if config.ngrams and not made.reads_ngrams:
        raise UsageError(f"the {config.pattern} pattern has no rows for n-grams; hidden has")
    return made(vocab_size, config)
