"""A ladder to hold a model's figure against: what simple means need for the same text.

    uniform   log2 of the number of distinct characters: knowing nothing but the alphabet
    unigram   entropy of the characters' own frequencies: knowing how often each occurs
    gzip, xz  the text compressed, alone: finding repetitions

All in bits a character; long texts are not compressed, which would take longer than the models.
A model that cannot beat the unigram has learnt nothing; one that beats xz knows the language from
elsewhere. The first two are told the text's own frequencies for free, so they flatter.
"""

import gzip
import lzma
from math import log2

import numpy as np

from charlm.text.code_points import code_points

LONGEST_COMPRESSED = 1 << 23  # bytes: xz takes some seconds


def ladder(text: str) -> dict[str, float]:
    """Give the rungs for a text, in bits per character; none for an empty text."""
    if not text:
        return {}
    data = text.encode()
    counts = np.unique(code_points(text), return_counts=True)[1]
    share = counts / len(text)
    rungs = {
        "uniform": log2(len(counts)),
        "unigram": float(-(share * np.log2(share)).sum()),
    }
    if len(data) <= LONGEST_COMPRESSED:
        rungs["gzip"] = 8 * len(gzip.compress(data, 9)) / len(text)
        rungs["xz"] = 8 * len(lzma.compress(data, preset=9)) / len(text)
    return rungs
