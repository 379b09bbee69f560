"""What a network offers, and the table in which networks are found by the pattern's name."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from charlm.arrays import Arrays, Floats, Ids
from charlm.errors import UsageError
from charlm.rnn.cells import State
from charlm.rnn.config import RnnConfig


class Network(Protocol):
    """A recurrent network over ids; START (id V) is read where a sequence starts.

    Inputs are ids (T, B), hidden states (T, H, B), logits (T, V, B).
    """

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Give the shape of each parameter, by its letter."""
        ...

    def initialize(self, rng: np.random.Generator) -> Arrays:
        """Draw parameters to start training from."""
        ...

    def zero_state(self, streams: int, dtype: np.dtype[np.floating]) -> State:
        """Give the state before anything was read."""
        ...

    def hidden(
        self, parameters: Mapping[str, Floats], inputs: Ids, state: State
    ) -> tuple[Floats, State]:
        """Read the inputs; give all hidden states and the last state."""
        ...

    def top(self, state: State) -> Floats:
        """Give the hidden state (H, B) that the next output depends on."""
        ...

    def logits(self, parameters: Mapping[str, Floats], hidden: Floats) -> Floats:
        """Give the outputs of hidden states."""
        ...

    def gradients(
        self, parameters: Mapping[str, Floats], inputs: Ids, targets: Ids, state: State
    ) -> tuple[float, Arrays, State]:
        """Give the mean loss in nats, its gradient by parameter, and the last state."""
        ...


NETWORKS: dict[str, Callable[[int, RnnConfig], Network]] = {}


def network(name: str) -> Callable[[type], type]:
    """Register a class as the network of this pattern."""

    def register(make: type) -> type:
        NETWORKS[name] = make
        return make

    return register


def get(vocab_size: int, config: RnnConfig) -> Network:
    """Make the network of a configuration; a `UsageError` lists the patterns there are."""
    if config.pattern not in NETWORKS:
        raise UsageError(f"unknown pattern {config.pattern!r}; there are {', '.join(NETWORKS)}")
    return NETWORKS[config.pattern](vocab_size, config)
