"""Texts of any length to measure on: drawn from the shipped corpora, or the reader's own.

A drawn text goes on as the corpora go on after some other place with the same last 3 to 8
characters, how many being drawn anew each time: a Markov model of mixed order. So its n-grams grow
about as a real text's do: 60 M characters hold 14.7 M distinct n-grams of up to 8 characters, and
the first 64 M of text8 14.2 M.
"""

import gzip
import lzma
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.support.models import CORPORA

SOURCES = ("austen", "shakespeare")
CONTEXTS = range(3, 9)  # characters that two places must share; 8 fill a key
STREAMS = 1 << 14  # drawn side by side

Characters: TypeAlias = NDArray[np.uint8]


def read(path: Path) -> bytes:
    """The reader's own text, decompressed."""
    content = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(content)
    return gzip.decompress(content) if path.suffix == ".gz" else content


def drawn(length: int) -> bytes:
    """A text of so many ASCII characters, the same each time."""
    source = np.frombuffer(b"".join((CORPORA / f"{s}.txt").read_bytes() for s in SOURCES), np.uint8)
    source = source[source < 128]
    return _draw(source, length, np.random.default_rng(0)).tobytes()


def _draw(source: Characters, length: int, rng: np.random.Generator) -> Characters:
    places, groups = _same_contexts(source)
    rank = np.argsort(places)
    at = rng.integers(len(source), size=STREAMS)
    text = np.empty((-(-length // STREAMS), STREAMS), np.uint8)
    for row in text:
        first = rng.integers(len(groups))
        for i, (low, high) in enumerate(groups):
            part = at[(first + i) % len(groups) :: len(groups)]
            r = rank[part]
            part[:] = places[low[r] + (rng.random(len(part)) * (high[r] - low[r])).astype(int)]
        row[:] = source[at]
        at += 1
        at %= len(source)
    return text.T.ravel()[:length]


def _same_contexts(source: Characters) -> tuple[NDArray[np.int64], list[list[NDArray[np.int32]]]]:
    """All places by what stands before them, and by length of context, from where to where
    the places stand that share it.
    """
    keys = np.zeros(len(source), np.uint64)
    for back in range(1, CONTEXTS.stop):
        keys = keys << np.uint64(8) | np.roll(source, back).astype(np.uint64)
    places = np.argsort(keys)
    groups = []
    for length in CONTEXTS:
        context = keys[places] >> np.uint64(8 * (8 - length))
        starts = np.flatnonzero(np.append(True, context[1:] != context[:-1]))
        sizes = np.diff(starts, append=len(source))
        groups.append(
            [np.repeat(edge, sizes).astype(np.int32) for edge in (starts, starts + sizes)]
        )
    return places, groups
