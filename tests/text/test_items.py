"""Tables of items: what Python's csv writes is read as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import CharlmError
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.items import Items, read_items

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def written(rows: list[list[str]], separator: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode()


def read(
    data: bytes, text: str = "sentence", name: str | None = None, file: str = "t.csv"
) -> Items:
    return read_items(Document(file, data), text, name)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3)), separator=st.sampled_from(",;\t"))
def test_what_was_written_is_read(rows: list[list[str]], separator: str) -> None:
    found = read(written([["cond", "sentence", "id"], *rows], separator), name="id")
    assert found.others == ("cond",)
    items = [(item.others[0], item.text, item.name) for item in found.items]
    assert items == [tuple(row) for row in rows]


def test_items_have_numbers_where_they_have_no_names() -> None:
    found = read(b"sentence,a\nx,1\n\ny,2\n")
    assert [(item.name, item.text) for item in found.items] == [("1", "x"), ("2", "y")]


def test_a_file_of_tabs_has_tabs() -> None:
    assert read(b"sentence\tb\nx,y\tz\n", file="t.tsv").items[0].text == "x,y"
    assert read(b"sentence\tb\nx,y\tz\n", file="t.tsv.gz").items[0].text == "x,y"
    assert read(b"\xef\xbb\xbfsentence,b\nx,y\n").items[0].text == "x"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "t.csv: is empty, and has no headings"),
        (b"Sentence,b\nx,y\n", "t.csv: has no column 'sentence', only 'Sentence', 'b'; did you "
                               "mean 'Sentence'?"),
        (b"a,b\nx,y\n", "t.csv: has no column 'sentence', only 'a', 'b'"),
        (b"sentence,sentence\nx,y\n", "t.csv: has 2 columns called 'sentence'"),
        (b"sentence,b\nx,y\nx\n", "t.csv: the row that ends on line 3 has 1 cells, and there are "
                                  "2 headings"),
        (b"sentence,b\nx,y,z\n", "t.csv: the row that ends on line 2 has 3 cells, and there are "
                                 "2 headings"),
        (b'sentence,b\n"x"y,z\n', "t.csv: line 2 is no row of CSV: ',' expected after '\"'"),
        (b'sentence,b\n"x,z\n', "t.csv: line 2 is no row of CSV: unexpected end of data"),
        (b"sentence,b\nx\xff,z\n", "t.csv: byte 12 (line 2) is not valid utf-8; try encoding=NAME, "
                                   "errors='replace' or unit='byte'"),
    ],
)  # fmt: skip
def test_what_is_no_such_table_is_one_line(data: bytes, message: str) -> None:
    with pytest.raises(CharlmError) as caught:
        read(data)
    assert str(caught.value) == message


def test_tables_have_an_encoding() -> None:
    document = Document("t.csv", "sentence,b\ncafé,y\n".encode("latin-1"))
    assert read_items(document, "sentence", None, Decoding("latin-1")).items[0].text == "café"
