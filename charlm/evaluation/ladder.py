"""A ladder to hold a model's figure against: what simple means need for the same text.

    uniform   log2 of the number of distinct characters: knowing nothing but the alphabet
    unigram   entropy of the characters' own frequencies: knowing how often each occurs
    gzip, xz  the text compressed, alone: finding repetitions

All in bits a character. To compress a long text takes longer than to score it, so that this is left
out unless it is wanted. A model that cannot beat the unigram has learnt nothing; one that beats xz
knows the language from elsewhere. The first two get the text's own frequencies for free, so they
are a little too low.
"""

import gzip
import lzma
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2

import numpy as np

from charlm.text.code_points import code_points

SOON_COMPRESSED = 1 << 20  # bytes: half a second
LONGEST_COMPRESSED = 1 << 23  # bytes: xz takes some seconds


@dataclass(frozen=True)
class Ladder:
    """The rungs for a text, in bits per character, by name; and the size of the text."""

    chars: int = 0
    bytes: int = 0
    rungs: Mapping[str, float] = field(default_factory=dict)

    @property
    def bytes_per_char(self) -> float:
        """Mean length of a character in UTF-8."""
        return self.bytes / (self.chars or 1)


def ladder(text: str, longest: float = SOON_COMPRESSED) -> Ladder:
    """Return the rungs for a text; none for an empty text.

    A text of more than `longest` bytes is not compressed.
    """
    if not text:
        return Ladder()
    counts = np.unique(code_points(text), return_counts=True)[1]
    share = counts / len(text)
    rungs = {
        "uniform": log2(len(counts)),
        "unigram": float(-(share * np.log2(share)).sum()),
    }
    data = text.encode()
    if len(data) <= longest:
        rungs["gzip"] = 8 * len(gzip.compress(data, 9)) / len(text)
        rungs["xz"] = 8 * len(lzma.compress(data, preset=9)) / len(text)
    return Ladder(len(text), len(data), rungs)
