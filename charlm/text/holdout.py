"""Holding out a part of a text to validate on.

Never the tail: the tail of a book is another chapter. A file gives evenly spaced blocks, cut at
line ends where there are any; lines as sequences give whole lines, drawn at random.
"""

import numpy as np

from charlm.errors import UsageError
from charlm.text.tokenizer import LINE_END

BLOCKS = 20  # at most; enough to meet every part of a book
SHORTEST_BLOCK = 500  # characters; shorter blocks are mostly seam


def split(text: str, fraction: float, sequence: str, rng: np.random.Generator) -> tuple[str, str]:
    """Split a text into its training part and its held-out part.

    Raises:
        UsageError: the fraction is not in [0, 1).
    """
    if not 0 <= fraction < 1:
        raise UsageError("the held-out fraction must be at least 0 and below 1")
    if sequence == "line":
        return _split_lines(text, fraction, rng)
    return _split_blocks(text, fraction)


def _split_lines(text: str, fraction: float, rng: np.random.Generator) -> tuple[str, str]:
    lines = text.split(LINE_END)
    if not lines[-1]:
        lines.pop()
    held_out = set(rng.permutation(len(lines))[: int(len(lines) * fraction)].tolist())
    parts: tuple[list[str], list[str]] = ([], [])
    for i, line in enumerate(lines):
        parts[i in held_out].append(line + LINE_END)
    return "".join(parts[0]), "".join(parts[1])


def _split_blocks(text: str, fraction: float) -> tuple[str, str]:
    blocks = min(BLOCKS, int(len(text) * fraction) // SHORTEST_BLOCK)
    train, held_out, position = [], [], 0
    for i in range(blocks):
        middle = (2 * i + 1) * len(text) // (2 * blocks)
        half = int(len(text) * fraction / blocks / 2)
        low = max(position, _line_start(text, middle - half))
        high = max(low, _line_start(text, middle + half))
        train.append(text[position:low])
        held_out.append(text[low:high])
        position = high
    return "".join([*train, text[position:]]), "".join(held_out)


def _line_start(text: str, position: int) -> int:
    """Give the first line start from the position on, or the position if none is near."""
    line_end = text.find(LINE_END, position, position + SHORTEST_BLOCK // 2)
    return position if line_end < 0 else line_end + 1
