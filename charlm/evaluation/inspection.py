r"""Looking inside a model: what comes next, and how a text's probability is made up.

Where a model backs off (`BackoffModel`), it says besides how many symbols of context each
probability comes from, and what it was multiplied by on the way to shorter contexts. A model file
holds no counts; given the texts (`frequencies.py`), how often each symbol came is said besides.
Bytes that are not UTF-8 are written as \xNN.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from math import exp, log
from typing import Any

import numpy as np

from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import UsageError
from charlm.evaluation.bits import exponential, finite, score
from charlm.evaluation.frequencies import Followers, Frequencies
from charlm.model import BackoffModel, ModelFacts
from charlm.text.escaping import escaped_bytes
from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN, UNKNOWN_NAME
from charlm.trained import Record, TrainedModel

NO_END = -1
LONGEST_CONTEXT = 255  # symbols of context that are named


@dataclass(frozen=True)
class Facts:
    """What a model is, how large, and what it was trained on.

    `arrays` are their shapes by name, sorted; `parts` is what the model says itself.
    """

    kind: str
    signature: str
    vocabulary: int
    settings: Mapping[str, Any]
    arrays: Mapping[str, tuple[int, ...]]
    record: Record
    parts: ModelFacts

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            "kind": self.kind,
            "signature": self.signature,
            "vocabulary": self.vocabulary,
            "settings": self.settings,
            "arrays": {name: list(shape) for name, shape in self.arrays.items()},
            "training": self.record.to_json(),
            **self.parts.to_json(),
        }


@dataclass(frozen=True)
class Seen:
    """How often a symbol came in texts, `count` times of the `total` that its context came."""

    count: int
    total: int
    context: tuple[str, ...]


@dataclass(frozen=True)
class Symbol:
    """A symbol that may come next, and what it costs.

    `context` are the symbols that its probability follows, `backoff` what it was multiplied by on
    the way to them; both are None for a model that does not back off. `bits` are None where they
    are infinite, `seen` where nothing was counted.
    """

    name: str
    unknown: bool
    probability: float
    bits: float | None
    context: tuple[str, ...] | None
    backoff: float | None
    seen: Seen | None = None

    @property
    def order(self) -> int | None:
        """The symbols of context."""
        return None if self.context is None else len(self.context)

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; what was not counted is not there."""
        known = {
            "symbol": self.name,
            "unknown": self.unknown,
            "probability": self.probability,
            "bits": self.bits,
            "order": self.order,
            "context": None if self.context is None else list(self.context),
            "backoff": self.backoff,
        }
        return known if self.seen is None else {**known, "seen": asdict(self.seen)}


@dataclass(frozen=True)
class SeenContext:
    """A context that a model has seen, and the weight that it gives the shorter one."""

    context: tuple[str, ...]
    backoff: float


@dataclass(frozen=True)
class NextSymbols:
    """The likeliest symbols after a history, likeliest first; `rest` is left for all others.

    `contexts` are those of its suffixes that the model has seen, shortest first; None for a model
    that does not back off.
    """

    history: str
    contexts: tuple[SeenContext, ...] | None
    symbols: tuple[Symbol, ...]
    rest: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        contexts = None if self.contexts is None else list(map(asdict, self.contexts))
        return {
            "history": self.history,
            "contexts": contexts,
            "symbols": [symbol.to_json() for symbol in self.symbols],
            "rest": self.rest,
        }


