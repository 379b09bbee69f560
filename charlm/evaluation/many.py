"""Many texts, each scored by itself: what a list of strings costs, at the speed of one long text.

Each text begins with the empty history and costs what `bits.score` gives for it alone: its unknown
symbols with their spelling, and the END that closes it where sequences are lines. (Identification
scores lines otherwise, by what they say and without their ends.)

Texts may be given what stands before them: then a text costs -log2 P(text | given), which is what
both cost together, less what is given. A symbol that begins in what is given and ends in the text,
as a word may, belongs to the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.model import StorableModel
from charlm.progress import Progress, Report, silent
from charlm.text.many import encode_many
from charlm.text.tokenizer import Tokenizer
from charlm.text.units import Unit
from charlm.trained import TrainedModel

CHARS_PER_PIECE = 1 << 22  # characters scored at once, and between two progress reports
LONG = 1 << 14  # symbols of a text that is better read in segments than beside others


@dataclass(frozen=True, eq=False, repr=False)
class TextBits(Holder):
    """What each of some texts costs: `bits` in all and `chars`, the number of characters, (N,).

    Characters are those of the text as it was given, but for the CRs that `--newlines lf` leaves
    out; a byte that is no part of UTF-8 counts as one. `symbols` (N,) is how many were predicted,
    and `each` (T,) what each of them cost, one text after the other.
    """

    bits: Float64s
    chars: Integers
    symbols: Integers
    each: Float64s


def score_many(
    trained: TrainedModel, texts: Sequence[str], report: Report = silent, given: str = ""
) -> TextBits:
    """Score texts, as the model's unit decodes them (`Document.text`), each by itself.

    `given`, decoded likewise, stands before each of them and costs nothing.
    """
    parts, done = [_score(trained, (), given)], 0
    for piece in pieces(texts, CHARS_PER_PIECE):
        parts.append(_score(trained, piece, given))
        done += len(piece)
        report(Progress("scoring", done, len(texts)))
    return TextBits(
        bits=np.concatenate([part.bits for part in parts]),
        chars=np.concatenate([part.chars for part in parts]),
        symbols=np.concatenate([part.symbols for part in parts]),
        each=np.concatenate([part.each for part in parts]),
    )


def _score(trained: TrainedModel, texts: Sequence[str], given: str) -> TextBits:
    together = [given + text for text in texts] if given else texts
    encoded = encode_many(trained.tokenizer, together)
    each, symbols = score_each(trained.model, encoded.ids, encoded.lengths), encoded.lengths
    each /= -log(2)
    each += encoded.spelling
    if given:
        before = _symbols_before(trained.tokenizer, given, together)
        place = np.arange(len(each)) - np.repeat(np.cumsum(symbols) - symbols, symbols)
        each = each[place >= np.repeat(before, symbols)]
        symbols = symbols - before
    read = texts
    if trained.tokenizer.policy.drops_cr:
        read = [trained.tokenizer.with_line_ends(text) for text in texts]
    chars = np.fromiter(_characters(read, trained.tokenizer.unit), np.int64, len(texts))
    return TextBits(_sums(each, symbols), chars, symbols, each)


def _symbols_before(tokenizer: Tokenizer, given: str, together: Sequence[str]) -> Integers:
    """Return how many symbols of each text end in what is given, (N,)."""
    letters = len(tokenizer.prepare(given, close_line=False))
    if tokenizer.unit.is_single:
        return np.full(len(together), letters)
    written = (tokenizer.unit.written(tokenizer.cut(text)) for text in together)
    ends = (np.cumsum(list(map(len, symbols))) for symbols in written)
    return np.array([np.searchsorted(own, letters, "right") for own in ends], np.int64)


def _characters(texts: Sequence[str], unit: Unit) -> Iterator[int]:
    encoding = unit.encoding
    if encoding is None:
        return map(len, texts)
    return (len(text.encode(encoding).decode(errors="surrogateescape")) for text in texts)


def score_each(model: StorableModel, ids: Ids, lengths: Integers) -> Float64s:
    """Score sequences that follow each other, each from the empty history; natural logs, (T,)."""
    alone = lengths > LONG
    if not alone.any():
        return model.score_each(ids, lengths)
    starts = np.cumsum(lengths) - lengths
    scored = np.empty(len(ids))
    together = ~np.repeat(alone, lengths)
    scored[together] = model.score_each(ids[together], lengths[~alone])
    for low, length in zip(starts[alone].tolist(), lengths[alone].tolist(), strict=True):
        scored[low : low + length] = model.score(ids[low : low + length])[0]
    return scored


def _sums(values: Float64s, lengths: Integers) -> Float64s:
    """Add up values that belong to one text after the other, (T,) to (N,)."""
    added = np.zeros(len(lengths))
    filled = lengths > 0
    starts = (np.cumsum(lengths) - lengths)[filled]
    if len(starts):
        added[filled] = np.add.reduceat(values, starts)
    return added


def pieces(texts: Sequence[str], chars: int) -> Iterator[Sequence[str]]:
    """Yield texts some at a time, of about so many characters."""
    low = size = 0
    for i, text in enumerate(texts):
        size += len(text)
        if size >= chars:
            yield texts[low : i + 1]
            low, size = i + 1, 0
    if low < len(texts):
        yield texts[low:]
