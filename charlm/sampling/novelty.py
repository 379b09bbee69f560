"""How much of a sample is new, and how much of it was copied from a text.

Two figures: the longest run of symbols that stands in the text as it does in the sample, and the
share of the sample's n-grams that the text does not have. `matching.py` finds both.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from charlm.arrays import Ids
from charlm.sampling.matching import Matching
from charlm.text.corpus import Document
from charlm.text.pieces import DOCUMENT, LINE_END, TextPieces, whole_lines
from charlm.text.tokenizer import Tokenizer
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel

CHUNK = 1 << 20  # symbols of the text looked at together; what is known of them stays in the cache
LENGTHS = (2, 4, 8, 16, 32)  # of the n-grams that are counted


@dataclass(frozen=True)
class Novelty:
    """What is new in a sample, or in several together.

    The longest copy begins at symbol `place` of sample `sample`. Of `ngrams[n]` n-grams, `new[n]`
    are not in the text.
    """

    symbols: int
    longest_copy: int
    sample: int
    place: int
    ngrams: dict[int, int] = field(hash=False)
    new: dict[int, int] = field(hash=False)

    def __repr__(self) -> str:
        shares = {n: round(self.share_new(n) or 0.0, 4) for n in self.ngrams if self.ngrams[n]}
        return (
            f"Novelty(symbols={self.symbols}, longest_copy={self.longest_copy}, "
            f"sample={self.sample}, place={self.place}, share_new={shares})"
        )

    def share_new(self, n: int) -> float | None:
        """Return the share of n-grams that are new; None where the sample is shorter."""
        return self.new[n] / self.ngrams[n] if self.ngrams[n] else None


def novelty(samples: Sequence[Ids], texts: Iterable[Iterable[Ids]]) -> list[Novelty]:
    """Compare each sample with texts, which come in pieces. UNKNOWN is like nothing there."""
    matching = Matching(samples)
    for text in texts:
        for chunk in chunks(text, matching.longest):
            matching.meet(chunk)
    new = {n: matching.unseen(n) for n in LENGTHS}
    return [
        Novelty(
            symbols=len(sample),
            longest_copy=int(matching.copied[i]),
            sample=i,
            place=int(matching.place[i]),
            ngrams={n: max(0, len(sample) - n + 1) for n in LENGTHS},
            new={n: int(new[n][i]) for n in LENGTHS},
        )
        for i, sample in enumerate(samples)
    ]


def ids_of(tokenizer: Tokenizer, text: TextPieces) -> Iterator[Ids]:
    """Return the ids of a text in pieces; no copy goes over from one document to the next."""
    for ids in tokenizer.encode_pieces(text):
        ids[ids == tokenizer.start] = UNKNOWN
        yield ids


def whole_lines_of(text: TextPieces, lines: Iterable[str]) -> set[str]:
    """Return those of some lines, without line ends, that are lines of a text."""
    wanted, found = set(lines), set[str]()
    for piece in whole_lines(text):
        found |= wanted.intersection(piece.split(LINE_END))
    return found


def together(parts: Sequence[Novelty]) -> Novelty:
    """Add up samples; the longest copy is the longest of all."""
    longest = max(parts, key=lambda part: part.longest_copy)
    return Novelty(
        symbols=sum(part.symbols for part in parts),
        longest_copy=longest.longest_copy,
        sample=longest.sample,
        place=longest.place,
        ngrams={n: sum(part.ngrams[n] for part in parts) for n in LENGTHS},
        new={n: sum(part.new[n] for part in parts) for n in LENGTHS},
    )


def chunks(text: Iterable[Ids], longest: int) -> Iterator[Ids]:
    """Put pieces together so that each window of up to `longest` symbols is whole in one chunk."""
    size, overlap = max(CHUNK, 2 * longest), max(0, longest - 1)
    waiting: list[Ids] = []
    fresh = 0
    for piece in text:
        for low in range(0, len(piece), size):
            part = piece[low : low + size]
            waiting.append(part)
            fresh += len(part)
            if fresh >= size:
                chunk = np.concatenate(waiting)
                yield chunk
                waiting, fresh = [chunk[max(0, len(chunk) - overlap) :]], 0
    if fresh:
        yield np.concatenate(waiting)


def known_texts(trained: TrainedModel, documents: Iterable[Document]) -> Callable[[str], bool]:
    """Return what tells whether a sample stands in texts, which are read as the model's own were.

    Where sequences are lines it is one of their lines; else it stands anywhere in one of them.

    Raises:
        TextError: a text cannot be read or decoded.
    """
    tokenizer, record = trained.tokenizer, trained.record
    read = record.encoding or "utf-8", record.errors or "strict"
    texts = ["".join(tokenizer.prepare_pieces(d.pieces(tokenizer.unit, *read))) for d in documents]
    if tokenizer.end is None:
        return lambda sample: any(sample in text for text in texts)
    ended = (text.replace(DOCUMENT, LINE_END) for text in texts)
    lines = {line for text in ended for line in text.split(LINE_END)}
    return lambda sample: sample in lines
