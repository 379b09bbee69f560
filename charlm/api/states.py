r"""What a decoder holds: the state of a model after each of its beams.

    >>> import charlm
    >>> model = charlm.train_ngram("anna\nhanna\njohanna\n" * 9, order=3, sequence="line")
    >>> beams = model.advance([model.start()] * 2, "hj")
    >>> likeliest = model.log_probs(beams).argmax(axis=1)
    >>> [model.symbols[i] for i in likeliest]
    ['a', 'o']

A state is a value: it is compared by what it holds, hashed, copied and sent to other processes, and
stands for all that the model has read. Two n-gram states are equal where they say the same of all
that follows.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from charlm.arrays import Ids
from charlm.errors import UsageError
from charlm.evaluation.inspection import name
from charlm.text.escaping import escaped_bytes
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel


class State:
    """All that a model has read, as far as it matters for what follows."""

    __slots__ = ("__weakref__", "_hash", "inside")

    def __init__(self, inside: Any):
        self.inside = inside  # the state as the model's family has it
        self._hash: int | None = None

    def __repr__(self) -> str:
        return f"<charlm.State {hash(self) & 0xFFFFFFFF:08x}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        return self is other or _content(self.inside) == _content(other.inside)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(_content(self.inside))
        return self._hash

    def __reduce__(self) -> tuple[type, tuple[Any]]:
        return State, (self.inside,)


def _content(inside: Any) -> Any:
    """Return what arrays and tuples hold as something that is compared and hashed."""
    if isinstance(inside, np.ndarray):
        return inside.dtype.str, inside.shape, inside.tobytes()
    return tuple(map(_content, inside)) if isinstance(inside, tuple) else inside


class Alphabet:
    """The symbols of a model by their ids, and back."""

    def __init__(self, trained: TrainedModel):
        tokenizer = trained.tokenizer
        ids = range(trained.model.vocab_size)
        self.names = tuple(escaped_bytes(name(trained, symbol)) for symbol in ids)
        self._ids = {tokenizer.name(i): i for i in ids if i != UNKNOWN}
        self._ids |= {shown: i for i, shown in enumerate(self.names) if shown not in self._ids}

    def encode(self, symbols: Sequence[str], number: int) -> Ids:
        """Return the ids of so many symbols; what is not known is UNKNOWN.

        Raises:
            UsageError: there are fewer or more, or one is no string.
        """
        if not isinstance(symbols, Sequence) or not all(isinstance(one, str) for one in symbols):
            raise UsageError("symbols are strings, one for each state")
        if len(symbols) != number:
            raise UsageError(f"there are {number} states and {len(symbols)} symbols; give one each")
        return np.array([self._ids.get(symbol, UNKNOWN) for symbol in symbols], np.int32)
