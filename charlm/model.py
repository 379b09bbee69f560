"""The interface that every language model keeps, and its laws.

The model is constant; the state is a value. With `V = vocab_size`:

    log_probs(state)        natural logs of P(x | what the state has read), shape (V,); their
                            exponentials sum to one: within 1e-9, and within 1e-6 where they come
                            from tables of float32, as those of n-grams do
    advance(state, symbol)  the state after one more symbol; the argument is untouched;
                            after END it is initial_state() again
    score(ids, state)       log P(x_t | x_<t) for a whole array, and the state after it; equal to
                            the chain rule step by step, only faster:

        state = model.initial_state()
        for symbol in ids:
            log_prob = model.log_probs(state)[symbol]
            state = model.advance(state, symbol)

Sampling and evaluation know these names and nothing of counts or hidden units.
`tests/laws/test_models.py` holds every registered model to them.

A model is constant. A reader is not: it holds the state, and an adaptive one (`adaptive_reader`
of a model) also learns from each symbol after it was predicted. Evaluation and coding read
through readers, so that both can use either:

    for symbol in ids:
        log_prob = reader.log_probs()[symbol]
        reader.observe(symbol)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from charlm.arrays import Arrays, Float64s, Ids, Integers


class Reader(Protocol):
    """What evaluation and coding may use. The same symbols always give the same numbers."""

    def describe(self) -> dict[str, str]:
        """Name what learns (`adaptive`) and what decides how, for the signature; {} if nothing."""
        ...

    def log_probs(self) -> Float64s:
        """Return the natural log-probability of each next symbol, (V,)."""
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
        """Return the probability of each next symbol, (V,), by + - * / alone."""
        ...


class LanguageModel(Protocol):
    """What sampling, evaluation and every other consumer may use."""

    kind: ClassVar[str]

    @property
    def vocab_size(self) -> int:
        """Symbols with UNKNOWN, and END where sequences are lines; never START."""
        ...

    @property
    def end(self) -> int | None:
        """Id of the symbol that closes a sequence, or None where there is none."""
        ...

    def initial_state(self) -> Any:
        """Return the state at the start of a sequence."""
        ...

    def log_probs(self, state: Any) -> Float64s:
        """Return the natural log-probability of each next symbol, (V,)."""
        ...

    def advance(self, state: Any, symbol: int) -> Any:
        """Return the state after one more symbol."""
        ...

    def score(self, ids: Ids, state: Any = None) -> tuple[Float64s, Any]:
        """Return log P(x_t | x_<t) of each symbol, (T,), and the state after the last."""
        ...


class Beams(Protocol):
    """Histories that are read side by side, as decoders do with the beams of a search.

    Like a state it is a value: nothing changes it. Symbol b belongs to history b. What comes out is
    what the model says of each history alone, but for rounding.
    """

    def __len__(self) -> int:
        """Return B, the number of histories."""
        ...

    def states(self) -> list[Any]:
        """Return the state of each, (B,), as the model's own functions take it."""
        ...

    def take(self, which: Integers) -> "Beams":
        """Return those of some places, in that order; one may be taken more than once."""
        ...

    def advance(self, symbols: Ids) -> "Beams":
        """Return the histories after one more symbol each, (B,)."""
        ...

    def log_probs(self) -> Float64s:
        """Return the natural log-probability of each next symbol, (B, V)."""
        ...


@runtime_checkable
class FeaturedBeams(Beams, Protocol):
    """Those of a `FeaturedModel`."""

    def features(self) -> Float64s:
        """Return the features of each history, (B, F)."""
        ...


