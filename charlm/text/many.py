"""Many texts at once, each by itself: ids one text after the other, and how many each has.

What is done for each text alone is little: a text of ten characters takes NumPy longer to begin
than to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.text.pieces import LINE_END
from charlm.text.tokenizer import Tokenizer
from charlm.text.vocabulary import UNKNOWN


@dataclass(frozen=True, eq=False, repr=False)
class EncodedTexts(Holder):
    """The symbols of texts that follow each other.

    `ids` (T,) are what `Tokenizer.encode` gives for each text, `lengths` (N,) how many each has;
    `spelling` (T,) is what `Tokenizer.spelling_bits` gives.
    """

    ids: Ids
    lengths: Integers
    spelling: Float64s


def encode_many(
    tokenizer: Tokenizer, texts: Sequence[str], *, close_line: bool = True
) -> EncodedTexts:
    """Encode each text by itself; `close_line=False` leaves its last line open."""
    prepared = _prepared(tokenizer, texts, close_line)
    if tokenizer.unit.is_single:
        lengths = np.fromiter(map(len, prepared), np.int64, len(prepared))
        joined = "".join(prepared)
        symbols: Sequence[str] = joined
        ids = tokenizer.encode_prepared(joined)
    else:
        cut = list(map(tokenizer.unit.cut, prepared))
        lengths = np.fromiter(map(len, cut), np.int64, len(cut))
        symbols = list(chain.from_iterable(cut))
        ids = tokenizer.encode_symbols(symbols)
    spelling = np.zeros(len(ids))
    unknown = np.flatnonzero(ids == UNKNOWN)
    spelling[unknown] = tokenizer.spelling([symbols[i] for i in unknown.tolist()])
    return EncodedTexts(ids, lengths, spelling)


def _prepared(tokenizer: Tokenizer, texts: Sequence[str], close_line: bool) -> Sequence[str]:
    """Return each text as `Tokenizer.prepare` does."""
    if tokenizer.policy.alters:
        return [tokenizer.prepare(text, close_line=close_line) for text in texts]
    if tokenizer.end is None or not close_line:
        return texts
    return [text + LINE_END if text and text[-1] != LINE_END else text for text in texts]
