"""How often each symbol comes after a context in texts: the counts behind "2 of 5".

    P(x | h) = n(h x) / n(h .)

is what maximum likelihood makes of them (`--smoothing mle`); what other smoothers and
networks say can be held beside it. Before each sequence stands START, so that a context may say
where the sequence begins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from charlm.arrays import Float64s, Holder, Ids, Integers
from charlm.text.tokenizer import Tokenizer

NO_END = -1


@dataclass(frozen=True, eq=False, repr=False)
class Followers(Holder):
    """How often each symbol came after a context: `counts` are by id, (V,)."""

    context: tuple[int, ...]
    counts: Integers

    @property
    def total(self) -> int:
        """How often the context came, and something after it."""
        return int(self.counts.sum())


@dataclass(frozen=True, eq=False, repr=False)
class Frequencies(Holder):
    """Texts to count in, (N,) ids, START before each sequence."""

    symbols: Ids
    vocab_size: int
    end: int | None

    @classmethod
    def of(cls, tokenizer: Tokenizer, texts: Iterable[Iterable[Ids]]) -> "Frequencies":
        """Put texts together that come in pieces, as `Tokenizer.encode_pieces` gives them."""
        start = np.array([tokenizer.start], np.int32)
        symbols = np.concatenate([start[:0], *(ids for text in texts for ids in (start, *text))])
        if tokenizer.end is not None:
            ends = np.flatnonzero(symbols == tokenizer.end) + 1
            symbols = np.insert(symbols, ends, tokenizer.start)
        return cls(symbols, tokenizer.vocab_size, tokenizer.end)

    @property
    def start(self) -> int:
        """Id of START."""
        return self.vocab_size

    def of_each(self) -> Float64s:
        """Count each symbol wherever it stands, (V + 1,)."""
        return np.bincount(self.symbols, minlength=self.vocab_size + 1).astype(np.float64)

    def followers(self, history: Sequence[int], order: int | None = None) -> Followers:
        """Count what comes after the longest end of a history that goes on somewhere in the texts.

        It has at most `order` symbols, START being one of them. Without an order the history may
        stand anywhere in a sequence, unless it is empty.
        """
        ends = [i for i, symbol in enumerate(history) if symbol == self._end]
        context = [self.start, *history[ends[-1] + 1 if ends else 0 :]]
        longest = min(len(context), max(1, len(context) - 1) if order is None else order)
        places, length = np.flatnonzero(self.symbols != self.start), 0
        for k in range(1, longest + 1):
            narrowed = places[self.symbols[places - k] == context[-k]]
            if not len(narrowed):
                break
            places, length = narrowed, k
        counts = np.bincount(self.symbols[places], minlength=self.vocab_size)
        return Followers(tuple(context[len(context) - length :]), counts)

    def pairs(self, rows: Ids, columns: Ids) -> Integers:
        """Count each symbol of `columns` after each of `rows`, (R, C)."""
        places = np.full((2, self.vocab_size + 1), -1)
        places[0, rows], places[1, columns] = range(len(rows)), range(len(columns))
        row, column = places[0, self.symbols[:-1]], places[1, self.symbols[1:]]
        wanted = (row >= 0) & (column >= 0)
        cells = row[wanted] * len(columns) + column[wanted]
        counts = np.bincount(cells, minlength=len(rows) * len(columns))
        return counts.reshape(len(rows), len(columns))

    @property
    def _end(self) -> int:
        return NO_END if self.end is None else self.end
