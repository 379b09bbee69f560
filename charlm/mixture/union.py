"""One vocabulary for models that know different symbols."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from charlm.errors import UsageError
from charlm.mixture.member import Member
from charlm.model import StorableModel
from charlm.text.tokenizer import Tokenizer
from charlm.text.vocabulary import UNKNOWN, Vocabulary, encode

MUST_AGREE = ("unit", "sequence", "normalize", "lowercase", "newlines")


def unite(tokenizers: Sequence[Tokenizer]) -> Tokenizer:
    """Return a tokenizer over every symbol that one of them knows.

    Raises:
        UsageError: they treat texts differently.
    """
    first, *others = (tokenizer.policy for tokenizer in tokenizers)
    for name in MUST_AGREE:
        values = [getattr(policy, name) for policy in (first, *others)]
        if len(set(values)) > 1:
            shown = " and ".join(map(str, dict.fromkeys(values)))
            raise UsageError(
                f"models of different {name} cannot be mixed ({shown}); "
                f"train them with the same --{name}"
            )
    policy = replace(first, min_count=min(t.policy.min_count for t in tokenizers))
    symbols = set().union(*(tokenizer.vocabulary.symbols for tokenizer in tokenizers))
    return Tokenizer(policy, Vocabulary(tuple(sorted(symbols))))


def member(model: StorableModel, own: Tokenizer, union: Tokenizer) -> Member:
    """Return a model with its own tokenizer as a member over the union."""
    symbols = np.full(union.vocab_size, UNKNOWN, np.int32)
    known = slice(UNKNOWN + 1, len(union.vocabulary))
    symbols[known] = encode(union.vocabulary.symbols, own.vocabulary.ids)
    if union.end is not None and own.end is not None:
        symbols[union.end] = own.end
    shares = np.ones(union.vocab_size)
    missing = UNKNOWN + 1 + np.flatnonzero(symbols[UNKNOWN + 1 :] == UNKNOWN)
    names = [union.vocabulary.symbols[i - 1] for i in missing]
    shares[missing] = 2.0 ** -own.spelling(names)
    shares[UNKNOWN] = max(0.0, 1 - shares[missing].sum())
    return Member(model, symbols, shares)