@runtime_checkable
class DrawingModel(Protocol):
    """What a model may offer besides: drawing from itself without whole distributions."""

    def draws(self, state: Any, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end from P(x | history, x is not UNKNOWN), each read at once.

        END starts a new sequence. Where only UNKNOWN has any probability, all others are equally
        likely. The same generator gives the same symbols.
        """
        ...


@runtime_checkable
class PortableModel(LanguageModel, Protocol):
    """A model whose numbers are the same on every machine. Its states are hashable, and recur.

    The last bits of other models' numbers depend on the order in which a machine adds up products.
    """

    def probs(self, state: Any) -> Float64s:
        """Return the probability of each next symbol, (V,), by + - * / alone."""
        ...


@runtime_checkable
class BackoffModel(Protocol):
    """What a model that backs off to shorter contexts may say besides, for a look inside."""

    def origins(self, state: Any) -> tuple[Integers, Float64s]:
        """Say of each next symbol which context its probability comes from, and its weight.

        Symbols of context of the longest n-gram seen that ends in it, (V,); and the product of the
        back-off weights of the longer contexts, (V,):  P(x) = weight * P(x | that context).
        """
        ...

    def weights(self, state: Any) -> list[float]:
        """Return the back-off weights of the contexts that were seen, of 1, 2, ... symbols."""
        ...


@runtime_checkable
class FeaturedModel(Protocol):
    """What a model may say besides of how much it knows, for the weights of a mixture."""

    def features(self, state: Any) -> Float64s:
        """Return finite numbers that tell how well the model knows its history, (F,)."""
        ...

    def features_before(self, ids: Ids, state: Any) -> Float64s:
        """Return the same before each symbol, (T, F)."""
        ...


@dataclass(frozen=True)
class NgramsOfLength:
    """How many n-grams of a length a model has, their bytes, and the smoother's notes on them."""

    length: int
    ngrams: int
    bytes: int
    notes: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; the notes stand beside the figures."""
        figures = {"length": self.length, "ngrams": self.ngrams, "bytes": self.bytes}
        return {**self.notes, **figures}


@dataclass(frozen=True)
class MemberFacts:
    """A member of a mixture: its weight where features are average, what it is, and its bytes."""

    weight: float
    kind: str
    description: Mapping[str, str]
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; the description stands beside the figures."""
        named = {"weight": self.weight, "kind": self.kind}
        return {**named, **self.description, "bytes": self.bytes}


@dataclass(frozen=True)
class ModelFacts:
    """What a model says of its parts: n-grams of each length, or members; None has none such."""

    orders: tuple[NgramsOfLength, ...] | None = None
    members: tuple[MemberFacts, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types, without what the model has not."""
        parts = {"orders": self.orders, "members": self.members}
        return {
            name: [part.to_json() for part in found]
            for name, found in parts.items()
            if found is not None
        }


class StorableModel(LanguageModel, Protocol):
    """What the model file, mixtures and the commands need besides."""

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Score sequences that follow each other in `ids`, each from initial_state(), (T,).

        Many short ones are read at once.
        """
        ...

    def beams(self, states: Sequence[Any]) -> Beams:
        """Put histories side by side, at least one."""
        ...

    def distributions(self, ids: Ids, state: Any) -> tuple[Float64s, Any]:
        """Return `log_probs` before each symbol, (T, V), and the state after the last.

        Memory is 8 T V bytes and more: the caller cuts long texts into blocks.
        """
        ...

    def adaptive_reader(self) -> Reader:
        """Return a reader whose counts or weights learn while it reads; the model is untouched.

        Raises:
            UsageError: the model has no adaptive form.
        """
        ...

    def describe(self) -> dict[str, str]:
        """What decides its numbers (order, smoothing, cell ...), for the signature."""
        ...

    def facts(self) -> ModelFacts:
        """Return what it is made of, for those who look inside."""
        ...

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays, as JSON types."""
        ...

    def arrays(self) -> Arrays:
        """Return the arrays by name, as the model file holds them."""
        ...

    def check(self) -> None:
        """Read every value of the arrays; a `ModelFileError` where one is impossible."""
        ...

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Self:
        """Rebuild what `settings` and `arrays` gave; a `ModelFileError` where they do not fit."""
        ...


# The kinds of models there are, by name. `storage.py` fills it, so that a mixture can hold models
# of every kind and know none.
FAMILIES: dict[str, type[StorableModel]] = {}


class StaticReader:
    """A model as it is: it reads, and learns nothing."""

    def __init__(self, model: LanguageModel, state: Any = None):
        self._model = model
        self._state = model.initial_state() if state is None else state

    def describe(self) -> dict[str, str]:
        """Nothing learns."""
        return {}

    def log_probs(self) -> Float64s:
        """Return those of the model."""
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
