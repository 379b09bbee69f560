"""Which of several models explains each line best: language identification, authorship.

Each line is scored on its own: it is judged by what it says, not by its neighbours. It is scored as
if a line end stood before it, if the model knows line ends, else from the empty history. (For a
model of whole files the empty history is the beginning of a file. Starting there, models of Austen
and Shakespeare of order 6 told 93.1 % of new lines apart; after a line end 94.2 %; and models of
`--sequence line` 94.7 %.) The line's own end, LF or CR LF, is not scored: not every model has seen
one. All models pay for the same bytes, unknown symbols with their spelling, so models of any unit
and vocabulary can be compared.

The margin is the bits by which the best model beats the next one. It is the logarithm of a ratio
of likelihoods: if both models were as likely before, a margin of m bits makes the best one 2^m
times as likely as the next (Bayes; Cavnar & Trenkle 1994 rank by n-grams, Dunning 1994 by
likelihood, as here).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from typing import Any

import numpy as np

from charlm.arrays import Booleans, Float64s, Holder, Integers
from charlm.errors import UsageError
from charlm.evaluation.bits import finite
from charlm.evaluation.many import pieces, score_each
from charlm.progress import Progress, Report, silent
from charlm.text.pieces import LINE_END
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel

NOBODY = -1
RETURN = "\r"  # stands before a line end where files come from Windows
CHARS_PER_REPORT = 1 << 17  # characters scored between two progress reports


@dataclass(frozen=True, eq=False, repr=False)
class Identification(Holder):
    """For each line (L,): bits by model (M, L), bytes, the best model, and its margin.

    `best` is NOBODY, and the margin 0, where the line is empty, no model can explain it, or two
    explain it equally well. Where texts of no kind may come (`open_set.py`), `z` says how untypical
    each line is of its best model's kind, NaN without one; what is `refused` is NOBODY's.
    """

    bits: Float64s
    bytes: Integers
    best: Integers
    margin: Float64s
    z: Float64s | None = None
    refused: Booleans | None = None

    @property
    def lines_won(self) -> list[int]:
        """How many lines each model explains best, (M,)."""
        return [int((self.best == model).sum()) for model in range(len(self.bits))]

    @property
    def whole(self) -> "Identification":
        """All lines together, as if they were one."""
        return decide(self.bits.sum(axis=1, keepdims=True), self.bytes.sum(keepdims=True))


@dataclass(frozen=True)
class Share:
    """The lines that a model explains best, their share of those that have a best model.

    The share is None where no line has one, the bits where the text is empty, or impossible.
    """

    model: str
    lines: int
    share: float | None
    bits_per_byte: float | None


@dataclass(frozen=True)
class Summary:
    """All lines together: the models' shares, and which explains the text as a whole.

    `undecided` lines have no best model; `refused` ones are of no kind that the models know, None
    where that was not asked. `best` is None where the text has none; the margin is
    None where the other models cannot explain it at all.
    """

    lines: int
    bytes: int
    undecided: int
    models: tuple[Share, ...]
    best: str | None
    margin_bits: float | None
    refused: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        known = asdict(self)
        if self.refused is None:
            del known["refused"]
        return known


def summarize(names: Sequence[str], found: Identification) -> Summary:
    """Sum up what was found by models of these names."""
    won, whole = found.lines_won, found.whole
    decided, size, best = sum(won), int(whole.bytes[0]), int(whole.best[0])
    refused = None if found.refused is None else int(found.refused.sum())
    shares = tuple(
        Share(
            name, lines, lines / decided if decided else None, finite(cost / size) if size else None
        )
        for name, lines, cost in zip(names, won, whole.bits[:, 0].tolist(), strict=True)
    )
    return Summary(
        lines=len(found.best),
        bytes=size,
        undecided=len(found.best) - decided - (refused or 0),
        models=shares,
        best=None if best == NOBODY else names[best],
        margin_bits=finite(float(whole.margin[0])),
        refused=refused,
    )


def identify(
    models: Sequence[TrainedModel], texts: Sequence[str], report: Report = silent, fewest: int = 2
) -> Identification:
    """Judge each line of a text, given as each model's unit decodes it (`Document.text`).

    Raises:
        UsageError: the models do not read the same text, so that their bits cannot be compared.
    """
    return identify_lines(models, list(map(lines_of, texts)), report, fewest)


def identify_lines(
    models: Sequence[TrainedModel],
    lines: Sequence[Sequence[str]],
    report: Report = silent,
    fewest: int = 2,
) -> Identification:
    """Judge lines, given as each model's unit decodes them; of `fewest` models at least.

    Raises:
        UsageError: as `identify`.
    """
    sizes = [_bytes(trained, own) for trained, own in zip(models, lines, strict=True)]
    _check(models, sizes, fewest)
    count = len(sizes[0])
    bits = np.empty((len(models), count))
    for m, (trained, own) in enumerate(zip(models, lines, strict=True)):
        line = 0
        for piece in pieces(own, CHARS_PER_REPORT):
            bits[m, line : line + len(piece)] = line_bits(trained, piece)
            line += len(piece)
            report(Progress("scoring", m * count + line, len(models) * count))
    return decide(bits, sizes[0])


def lines_of(text: str) -> list[str]:
    """Cut a text at its line ends, which are left out; what follows the last one is a line too."""
    *lines, rest = text.split(LINE_END)
    ended = [line.removesuffix(RETURN) for line in lines]
    return [*ended, rest] if rest else ended


def line_bits(trained: TrainedModel, lines: Sequence[str]) -> Float64s:
    """Return the bits of each line, (L,)."""
    tokenizer, before = trained.tokenizer, trained.tokenizer.line_end
    encoded = [tokenizer.encode(line, close_line=False) for line in lines]
    read = [part for ids in encoded for part in (before, ids)]
    lengths = np.array([len(before) + len(ids) for ids in encoded], np.int64)
    ids = np.concatenate([np.empty(0, np.int32), *read])
    log_probs = score_each(trained.model, ids, lengths)
    if len(before):  # what a line only follows is none of its own
        log_probs[np.cumsum(lengths) - lengths] = 0
    owners = np.repeat(np.arange(len(lines)), lengths)
    bits = np.bincount(owners, -log_probs, len(lines)) / log(2)
    for i in np.unique(owners[ids == UNKNOWN]).tolist():
        bits[i] += tokenizer.spelling_bits(lines[i], encoded[i]).sum()
    return np.asarray(bits, np.float64)


def decide(bits: Float64s, sizes: Integers) -> Identification:
    """Find the best model of each line, and by how much; bits are (M, L), sizes (L,)."""
    if len(bits) == 1:  # and nothing beside it: the margin is without bounds
        bits = np.vstack([bits, np.full_like(bits, np.inf)])
        found = decide(bits, sizes)
        return replace(found, bits=bits[:1])
    ranked = np.argsort(bits, axis=0, kind="stable")
    first, second = np.take_along_axis(bits, ranked[:2], axis=0)
    decided = first < second
    best = np.where(decided, ranked[0], NOBODY)
    margin = np.subtract(second, first, out=np.zeros_like(first), where=decided)
    return Identification(bits, sizes, best, margin)


def _bytes(trained: TrainedModel, lines: Sequence[str]) -> Integers:
    """Bytes of each line, (L,)."""
    encoding = trained.tokenizer.unit.encoding or "utf-8"
    return np.array([len(line.encode(encoding)) for line in lines], np.int64)


def _check(models: Sequence[TrainedModel], sizes: Sequence[Integers], fewest: int) -> None:
    if len(models) < fewest:
        raise UsageError("to identify needs at least two models to choose from")
    found = {trained.changes() for trained in models}
    if len(found) > 1:
        named = " and ".join(sorted(change or "nothing" for change in found))
        raise UsageError(
            f"the models change the text in different ways ({named}); train them alike"
        )
    if any(not np.array_equal(size, sizes[0]) for size in sizes):
        raise UsageError(
            "one model reads bytes that are no part of the text for another "
            "(a byte order mark?); take models of the same unit"
        )
