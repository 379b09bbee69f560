"""Texts and lines that know nothing of each other: each is read as if only a line end came before.

So an experiment is scored, whose sentences do not go on from each other, and a log. A model whose
sequences are lines reads lines so anyway. One of whole files would carry what it read on into the
next line; here it begins each as it would begin a line of its own text (`identification.py` says
what that is worth), or with the empty history if it knows no line end.
"""

import re
from collections.abc import Iterator, Sequence
from math import log
from time import perf_counter

import numpy as np

from charlm.arrays import Float64s, Ids
from charlm.evaluation.bits import SymbolBits
from charlm.evaluation.many import score_each
from charlm.progress import Progress, Report, silent
from charlm.trained import TrainedModel

RESETS = ("line", "never")  # where a model forgets what it has read
SYMBOLS_TOGETHER = 1 << 17  # scored between two progress reports, about
NOTHING: Ids = np.empty(0, np.int32)  # given
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def score_lines(
    trained: TrainedModel, text: str, report: Report = silent, given: Ids = NOTHING
) -> SymbolBits:
    """Say what each symbol of a text costs, no line knowing of those before it, (T,).

    What is `given`, (G,), stands before each line, and costs nothing.
    """
    began = perf_counter()
    scored = score_texts(trained, _LINE.findall(text), report, given)
    empty = np.empty(0)
    return SymbolBits(
        np.concatenate([np.empty(0, np.int32), *(line.ids for line in scored)]),
        np.concatenate([empty, *(line.bits for line in scored)]),
        np.concatenate([empty, *(line.spelling for line in scored)]),
        perf_counter() - began,
    )


def score_texts(
    trained: TrainedModel, texts: Sequence[str], report: Report = silent, given: Ids = NOTHING
) -> list[SymbolBits]:
    """Say what each symbol of some texts costs, no text knowing of the others.

    Each is closed where lines are sequences. What is `given`, (G,), stands before each.
    """
    encoded = list(map(trained.tokenizer.encode, texts))
    scored = []
    for low, high in _together(encoded):
        began = perf_counter()
        bits = _bits(trained, encoded[low:high], given)
        seconds = (perf_counter() - began) / (high - low)
        for text, ids, own in zip(texts[low:high], encoded[low:high], bits, strict=True):
            spelling = trained.tokenizer.spelling_bits(text, ids)
            scored.append(SymbolBits(ids, own + spelling, spelling, seconds))
        report(Progress("scoring", high, len(texts)))
    return scored


def _bits(trained: TrainedModel, encoded: Sequence[Ids], given: Ids) -> list[Float64s]:
    """Return -log2 P of the symbols of each text."""
    before = np.concatenate([trained.tokenizer.line_end, given])
    read = [part for ids in encoded for part in (before, ids)]
    lengths = np.array([len(before) + len(ids) for ids in encoded], np.int64)
    log_probs = score_each(trained.model, np.concatenate(read), lengths)
    parts = np.split(0.0 - log_probs / log(2), np.cumsum(lengths)[:-1])
    return [part[len(before) :] for part in parts]


def _together(encoded: Sequence[Ids]) -> Iterator[tuple[int, int]]:
    """Cut texts into runs that have about as many symbols as are scored together."""
    low = symbols = 0
    for i, ids in enumerate(encoded):
        symbols += len(ids)
        if symbols >= SYMBOLS_TOGETHER:
            yield low, i + 1
            low, symbols = i + 1, 0
    if low < len(encoded):
        yield low, len(encoded)