@dataclass(frozen=True)
class Link:
    """A symbol of a text, and the product of all probabilities so far.

    `product` is 2^-(all bits so far), `log2_product` its exponent, which never underflows; it is
    None where it is infinite.
    """

    symbol: Symbol
    log2_product: float | None
    product: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; the product stands beside what is known of the symbol."""
        product = {"log2_product": self.log2_product, "product": self.product}
        return {**self.symbol.to_json(), **product}


@dataclass(frozen=True)
class Chain:
    """The chain rule through a text, P(x_1) P(x_2 | x_1) ..., a link for each symbol.

    The figures are None where they are infinite, the perplexity also where there is no symbol.
    """

    text: str
    links: tuple[Link, ...]
    total_bits: float | None
    perplexity: float | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            "text": self.text,
            "symbols": [link.to_json() for link in self.links],
            "total_bits": self.total_bits,
            "perplexity": self.perplexity,
        }


def facts(trained: TrainedModel) -> Facts:
    """Return what a model is, how large, and what it was trained on."""
    model = trained.model
    return Facts(
        kind=model.kind,
        signature=trained.signature(),
        vocabulary=len(trained.tokenizer.vocabulary.symbols),
        settings=model.settings(),
        arrays={name: array.shape for name, array in sorted(model.arrays().items())},
        record=trained.record,
        parts=model.facts(),
    )


def next_symbols(
    trained: TrainedModel, history: str, top: int, frequencies: Frequencies | None = None
) -> NextSymbols:
    """Return the `top` likeliest symbols after a history, counted in texts if there are any.

    Raises:
        UsageError: `top` is negative.
    """
    if top < 0:
        raise UsageError("top is a number of symbols, 0 or more")
    model = trained.model
    ids = trained.tokenizer.encode_prompt(history)
    _, state = model.score(ids)
    log_probs = model.log_probs(state)
    read = _read(trained, ids)
    likeliest = np.argsort(-log_probs, kind="stable")[:top].tolist()
    origins = contexts = None
    if isinstance(model, BackoffModel):
        origins = model.origins(state)
        contexts = tuple(
            SeenContext(read[-k:], weight) for k, weight in enumerate(model.weights(state), start=1)
        )
    counted = followers(trained, frequencies, ids) if frequencies else None
    symbols = tuple(_symbol(trained, origins, log_probs, one, read, counted) for one in likeliest)
    rest = max(0.0, float(np.exp(log_probs).sum()) - sum(one.probability for one in symbols))
    return NextSymbols(_typed(trained, history), contexts, symbols, rest)


def chain(trained: TrainedModel, text: str, frequencies: Frequencies | None = None) -> Chain:
    """Follow the chain rule through a text, each link counted in texts if there are any.

    `probability` of an unknown symbol is that of meeting one; its `bits` say which one it was too.
    """
    scored = score(trained, text)
    bits = scored.bits.tolist()
    symbols = _symbols(trained, text, scored.ids, frequencies)
    links = tuple(
        Link(replace(symbol, bits=finite(own)), finite(-so_far), 2.0**-so_far)
        for symbol, own, so_far in zip(symbols, bits, accumulate(bits), strict=True)
    )
    total = float(scored.bits.sum())
    perplexity = exponential(total / len(links)) if links else None
    return Chain(_typed(trained, text), links, finite(total), finite(perplexity))


def _symbols(
    trained: TrainedModel, text: str, ids: Ids, frequencies: Frequencies | None
) -> Iterator[Symbol]:
    """Yield the symbols of a text, (T,) ids, unknown ones by their spelling."""
    model = trained.model
    state = model.initial_state()
    for t, (one, cut) in enumerate(zip(ids.tolist(), trained.tokenizer.cut(text), strict=True)):
        origins = model.origins(state) if isinstance(model, BackoffModel) else None
        read = _read(trained, ids[:t])
        counted = followers(trained, frequencies, ids[:t]) if frequencies else None
        found = _symbol(trained, origins, model.log_probs(state), one, read, counted)
        yield replace(found, name=cut) if one == UNKNOWN else found
        state = model.advance(state, one)


def _symbol(
    trained: TrainedModel,
    origins: tuple[Integers, Float64s] | None,
    log_probs: Float64s,
    symbol: int,
    read: tuple[str, ...],
    counted: Followers | None,
) -> Symbol:
    """Describe one next symbol."""
    context = backoff = seen = None
    if origins is not None:
        orders, weights = origins
        context = read[len(read) - int(orders[symbol]) :]
        backoff = float(weights[symbol])
    if counted is not None:
        after = tuple(named(trained, one) for one in counted.context)
        seen = Seen(int(counted.counts[symbol]), counted.total, after)
    log_prob = float(log_probs[symbol])
    return Symbol(
        name=named(trained, symbol),
        unknown=symbol == UNKNOWN,
        probability=exp(log_prob),
        bits=finite(0.0 - log_prob / log(2)),
        context=context,
        backoff=backoff,
        seen=seen,
    )


def followers(trained: TrainedModel, frequencies: Frequencies, ids: Ids) -> Followers:
    """Count what comes after as much of a history as an n-gram model sees, another all of it."""
    model = trained.model
    order = int(model.settings()["order"]) if isinstance(model, BackoffModel) else None
    return frequencies.followers(ids.tolist(), order)


def _read(trained: TrainedModel, ids: Ids) -> tuple[str, ...]:
    """Name the last symbols of the sequence read; before its first stands START."""
    tokenizer = trained.tokenizer
    ends = np.flatnonzero(ids == (NO_END if tokenizer.end is None else tokenizer.end))
    last = ids[ends[-1] + 1 :] if len(ends) else ids
    return (START_NAME, *(named(trained, symbol) for symbol in last[-LONGEST_CONTEXT:].tolist()))


def _typed(trained: TrainedModel, text: str) -> str:
    """Return a text, which may be bytes for the unit, as it was typed."""
    return escaped_bytes(trained.tokenizer.unit.as_text(text))


def named(trained: TrainedModel, symbol: int) -> str:
    r"""Name a symbol, START too, as it is shown; a byte that is no character is \xNN."""
    return START_NAME if symbol == trained.tokenizer.start else escaped_bytes(name(trained, symbol))


def name(trained: TrainedModel, symbol: int) -> str:
    """Name a symbol; UNKNOWN and END as ARPA files call them.

    A byte that is no character by itself is a lone surrogate (`Unit.as_text`).
    """
    tokenizer = trained.tokenizer
    if symbol == UNKNOWN:
        return UNKNOWN_NAME
    if symbol == tokenizer.end:
        return END_NAME
    return tokenizer.unit.as_text(tokenizer.name(symbol))
