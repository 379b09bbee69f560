"""Holding out a part of a corpus to validate on.

Never the tail: the tail of a book is another chapter. Files give blocks, evenly spaced over all of
them and cut at line ends where there are any; lines as sequences give whole lines, drawn at
random.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from charlm.errors import UsageError
from charlm.text.tokenizer import LINE_END

BLOCKS = 20  # at most; enough to meet every part of a book
SHORT_BLOCK = 500  # characters; shorter blocks are mostly seam, so fewer are taken
LEAST = 50  # characters; a text that has no more to spare is not split


def split(
    texts: Sequence[str], fraction: float, sequence: str, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Split texts: give the training part and the held-out part of each.

    Raises:
        UsageError: the fraction is not in [0, 1).
    """
    if not 0 <= fraction < 1:
        raise UsageError("the held-out fraction must be at least 0 and below 1")
    if sequence == "line":
        return _split_lines(texts, fraction, rng)
    return _split_blocks(texts, fraction)


def _split_lines(
    texts: Sequence[str], fraction: float, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    lines = [text.removesuffix(LINE_END).split(LINE_END) if text else [] for text in texts]
    number = sum(map(len, lines))
    held_out = np.zeros(number, bool)
    held_out[rng.permutation(number)[: int(number * fraction)]] = True
    chosen = iter(held_out.tolist())
    train, valid = [], []
    for text_lines in lines:
        parts: tuple[list[str], list[str]] = ([], [])
        for line in text_lines:
            parts[next(chosen)].append(line + LINE_END)
        train.append("".join(parts[0]))
        valid.append("".join(parts[1]))
    return train, valid


def _split_blocks(texts: Sequence[str], fraction: float) -> tuple[list[str], list[str]]:
    whole = "".join(texts)
    blocks = list(_blocks(whole, fraction))
    train, valid = [], []
    for end, text in zip(accumulate(map(len, texts)), texts, strict=True):
        start = end - len(text)
        inside = [(max(low, start), min(high, end)) for low, high in blocks]
        inside = [(low, high) for low, high in inside if low < high]
        edges = [start, *(edge for block in inside for edge in block), end]
        train.append("".join(whole[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)))
        valid.append("".join(whole[low:high] for low, high in inside))
    return train, valid


def _blocks(text: str, fraction: float) -> Iterator[tuple[int, int]]:
    """Give where each block begins and ends, evenly spaced."""
    size = int(len(text) * fraction)
    if size < LEAST:
        return
    number = max(1, min(BLOCKS, size // SHORT_BLOCK))
    position = 0
    for i in range(number):
        middle = (2 * i + 1) * len(text) // (2 * number)
        low = max(position, _line_start(text, middle - size // number // 2))
        position = max(low, _line_start(text, middle + size // number // 2))
        yield low, position


def _line_start(text: str, position: int) -> int:
    """Give the first line start from the position on, or the position if none is near."""
    line_end = text.find(LINE_END, position, position + SHORT_BLOCK // 2)
    return position if line_end < 0 else line_end + 1
