r"""Tables of tab-separated values load right where they are used: in pandas, and by Python's csv.

Nothing is told to either but that cells are divided by tabs, and, to pandas, that `NA` is a word.
Cells are as they were but for \\n and its like, which are escaped as in Python.
"""

import csv
import io
import re
from pathlib import Path

import pandas
import pytest

from charlm.cli import tsv
from tests.cli.conftest import Charlm

NASTY = (
    '"I am glad," said she.\nHe said "No" to N/A and NA values.\n"\n""\nnull nan\n'
    "a\tb\\c\\\\\n\x00\x1b[31m\r\nlines\u2028and\x85ends\n'single' \"\" 中文\n  \nend"
)
HOSTILE_NAME = 'a "b"\\\t.charlm'
TABLES = {
    "symbol": ("score", "m.charlm", "nasty.txt"),
    "character": ("score", "m.charlm", "nasty.txt", "--by", "character"),
    "word": ("score", "m.charlm", "nasty.txt", "--by", "word"),
    "line": ("score", "m.charlm", "nasty.txt", "--by", "line"),
    "top": ("score", "m.charlm", "nasty.txt", "--top", "3"),
    "against": ("score", "m.charlm", "nasty.txt", "--against", HOSTILE_NAME),
    "several": ("score", "m.charlm", "nasty.txt", 'x "y".txt'),
    "byte": ("score", HOSTILE_NAME, "nasty.txt"),
    "identify": ("identify", "m.charlm", HOSTILE_NAME, "nasty.txt"),
    "filter": ("filter", "m.charlm", 'x "y".txt', "--scores", "-"),
    "rank": ("rank", "m.charlm", "nasty.txt"),
}


@pytest.fixture
def texts(charlm: Charlm) -> Charlm:
    for name in ("nasty.txt", 'x "y".txt'):
        Path(name).write_bytes(NASTY.encode())
    charlm("train", "nasty.txt", "--order", "1", "-o", "m.charlm")
    charlm("train", "nasty.txt", "--order", "1", "--unit", "byte", "-o", HOSTILE_NAME)
    return charlm


def read(out: str) -> tuple[list[list[str]], list[list[str]]]:
    """The cells as Python's csv has them, and as pandas has them."""
    rows = list(csv.reader(io.StringIO(out, newline=""), delimiter="\t"))
    frame = pandas.read_csv(io.StringIO(out), sep="\t", keep_default_na=False, dtype=str)
    return rows, [list(frame.columns), *frame.to_numpy().tolist()]


def unescaped(cell: str) -> str:
    return cell.encode("latin-1", "backslashreplace").decode("unicode_escape")


@pytest.mark.parametrize("name", TABLES)
def test_pandas_and_csv_read_the_same_cells(name: str, texts: Charlm) -> None:
    result = texts(*TABLES[name])
    assert result.code == 0
    rows, frame = read(result.out)
    assert rows == frame
    assert len(rows) == result.out.count("\n")  # a row is a line: other tools count so
    assert len({len(row) for row in rows}) == 1
    assert len(pandas.read_csv(io.StringIO(result.out), sep="\t")) == len(rows) - 1


@pytest.mark.parametrize("name", ["symbol", "character", "word", "line"])
def test_the_cells_are_the_text(name: str, texts: Charlm) -> None:
    (heads, *rows), _ = read(texts(*TABLES[name]).out)
    column = heads.index("symbol" if name == "symbol" else "content")
    assert "".join(unescaped(row[column]) for row in rows) == NASTY


def test_the_lines_are_those_of_the_text(texts: Charlm) -> None:
    (heads, *rows), _ = read(texts(*TABLES["identify"]).out)
    assert heads[4] == HOSTILE_NAME.replace("\\", "\\\\").replace("\t", "\\t")
    assert [unescaped(row[-1]) for row in rows] == NASTY.replace("\r\n", "\n").split("\n")


def test_tables_are_made_in_one_place() -> None:
    folder = Path(tsv.__file__).parent
    sources = {path.name: path.read_text() for path in folder.rglob("*.py")}
    joins = re.compile(r"""\\t["']\.join|\}\\t""")
    assert not [name for name, source in sources.items() if joins.search(source)]
    using = {path for path in folder.rglob("*.py") if "import tsv" in path.read_text()}
    commands = {arguments[0] for arguments in TABLES.values()}
    assert {path.relative_to(folder).parts[0].removesuffix(".py") for path in using} == commands
