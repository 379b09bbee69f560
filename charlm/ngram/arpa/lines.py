"""The lines of an ARPA file, one by one or many at once, and the tokens in them.

A file comes in blocks of bytes. NumPy finds the tokens of a block, which blanks separate, and which
of them stand on one line; a Python loop over the lines of a large file would take ten times longer,
and lists of them ten times the memory. Blanks are those that KenLM knows: space, tab, line end and
carriage return; anything else may be in a symbol.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Holder, Integers
from charlm.errors import TextError
from charlm.search import NOT_FOUND

BLANKS = b" \t\r\n"
LINE_END = ord("\n")
WORD = 8  # bytes looked at together
LONG_LINE = 256  # bytes, of which most lines have fewer
GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio, odd (Knuth 1973, 6.4)
SHIFT = 32

_IS_BLANK = np.isin(np.arange(256), list(BLANKS))
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)


@dataclass(frozen=True, eq=False, repr=False)
class Tokens(Holder):
    """The tokens of some lines that are not empty.

    Token t is `data[starts[t]:ends[t]]`, (T,). Those of line l are `first[l]` to `first[l + 1]`,
    (L + 1,), and it has the number `line[l]` in the file, (L,). After the last token stand `WORD`
    bytes more.
    """

    data: bytes
    starts: Integers
    ends: Integers
    first: Integers
    line: Integers

    @classmethod
    def of(cls, data: bytes, before: int) -> "Tokens":
        """Find the tokens of whole lines, `before` which stand so many."""
        letters = np.frombuffer(data, np.uint8)
        blank = np.concatenate([[True], _IS_BLANK[letters]])
        edges = np.flatnonzero(blank[1:] != blank[:-1])
        starts, ends = edges[::2], edges[1::2]
        line = np.searchsorted(np.flatnonzero(letters == LINE_END), starts)
        first = np.flatnonzero(np.diff(line, prepend=-1))
        numbers = line[first] + before + 1
        return cls(data + bytes(WORD), starts, ends, np.append(first, len(starts)), numbers)

    def text(self, token: int) -> bytes:
        """Return a token."""
        return self.data[self.starts[token] : self.ends[token]]

    def head(self, lines: int) -> "Tokens":
        """Return the first lines alone."""
        return Tokens(self.data, self.starts, self.ends, self.first[: lines + 1], self.line[:lines])


class LineReader:
    """Reads the lines of one file; an error names the file and the line."""

    def __init__(self, file: str, blocks: Iterable[bytes]):
        self.file, self.number = file, 0
        self._blocks = iter(blocks)
        self._data, self._at = b"", 0

    def fail(self, message: str, line: int | None = None) -> NoReturn:
        """Say what is wrong, and where."""
        raise TextError(f"{self.file}: line {line or self.number}: {message}")

    def next(self) -> str:
        """Return the next line that is not empty, without the blanks around it."""
        while True:
            self._fill()
            end = self._data.index(b"\n", self._at)
            line, self._at = self._data[self._at : end].strip(BLANKS), end + 1
            self.number += 1
            if line:
                return line.decode(errors="replace")

    def tokens(self, most: int) -> Tokens:
        """Return the tokens of the next lines: some that are not empty, `most` of them at most."""
        while True:
            self._fill()
            near = self._data.find(b"\n", self._at + most * LONG_LINE)
            end = near if near >= 0 else self._data.rindex(b"\n")
            found = Tokens.of(self._data[self._at : end + 1], self.number)
            if len(found.line) > most:
                found = found.head(most)
                end = self._data.index(b"\n", self._at + int(found.ends[found.first[-1] - 1]))
            self.number += self._data.count(b"\n", self._at, end + 1)
            self._at = end + 1
            if len(found.line):
                return found

    def _fill(self) -> None:
        """Have a whole line at hand."""
        if self._data.find(b"\n", self._at) >= 0:
            return
        parts = [self._data[self._at :]]
        for block in self._blocks:
            parts.append(block)
            if b"\n" in block:
                break
        else:  # the last line may lack its end
            parts.append(b"\n" if any(parts) else b"")
        self._data, self._at = b"".join(parts), 0
        if not self._data:
            self.fail("the file ends before \\end\\: is it cut off, or no ARPA file?")


class Names:
    """Distinct names, and which of them tokens are, looked up by hash and compared in full."""

    def __init__(self, names: list[bytes]):
        lengths = np.array(list(map(len, names)), np.int64)
        ends = np.cumsum(lengths)
        self._bytes = b"".join(names) + bytes(WORD)
        self._starts, self._lengths = ends - lengths, lengths
        for odd in count(1, 2):  # the first multiplier will do, but for names made against it
            self._multiplier = np.uint64(GOLDEN * odd % (1 << 64))
            hashes = self._hash(self._bytes, self._starts, self._lengths)
            self._order = np.argsort(hashes, kind="stable")
            self._hashes = hashes[self._order]
            if (self._hashes[1:] != self._hashes[:-1]).all():
                break

    def find(self, tokens: Tokens, which: Integers) -> Integers:
        """Return the place of each of some tokens among the names, NOT_FOUND of others."""
        starts = tokens.starts[which]
        lengths = tokens.ends[which] - starts
        hashes = self._hash(tokens.data, starts, lengths)
        place = np.searchsorted(self._hashes, hashes)
        found = self._order[np.minimum(place, len(self._order) - 1)]
        differs = self._lengths[found] != lengths
        same = np.flatnonzero(~differs)
        theirs = _words(self._bytes, self._starts[found[same]], lengths[same])
        for (at, own), (_, known) in zip(
            _words(tokens.data, starts[same], lengths[same]), theirs, strict=True
        ):
            differs[same[at[own != known]]] = True
        found[differs] = NOT_FOUND
        return found

    def _hash(self, data: bytes, starts: Integers, lengths: Integers) -> NDArray[np.uint64]:
        """Multiply and fold, word by word (Knuth 1973, 6.4)."""
        hashes = lengths.astype(np.uint64)
        for at, words in _words(data, starts, lengths):
            mixed = (hashes[at] ^ words) * self._multiplier
            hashes[at] = mixed ^ (mixed >> np.uint64(SHIFT))
        return hashes


def _words(
    data: bytes, starts: Integers, lengths: Integers
) -> Iterator[tuple[Integers, NDArray[np.uint64]]]:
    """Yield the next eight bytes of those strings that have any left: which they are, and them."""
    windows = np.ndarray((len(data) - WORD + 1,), "<u8", data, strides=(1,))
    at = np.arange(len(starts))
    for low in count(0, WORD):
        at = at[lengths[at] > low]
        if not len(at):
            return
        yield at, windows[starts[at] + low] & _MASKS[np.minimum(lengths[at] - low, WORD)]
