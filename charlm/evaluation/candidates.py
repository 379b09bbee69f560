"""Candidates ranked by one model: which of some texts is likeliest, given what stands before them.

    P(text | given) = 2^-bits        share = P(text | given) / sum of those of all candidates

A longer text is less likely, so that candidates of different lengths may be ranked by bits per
character instead. Where sequences are lines the end of each candidate's line counts too: "be" is
then not a mere beginning of "bee".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Float64s, Holder, Integers
from charlm.evaluation.many import TextBits, score_many
from charlm.progress import Report, silent
from charlm.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(Holder):
    """What each of some candidates costs, (N,), and their places in order, likeliest first, (N,).

    `shares` (N,) add up to one, where any candidate is possible at all.
    """

    found: TextBits
    order: Integers
    shares: Float64s


def rank(
    trained: TrainedModel,
    candidates: Sequence[str],
    given: str = "",
    *,
    per_char: bool = False,
    report: Report = silent,
) -> Ranking:
    """Rank texts, as the model's unit decodes them, by their bits, or by those per character."""
    found = score_many(trained, candidates, report, given)
    bits = found.bits / np.maximum(found.chars, 1) if per_char else found.bits
    return Ranking(found, np.argsort(bits, kind="stable"), _shares(found.bits))


def _shares(bits: Float64s) -> Float64s:
    least = bits.min(initial=np.inf)
    if least == np.inf:
        return np.zeros(len(bits))
    likelihoods = 2.0 ** (least - bits)
    return np.asarray(likelihoods / likelihoods.sum(), np.float64)
