"""Tables of tab-separated values for programs: each row one line, each cell as it was.

What cannot stand on a line, and the backslash, is escaped as in Python (`text/escaping.py`). A cell
that holds a quotation mark is quoted, the mark doubled (RFC 4180), since pandas, R and Python's csv
take a bare one for the beginning of a quoted cell and read on over the ends of rows.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Any


class _Line:
    """Returns what is written to it, which is what `csv.writer` returns then."""

    def write(self, line: str) -> str:
        return line


def tsv(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Return each row as a line; texts among the cells are `escaped`."""
    return map(csv.writer(_Line(), "excel-tab", lineterminator="\n").writerow, rows)
