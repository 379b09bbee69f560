r"""Looking inside a model: what comes next, and how a text's probability is made up.

Plain data, for tables and for JSON. Where a model backs off (`BackoffModel`), it says besides how
many symbols of context each probability comes from, and what it was multiplied by on the way to
shorter contexts. A model file holds no counts, so none are given. Bytes that are not UTF-8 are
written as \xNN.
"""

from itertools import accumulate
from math import exp, log
from typing import Any, TypeAlias

import numpy as np

from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import UsageError
from charlm.evaluation.bits import exponential, finite, score
from charlm.mixture.model import MixtureModel
from charlm.model import BackoffModel, StorableModel
from charlm.text.escaping import escaped_bytes
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel

UNKNOWN_NAME, START_NAME, END_NAME = "<unk>", "<s>", "</s>"
NO_END = -1
LONGEST_CONTEXT = 255  # symbols of context that are named

Row: TypeAlias = dict[str, Any]


def facts(trained: TrainedModel) -> dict[str, Any]:
    """Say what a model is, how large, and what it was trained on."""
    model = trained.model
    known: Row = {
        "kind": model.kind,
        "signature": trained.signature(),
        "vocabulary": len(trained.tokenizer.vocabulary.symbols),
        "settings": model.settings(),
        "arrays": {name: list(array.shape) for name, array in sorted(model.arrays().items())},
        "training": trained.record.to_json(),
    }
    if model.kind == "ngram":
        known["orders"] = _orders(model)
    if isinstance(model, MixtureModel):
        known["members"] = _members(model)
    return known


def _orders(model: StorableModel) -> list[Row]:
    """Give numbers, bytes and the smoother's notes of the n-grams of each length."""
    rows = []
    arrays = model.arrays()
    for length, note in enumerate(model.settings()["notes"], start=1):
        own = [array for name, array in arrays.items() if name.startswith(f"{length}.")]
        ngrams = len(arrays[f"{length}.probability"])
        size = sum(array.nbytes for array in own)
        rows.append({**note, "length": length, "ngrams": ngrams, "bytes": size})
    return rows


def _members(model: MixtureModel) -> list[Row]:
    """Describe each member, with its weight where features are average."""
    return [
        {
            "weight": float(weight),
            "kind": member.model.kind,
            **member.model.describe(),
            "bytes": sum(array.nbytes for array in member.model.arrays().values()),
        }
        for member, weight in zip(model.members, model.gate.weights, strict=True)
    ]


def next_symbols(trained: TrainedModel, history: str, top: int) -> dict[str, Any]:
    """Give the `top` likeliest symbols after a history, likeliest first.

    `contexts` are those of its suffixes that the model has seen, shortest first, with their
    back-off weights; None for a model that does not back off. `rest` is left for all other symbols.

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
        contexts = [
            {"context": read[-k:], "backoff": weight}
            for k, weight in enumerate(model.weights(state), start=1)
        ]
    rows = [_row(trained, origins, log_probs, symbol, read) for symbol in likeliest]
    rest = max(0.0, float(np.exp(log_probs).sum()) - sum(row["probability"] for row in rows))
    return {
        "history": _typed(trained, history),
        "contexts": contexts,
        "symbols": rows,
        "rest": rest,
    }


def chain(trained: TrainedModel, text: str) -> dict[str, Any]:
    """Follow the chain rule through a text: P(x_1) P(x_2 | x_1) ..., one row a symbol.

    `probability` of an unknown symbol is that of meeting one; its `bits` say which one it was too.
    `product` is 2^-(all bits so far), `log2_product` its exponent, which never underflows.
    """
    model, tokenizer = trained.model, trained.tokenizer
    scored = score(trained, text)
    ids, bits = scored.ids, scored.bits
    state = model.initial_state()
    rows: list[Row] = []
    for t, (symbol, cut) in enumerate(zip(ids.tolist(), tokenizer.cut(text), strict=True)):
        origins = model.origins(state) if isinstance(model, BackoffModel) else None
        row = _row(trained, origins, model.log_probs(state), symbol, _read(trained, ids[:t]))
        rows.append({**row, "symbol": cut if symbol == UNKNOWN else row["symbol"]})
        state = model.advance(state, symbol)
    for row, own, together in zip(rows, bits.tolist(), accumulate(bits.tolist()), strict=True):
        row |= {"bits": finite(own), "log2_product": finite(-together), "product": 2.0**-together}
    total = float(bits.sum())
    perplexity = exponential(total / len(rows)) if rows else None
    return {
        "text": _typed(trained, text),
        "symbols": rows,
        "total_bits": finite(total),
        "perplexity": None if perplexity is None else finite(perplexity),
    }


def _row(
    trained: TrainedModel,
    origins: tuple[Integers, Float64s] | None,
    log_probs: Float64s,
    symbol: int,
    read: list[str],
) -> Row:
    """Describe one next symbol; what only back-off models know is None for others."""
    context = backoff = None
    if origins is not None:
        orders, weights = origins
        context = read[len(read) - int(orders[symbol]) :]
        backoff = float(weights[symbol])
    log_prob = float(log_probs[symbol])
    return {
        "symbol": escaped_bytes(name(trained, symbol)),
        "unknown": symbol == UNKNOWN,
        "probability": exp(log_prob),
        "bits": finite(0.0 - log_prob / log(2)),
        "order": None if context is None else len(context),
        "context": context,
        "backoff": backoff,
    }


def _read(trained: TrainedModel, ids: Ids) -> list[str]:
    """Name the last symbols of the sequence read; before its first stands START."""
    tokenizer = trained.tokenizer
    ends = np.flatnonzero(ids == (NO_END if tokenizer.end is None else tokenizer.end))
    last = ids[ends[-1] + 1 :] if len(ends) else ids
    names = (name(trained, symbol) for symbol in last[-LONGEST_CONTEXT:].tolist())
    return [START_NAME, *map(escaped_bytes, names)]


def _typed(trained: TrainedModel, text: str) -> str:
    """Give a text, which may be bytes for the unit, as it was typed."""
    return escaped_bytes(trained.tokenizer.unit.as_text(text))


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
