"""Holding out a part of a corpus to validate on.

Never the tail: the tail of a book is another chapter. Files give blocks, evenly spaced over all of
them and cut at line ends where there are any; lines as sequences give whole lines, drawn at
random.

Texts are read in pieces, a few times over: once for their lengths, once (blocks) for the line
ends near the cuts, and again whenever a part is read. Memory is that of a piece; whole lines
need 8 bytes a line besides, for the draw.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, pairwise

import numpy as np

from charlm.arrays import Booleans
from charlm.errors import UsageError
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding, decode_in_pieces
from charlm.text.pieces import (
    DOCUMENT,
    LINE_END,
    RereadableText,
    TextPieces,
    closed_lines,
    documents_of,
    whole_lines,
    within,
)
from charlm.text.tokenizer import TextPolicy

BLOCKS = 20  # at most; enough to meet every part of a book
SHORT_BLOCK = 500  # characters; shorter blocks are mostly seam, so fewer are taken
NEAR = SHORT_BLOCK // 2  # characters to look for a line end
LEAST = 50  # characters; a text that has no more to spare is not split
_BREAK = re.compile(f"[{LINE_END}{DOCUMENT}]")  # where a block may well begin

Range = tuple[int, int]  # of characters: where it begins and ends


@dataclass(frozen=True)
class HoldOut:
    """Which part of its texts a model is not trained on."""

    fraction: float
    seed: int
    decoding: Decoding

    def find(self, documents: Sequence[Document], policy: TextPolicy) -> tuple[str, ...]:
        """Return that part again, of each document that has one."""
        texts = decode_in_pieces(documents, units.get(policy.unit), self.decoding)
        rng = np.random.default_rng(self.seed)
        _, held_out = split(texts, self.fraction, policy.sequence, rng)
        return whole_documents(held_out)


def whole_documents(texts: Iterable[TextPieces]) -> tuple[str, ...]:
    """Return the documents of texts, those that are not empty."""
    return tuple(filter(None, chain.from_iterable(map(documents_of, texts))))


def split(
    texts: Sequence[TextPieces], fraction: float, sequence: str, rng: np.random.Generator
) -> tuple[list[TextPieces], list[TextPieces]]:
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
    texts: Sequence[TextPieces], fraction: float, rng: np.random.Generator
) -> tuple[list[TextPieces], list[TextPieces]]:
    texts = [RereadableText(partial(closed_lines, text)) for text in texts]
    ends = list(accumulate((sum(map(len, _lines(text))) for text in texts), initial=0))
    number = ends[-1]
    held_out = np.zeros(number, bool)
    held_out[rng.permutation(number)[: int(number * fraction)]] = True
    train: list[TextPieces] = []
    valid: list[TextPieces] = []
    for text, (low, high) in zip(texts, pairwise(ends), strict=True):
        train.append(RereadableText(partial(_chosen_lines, text, ~held_out[low:high])))
        valid.append(RereadableText(partial(_chosen_lines, text, held_out[low:high])))
    return train, valid


def _lines(text: TextPieces) -> Iterator[list[str]]:
    """Return the lines of each piece."""
    for piece in whole_lines(text):
        yield piece.removesuffix(LINE_END).split(LINE_END)


def _chosen_lines(text: TextPieces, chosen: Booleans) -> Iterator[str]:
    """Return the chosen lines of a text, each closed."""
    number = 0
    for lines in _lines(text):
        flags = chosen[number : number + len(lines)].tolist()
        number += len(lines)
        yield "".join(line + LINE_END for line, flag in zip(lines, flags, strict=True) if flag)


def _split_blocks(
    texts: Sequence[TextPieces], fraction: float
) -> tuple[list[TextPieces], list[TextPieces]]:
    ends = list(accumulate((sum(map(len, text)) for text in texts), initial=0))
    blocks = _blocks(texts, ends[-1], fraction)
    train: list[TextPieces] = []
    valid: list[TextPieces] = []
    for text, (start, end) in zip(texts, pairwise(ends), strict=True):
        inside = [(max(low, start) - start, min(high, end) - start) for low, high in blocks]
        inside = [(low, high) for low, high in inside if low < high]
        edges = [0, *chain(*inside), end - start]
        outside = list(zip(edges[::2], edges[1::2], strict=True))
        train.append(RereadableText(partial(within, text, outside)))
        valid.append(RereadableText(partial(within, text, inside)))
    return train, valid


def _blocks(texts: Sequence[TextPieces], length: int, fraction: float) -> list[Range]:
    """Return where each block begins and ends, evenly spaced over all texts."""
    size = int(length * fraction)
    if size < LEAST:
        return []
    number = max(1, min(BLOCKS, size // SHORT_BLOCK))
    middles = [(2 * i + 1) * length // (2 * number) for i in range(number)]
    half = size // number // 2
    starts = _line_starts(texts, [m + step for m in middles for step in (-half, half)])
    blocks = []
    position = 0
    for middle in middles:
        low = max(position, starts[middle - half])
        position = max(low, starts[middle + half])
        blocks.append((low, position))
    return blocks


def _line_starts(texts: Sequence[TextPieces], positions: Sequence[int]) -> dict[int, int]:
    """Return the first line start from each position on, or the position if none is near."""
    starts: dict[int, int] = {}
    end = 0
    for piece in chain.from_iterable(texts):
        start, end = end, end + len(piece)
        for position in positions:
            low, high = max(position, start), min(position + NEAR, end)
            if low < high and position not in starts:
                line_end = _BREAK.search(piece, low - start, high - start)
                if line_end is not None:
                    starts[position] = start + line_end.end()
    return {position: starts.get(position, position) for position in positions}
