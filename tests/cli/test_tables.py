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

from charlm.cli import tabular
from tests.cli.conftest import Charlm, Maker
from tests.cli.walk import OPTIONS

NASTY = (
    '"I am glad," said she.\nHe said "No" to N/A and NA values.\n"\n""\nnull nan\n'
    "a\tb\\c\\\\\n\x00\x1b[31m\r\nlines\u2028and\x85ends\n'single' \"\" 中文\n  \nend"
)
ITEMS = [
    ['a "b",\n', "NA", "c\td"],
    ['He said, "No".', "x;\n", ""],
    ["", "", "N/A"],
    ["NA\tnull  two\r\nlines", "'", "\\n"],
]
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
# What is a table only where one is asked for.
ASKED = {
    "models": ("score", "m.charlm", HOSTILE_NAME, "nasty.txt", "--by", "word"),
    "items": ("score", "m.charlm", HOSTILE_NAME, "items.csv", "--text-column", 'a "b",\n'),
    "strangest": ("score", "m.charlm", "nasty.txt", 'x "y".txt', "--rank", "9"),
    "above": ("score", "m.charlm", "nasty.txt", "--by", "line", "--above", "3"),
    "summary": ("identify", "m.charlm", HOSTILE_NAME, "nasty.txt", "--summary"),
    "perplexity": ("perplexity", "m.charlm", "nasty.txt", "--against", HOSTILE_NAME),
    "conventions": ("perplexity", HOSTILE_NAME, 'x "y".txt', "--conventions"),
    "sample": ("sample", "m.charlm", "-n", "9", "--length", "40", "--seed", "1", "--prompt", '"'),
    "flow": ("gradients", "flow", "r.charlm", "nasty.txt", "--lags", "5"),
    "check": ("gradients", "check"),
    "trace": ("gradients", "trace", "--text", 'a "b"\n'),
    "matrix": ("info", "m.charlm", "--corpus", "nasty.txt"),
    "info": ("info", "m.charlm", "--text", NASTY.replace("\0", ""), "--history", '"'),
}


@pytest.fixture
def texts(charlm: Charlm, made: Maker) -> Charlm:
    for name in ("nasty.txt", 'x "y".txt'):
        Path(name).write_bytes(NASTY.encode())
    made(("train", "nasty.txt", "--order", "1", "-o", "m.charlm"))
    made(("train", "nasty.txt", "--order", "1", "--unit", "byte", "-o", HOSTILE_NAME))
    made(("train", "rnn", "nasty.txt", "--hidden", "4", "--steps", "2", "-o", "r.charlm"))
    with Path("items.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(ITEMS)
    return charlm


def read_csv(name: str) -> list[list[str]]:
    """The cells of a file of CSV, as Python's csv and pandas have them."""
    with Path(name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    frame = pandas.read_csv(name, keep_default_na=False, dtype=str)
    assert [list(frame.columns), *frame.to_numpy().tolist()] == rows
    plain = pandas.read_csv(name)
    assert len(plain) == len(rows) - 1
    words = {"NA", "N/A", "null", "nan", ""}  # which pandas takes for missing unless it is told
    for i, name in enumerate(plain.columns):
        if pandas.api.types.is_string_dtype(plain[name]):
            assert [
                (cell, row[i])
                for cell, row in zip(plain[name], rows[1:], strict=True)
                if cell != row[i] and row[i] not in words
            ] == []
    return rows


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


@pytest.mark.parametrize("name", [*(name for name in TABLES if name != "filter"), *ASKED])
def test_csv_has_the_same_cells_as_they_are(name: str, texts: Charlm) -> None:
    command = (TABLES | ASKED)[name]
    by_tabs, by_commas = texts(*command, "-o", "t.tsv"), texts(*command, "-o", "t.csv")
    assert (by_tabs.code, by_commas.code) == (0, 0), by_commas.err
    assert (by_tabs.out, by_commas.out) == ("", "")
    cells, (rows, frame) = read_csv("t.csv"), read(Path("t.tsv").read_text(encoding="utf-8"))
    assert rows == frame
    for row, others in zip(rows, cells, strict=True):  # a byte that is no UTF-8 is \\xNN in both
        pairs = zip(row, others, strict=True)
        assert all(b in (unescaped(a), *[a] * (name == "byte")) for a, b in pairs)
    assert len({len(row) for row in cells}) == 1 < len(cells)
    printed = texts(*command, "--csv")
    assert printed.out.encode() == Path("t.csv").read_bytes()
    assert printed.out.endswith("\r\n")  # RFC 4180


def test_every_command_that_gives_tables_is_here() -> None:
    tried = {arguments[:2] for arguments in (TABLES | ASKED).values()}
    tried |= {arguments[:1] for arguments in (TABLES | ASKED).values()}
    assert {path for path, option in OPTIONS if "--csv" in option.opts} <= tried


def test_no_word_is_missing_where_pandas_is_told(texts: Charlm) -> None:
    rows = read_csv_of(texts, "score", "m.charlm", "nasty.txt", "--by", "word", "--blank", "own")
    assert {"NA", "null", "nan"} <= {row[3] for row in rows}


def read_csv_of(charlm: Charlm, *command: str) -> list[list[str]]:
    assert charlm(*command, "-o", "some.csv").code == 0
    return read_csv("some.csv")


def test_tables_are_made_in_one_place() -> None:
    folder = Path(tabular.__file__).parent
    sources = {path.name: path.read_text() for path in folder.rglob("*.py")}
    joins = re.compile(r"""\\t["']\.join|\}\\t""")
    assert not [name for name, source in sources.items() if joins.search(source)]
