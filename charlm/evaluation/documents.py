"""Documents, few or millions, scored each by itself and summed up together."""

from collections.abc import Sequence
from math import inf, log
from time import perf_counter

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.evaluation import many
from charlm.evaluation.bits import Evaluation, evaluate, sizes_of, total
from charlm.evaluation.many import pieces, score_each
from charlm.progress import Progress, Report, silent
from charlm.text.many import encode_many
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel


def evaluate_all(
    trained: TrainedModel, texts: Sequence[str], report: Report = silent
) -> Evaluation:
    """Score several texts, as the model's unit decodes them, and sum up what they need together."""
    if len(texts) == 1:
        return evaluate(trained, texts[0], report)
    found, done = list[Evaluation](), 0
    for piece in pieces(texts, many.CHARS_PER_PIECE):
        found.append(_evaluate(trained, piece))
        done += len(piece)
        report(Progress("scoring", done, len(texts)))
    return total(found)


def _evaluate(trained: TrainedModel, texts: Sequence[str]) -> Evaluation:
    began, tokenizer = perf_counter(), trained.tokenizer
    encoded = encode_many(tokenizer, texts)
    bits = score_each(trained.model, encoded.ids, encoded.lengths)
    bits /= -log(2)
    bits += encoded.spelling
    unknown = encoded.ids == UNKNOWN
    sizes = [sizes_of(tokenizer.with_line_ends(text), tokenizer.unit) for text in texts]
    chars = [one for one, _ in sizes]
    return Evaluation(
        symbols=len(encoded.ids),
        chars=None if None in chars else sum(filter(None, chars)),
        bytes=sum(size for _, size in sizes),
        unknown_symbols=int(unknown.sum()),
        total_bits=float(bits.sum()),
        known_bits=float(bits[~unknown].sum()),
        seconds=perf_counter() - began,
        impossible=_first_impossible(trained, texts, encoded.lengths, bits),
        spelling_bits=float(encoded.spelling.sum()),
    )


def _first_impossible(
    trained: TrainedModel, texts: Sequence[str], lengths: Integers, bits: Float64s
) -> tuple[int, str] | None:
    """Return the first event of probability zero in the first text that has one."""
    places = np.flatnonzero(bits == inf)
    if not len(places):
        return None
    ends = np.cumsum(lengths)
    which = int(np.searchsorted(ends, places[0], "right"))
    place = int(places[0] - (ends - lengths)[which])
    return place, trained.tokenizer.cut(texts[which])[place]
