"""An ARPA file as tables: its lines taken apart, before anything is made of them.

Here is what each line must look like by itself; whether n-grams fit together, `arpa.py` tells.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from charlm.errors import TextError
from charlm.ngram.config import HIGHEST_ORDER
from charlm.ngram.scoring import ROUNDING

LOG_ZERO, LARGEST_LOG = -99.0, 30.0


@dataclass(frozen=True)
class Table:
    """The n-grams of one length as a file gives them, and the lines they stand on."""

    names: list[list[str]]
    probability: list[float]
    backoff: list[float]
    lines: list[int]


class Reader:
    """Reads the lines of one file; an error names the file and the line.

    `renamed` has the names that stand for others.
    """

    def __init__(self, file: str, lines: Iterable[str], renamed: Mapping[str, str]):
        self.file, self.number = file, 0
        self._lines = iter(lines)
        self._renamed = renamed

    def fail(self, message: str, line: int | None = None) -> NoReturn:
        """Say what is wrong, and where."""
        raise TextError(f"{self.file}: line {line or self.number}: {message}")

    def next(self) -> str:
        """Give the next line that is not empty."""
        for line in self._lines:
            self.number += 1
            stripped = line.strip("\r\n\t ")
            if stripped:
                return stripped
        return self.fail("the file ends before \\end\\: is it cut off, or no ARPA file?")

    def tables(self) -> list[Table]:
        """Read the whole file."""
        while self.next() != "\\data\\":
            pass  # a preamble, which tools are to ignore
        sizes: list[int] = []
        pattern = r"ngram\s+(\d{1,3})\s*=\s*(\d{1,12})"
        while match := re.fullmatch(pattern, line := self.next()):
            if int(match[1]) != len(sizes) + 1:
                self.fail("lengths of n-grams must be counted from 1")
            sizes.append(int(match[2]))
        if not 1 <= len(sizes) <= HIGHEST_ORDER + 1 or not sizes[0]:
            self.fail("no believable numbers of n-grams")
        tables = []
        for k, size in enumerate(sizes, start=1):
            if line != f"\\{k}-grams:":
                self.fail(f"\\{k}-grams: is missing here; does the number of n-grams fit?")
            tables.append(self._table(k, size, longest=k == len(sizes)))
            line = self.next()
        if line != "\\end\\":
            self.fail("\\end\\ is missing here; does the number of n-grams fit?")
        return tables

    def _table(self, k: int, size: int, *, longest: bool) -> Table:
        table = Table([], [], [], [])
        for _ in range(size):
            parts = re.split("[ \t]+", self.next())
            if len(parts) not in (k + 1, k + 2 - longest):
                self.fail(f"is no {k}-gram with its numbers")
            table.names.append([self._renamed.get(name, name) for name in parts[1 : k + 1]])
            table.probability.append(self._probability(parts[0]))
            table.backoff.append(self._exponential(parts[k + 1]) if len(parts) > k + 1 else 1.0)
            table.lines.append(self.number)
        return table

    def _probability(self, text: str) -> float:
        value = self._exponential(text)
        if value > 1 + ROUNDING:
            self.fail(f"a probability of {value:g} cannot be")
        return min(value, 1.0)

    def _exponential(self, text: str) -> float:
        if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|-inf", text):
            self.fail(f"{text!r} is no number")
        log = float(text)
        if log > LARGEST_LOG:
            self.fail(f"{text!r} is too large a logarithm")
        return 0.0 if log <= LOG_ZERO else float(10.0**log)
