"""An ARPA file as tables: its lines taken apart, before anything is made of them.

Here is what each line must look like by itself; whether n-grams fit together, `reading.py` tells.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Float64s, Holder, Integers
from charlm.ngram.arpa.lines import LineReader, Names, Tokens
from charlm.ngram.config import HIGHEST_ORDER
from charlm.ngram.inference.scoring import ROUNDING

LOG_ZERO, LARGEST_LOG = -99.0, 30.0
NUMBER = rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
LONGEST_NUMBER = 64  # letters
ZEROS = (b"-inf", b"-infinity")  # logarithms of 0
FOREIGN = {
    "iARPA": "is an IRSTLM iARPA file, which holds no probabilities yet; "
    "`compile-lm FILE --text=yes FILE.arpa` makes an ARPA file of it",
    "qARPA": "is a quantized IRSTLM file; import the ARPA file it was made from",
}

_OF_NUMBERS = np.isin(np.arange(256), [0, *b"0123456789+-.eE"])


@dataclass(frozen=True, eq=False, repr=False)
class Table(Holder):
    """The n-grams of one length as a file gives them, and the lines they stand on.

    `names` has the place of each symbol among the 1-grams, (k, N), NOT_FOUND where it is missing.
    """

    names: Integers
    probability: NDArray[np.float32]
    backoff: NDArray[np.float32]
    lines: Integers


@dataclass(eq=False, repr=False)
class ArpaFile(Holder):
    """What a file holds: the names of the 1-grams, and a table for each length.

    `decimals` is with how many digits after the point its numbers are written.
    """

    lines: LineReader
    names: list[bytes] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    decimals: int = 0

    @classmethod
    def read(cls, name: str, blocks: Iterable[bytes]) -> "ArpaFile":
        """Read the whole file.

        Raises:
            TextError: it is foreign, cut off, or a line is not what it must be.
        """
        file = cls(LineReader(name, blocks))
        file._read()
        return file

    def _read(self) -> None:
        lines = self.lines
        while (line := lines.next()) != "\\data\\":  # a preamble, which tools are to ignore
            if line in FOREIGN:
                lines.fail(FOREIGN[line])
        sizes, line = self._sizes()
        for k, size in enumerate(sizes, start=1):
            if line == f"\\{k}-grams:":
                self.tables.append(self._table(k, size))
                line = lines.next()
            elif size:
                lines.fail(f"\\{k}-grams: is missing here; does the number of n-grams fit?")
            else:
                self.tables.append(_joined([], k))
        if line != "\\end\\":
            lines.fail("\\end\\ is missing here; does the number of n-grams fit?")

    def _sizes(self) -> tuple[list[int], str]:
        """Return how many n-grams of each length there are to be, and the line after that."""
        sizes: list[int] = []
        pattern = r"ngram\s+(\d{1,3})\s*=\s*(\d{1,12})"
        while match := re.fullmatch(pattern, line := self.lines.next()):
            if int(match[1]) != len(sizes) + 1:
                self.lines.fail("lengths of n-grams must be counted from 1")
            sizes.append(int(match[2]))
        if not 1 <= len(sizes) <= HIGHEST_ORDER + 1 or not sizes[0]:
            self.lines.fail("no believable numbers of n-grams")
        return sizes, line

    def _table(self, k: int, size: int) -> Table:
        parts = list(self._parts(k, size))
        if k == 1:
            self.index = Names(self._distinct(parts))
        return _joined(parts, k)

    def _parts(self, k: int, size: int) -> Iterator[Table]:
        """Read n-grams, many lines at once."""
        while size:
            tokens = self.lines.tokens(size)
            size -= len(tokens.line)
            length = np.diff(tokens.first)
            weighted = length == k + 2  # of the longest n-grams too, where it means nothing
            if not (weighted | (length == k + 1)).all():
                place = int(np.argmin(weighted | (length == k + 1)))
                self.lines.fail(f"is no {k}-gram with its numbers", int(tokens.line[place]))
            first = tokens.first[:-1]
            symbols = (first + 1 + np.arange(k)[:, None]).ravel()
            if k == 1:
                names = np.arange(len(self.names), len(self.names) + len(symbols))
                self.names += map(tokens.text, symbols.tolist())
            else:
                names = self.index.find(tokens, symbols)
            backoff = np.ones(len(first), np.float32)
            backoff[weighted] = self._exponentials(tokens, first[weighted] + k + 1)
            probability = self._probabilities(tokens, first).astype(np.float32)
            yield Table(names.reshape(k, -1), probability, backoff, tokens.line)

    def _distinct(self, parts: list[Table]) -> list[bytes]:
        """Return the names, of which none may come twice."""
        if len(set(self.names)) < len(self.names):
            first = {name: i for i, name in reversed(list(enumerate(self.names)))}
            twice = next(i for i, name in enumerate(self.names) if first[name] != i)
            line = np.concatenate([part.lines for part in parts])[twice]
            self.lines.fail("this n-gram stands here for the second time", int(line))
        return self.names

    def _probabilities(self, tokens: Tokens, which: Integers) -> Float64s:
        values = self._exponentials(tokens, which)
        if values.max() > 1 + ROUNDING:
            place = int(np.argmax(values))
            self.lines.fail(
                f"a probability of {values[place]:g} cannot be", int(tokens.line[place])
            )
        return np.minimum(values, 1.0)

    def _exponentials(self, tokens: Tokens, which: Integers) -> Float64s:
        """Return 10 to the power of each of some tokens, which are numbers."""
        logs = self._numbers(tokens, which)
        if (logs > LARGEST_LOG).any():
            self._refuse(tokens, which, logs > LARGEST_LOG, "is too large a logarithm")
        return np.where(logs > LOG_ZERO, 10.0 ** np.maximum(logs, LOG_ZERO), 0.0)

    def _numbers(self, tokens: Tokens, which: Integers) -> Float64s:
        starts, ends = tokens.starts[which], tokens.ends[which]
        width = min(LONGEST_NUMBER, int((ends - starts).max(initial=1)))
        places = starts[:, None] + np.arange(width)
        letters = np.frombuffer(tokens.data, np.uint8)[np.minimum(places, ends[:, None])]
        letters[places >= ends[:, None]] = 0
        strange = ~_OF_NUMBERS[letters].all(axis=1) | (ends - starts > width)
        is_zero = np.zeros(len(which), bool)
        for i in np.flatnonzero(strange).tolist():
            is_zero[i] = tokens.text(int(which[i])).lower() in ZEROS
        if (strange & ~is_zero).any():
            self._refuse(tokens, which, strange & ~is_zero, "is no number")
        self._count_decimals(letters[~strange], (ends - starts)[~strange])
        values = np.full(len(which), -np.inf)
        try:
            values[~strange] = letters[~strange].view(f"S{width}").ravel().astype(np.float64)
        except ValueError:
            texts = map(tokens.text, which.tolist())
            wrong = np.array([re.fullmatch(NUMBER, text) is None for text in texts])
            self._refuse(tokens, which, wrong & ~is_zero, "is no number")
        return values

    def _count_decimals(self, letters: NDArray[np.uint8], lengths: Integers) -> None:
        point = letters == ord(".")
        plain = point.any(axis=1) & ~np.isin(letters, list(b"eE")).any(axis=1)
        decimals = (lengths - 1 - np.argmax(point, axis=1))[plain]
        self.decimals = max(self.decimals, int(decimals.max(initial=0)))

    def _refuse(self, tokens: Tokens, which: Integers, wrong: Booleans, why: str) -> None:
        token = int(which[np.argmax(wrong)])
        line = int(np.searchsorted(tokens.first, token, side="right")) - 1
        text = tokens.text(token).decode(errors="replace")
        self.lines.fail(f"{text!r} {why}", int(tokens.line[line]))


def _joined(parts: list[Table], k: int) -> Table:
    """Put parts of a table together."""
    if not parts:
        empty = np.empty(0, np.float32)
        return Table(np.empty((k, 0), np.int64), empty, empty, np.empty(0, np.int64))
    return Table(
        names=np.concatenate([part.names for part in parts], axis=1),
        probability=np.concatenate([part.probability for part in parts]),
        backoff=np.concatenate([part.backoff for part in parts]),
        lines=np.concatenate([part.lines for part in parts]),
    )
