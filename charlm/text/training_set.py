"""What a model is trained on: documents, split, tokenized, and recorded.

The vocabulary comes from the training part alone, so that the held-out part is as new to the
model as any text will be. The record holds fingerprints, never names or places of files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charlm.arrays import Ids
from charlm.errors import TextError, UsageError
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.holdout import split
from charlm.text.tokenizer import TextPolicy, Tokenizer

NAMED = 20  # symbols named in an error, at most


@dataclass(frozen=True)
class Decoding:
    """How bytes become text, where the unit leaves it open."""

    encoding: str = "utf-8"
    errors: str = "strict"


@dataclass(frozen=True)
class TrainingSet:
    """Streams of ids to train on, one a document; held-out texts and their ids; the record."""

    tokenizer: Tokenizer
    train: tuple[Ids, ...]
    held_out: tuple[str, ...]
    held_out_ids: tuple[Ids, ...]
    record: dict[str, Any]

    @property
    def symbols(self) -> int:
        """Number of symbols to train on."""
        return sum(map(len, self.train))


def prepare(
    documents: Sequence[Document],
    policy: TextPolicy,
    *,
    valid: Sequence[Document] = (),
    valid_fraction: float = 0.0,
    decoding: Decoding = Decoding(),
    seed: int = 0,
    known: Tokenizer | None = None,
) -> TrainingSet:
    """Decode, hold out, learn the vocabulary, encode.

    With `valid` documents nothing else is held out. A `known` tokenizer, that of a model which is
    to be trained on, is kept; its policy must be the one given.

    Raises:
        TextError: a document cannot be decoded, there is no text at all, or it has symbols that
            the known tokenizer lacks.
        UsageError: an option is impossible.
    """
    rng = np.random.default_rng(seed)
    unit = units.get(policy.unit)
    texts = [d.text(unit, decoding.encoding, decoding.errors) for d in documents]
    held_out = [d.text(unit, decoding.encoding, decoding.errors) for d in valid]
    fraction = 0.0 if valid else valid_fraction
    if fraction:
        texts, held_out = split(texts, fraction, policy.sequence, rng)
    if valid and not any(held_out):
        raise TextError(f"{', '.join(d.name for d in valid)}: empty, nothing to validate on")
    learnt = Tokenizer.fit(texts, policy)
    tokenizer = learnt if known is None else _covering(known, learnt)
    train = tuple(map(tokenizer.encode, texts))
    if not sum(map(len, train)):
        raise TextError(f"{', '.join(d.name for d in documents)}: empty, there is nothing to learn")
    if tokenizer.vocab_size == 1:
        raise UsageError(f"no symbol occurs {policy.min_count} times; choose a smaller min-count")
    held_out = list(filter(None, held_out))
    held_out_ids = tuple(map(tokenizer.encode, held_out))
    record = {
        "texts": [_fingerprint(d) for d in documents],
        "valid": [_fingerprint(d) for d in valid],
        "valid_fraction": fraction,
        "symbols": sum(map(len, train)),
        "held_out_symbols": sum(map(len, held_out_ids)),
        "encoding": decoding.encoding,
        "errors": decoding.errors,
        "seed": seed,
        "numpy": np.__version__,
    }
    return TrainingSet(tokenizer, train, tuple(held_out), held_out_ids, record)


def _covering(known: Tokenizer, learnt: Tokenizer) -> Tokenizer:
    """Give the known tokenizer, which must have every symbol that the texts have."""
    lacking = sorted(set(learnt.vocabulary.symbols) - set(known.vocabulary.symbols))
    if lacking:
        more = f" and {len(lacking) - NAMED:,} more" if len(lacking) > NAMED else ""
        raise TextError(
            f"the text has symbols that the model lacks: {', '.join(map(repr, lacking[:NAMED]))}"
            f"{more}; take them out, or train a new model"
        )
    return known


def _fingerprint(document: Document) -> dict[str, Any]:
    return {"sha256": document.sha256, "bytes": len(document.data)}
