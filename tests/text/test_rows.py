"""Rows of JSON lines and Parquet: each a text, as the `json` module and pandas read them."""

import gzip
import json
import sys
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import TextError, UsageError
from charlm.text import corpus, units
from charlm.text.corpus import Document
from charlm.text.pieces import DOCUMENT
from charlm.text.rows import Format, RowOptions, Rows

CHAR, BYTE = units.get("char"), units.get("byte")
TEXTS = ["one", "", "two\r\nlines\n", "中文 \u2028 \0 \\ \"'", "x" * 3000]


def of(data: bytes, column: str = "text", **options: str) -> list[str]:
    document = Document("docs.jsonl", data, rows=Rows(Format.JSON_LINES, column))
    return list(document.texts(CHAR, **options))


def lines(texts: list[str], end: str = "\n", *, ensure_ascii: bool = True) -> bytes:
    rows = [{"id": i, "text": text} for i, text in enumerate(texts)]
    return "".join(json.dumps(row, ensure_ascii=ensure_ascii) + end for row in rows).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", " \n"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_rows_are_what_was_written(end: str, ensure_ascii: bool) -> None:
    data = lines(TEXTS, end, ensure_ascii=ensure_ascii)
    assert of(data) == of(data.removesuffix(end.encode())) == of(b"\xef\xbb\xbf" + data) == TEXTS


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]))), block=st.integers(4, 99))
def test_blocks_change_nothing(texts: list[str], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "BLOCK_BYTES", block)
        assert of(lines(texts)) == of(lines(texts, ensure_ascii=False)) == texts


def test_null_is_an_empty_text() -> None:
    assert of(b'{"text": null}\n{"text": "a"}') == ["", "a"]


def test_a_mark_begins_each_and_is_none_of_them() -> None:
    document = Document("docs", lines(["é", "b"]), rows=Rows(Format.JSON_LINES))
    assert "".join(document.pieces(CHAR)) == f"{DOCUMENT}é{DOCUMENT}b"
    assert document.text(CHAR) == "éb"
    assert list(document.texts(BYTE)) == ["é".encode().decode("latin-1"), "b"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"docs.jsonl:2: is not JSON: Expecting property name .*\(character 2\)"),
        ('{"text": "a"', r"docs.jsonl:2: is not JSON: Expecting ',' delimiter \(character 13\)"),
        ('"a"', "docs.jsonl:2: is a string, and not an object with a column 'text'"),
        ('{"text": 3}', "docs.jsonl:2: column 'text' holds a number, and not a text"),
        ('{"text": ["a"]}', "docs.jsonl:2: column 'text' holds a list, and not a text"),
        ('{"text": true}', "docs.jsonl:2: column 'text' holds true or false, and not a text"),
        ('{"id": 1, "body": "a"}', "docs.jsonl:2: has no column 'text'; there are id, body; try"),
        ("{}", "docs.jsonl:2: has no column 'text', and no other"),
        (r'{"text": "a\ud83d"}', r"docs.jsonl:2: column 'text' has half a character, '\\ud83d'"),
        ("[" * 100000, "docs.jsonl:2: is nested too deeply"),
    ],
)
def test_a_bad_row_is_named_in_a_line(line: str, message: str) -> None:
    with pytest.raises(TextError, match=message) as error:
        of(b'{"text": "a"}\n' + line.encode() + b"\n")
    assert "\n" not in str(error.value)


def test_half_characters_can_be_replaced_or_left_out() -> None:
    data = rb'{"text": "a\ud83db"}'
    assert of(data, errors="replace") == ["a\ufffdb"]
    assert of(data, errors="ignore") == ["ab"]
    assert of(rb'{"text": "\ud83d\ude00"}') == ["😀"]


def test_bytes_that_are_no_text_are_named_with_their_line() -> None:
    with pytest.raises(TextError, match=r"docs.jsonl: byte 24 \(line 2\) is not valid utf-8"):
        of(b'{"text": "a"}\n{"text": "\xff"}')
    assert of('{"text": "é"}'.encode("latin-1"), encoding="latin-1") == ["é"]


NAMES = {
    "a.jsonl": Format.JSON_LINES, "a.JSONL.gz": Format.JSON_LINES, "a.ndjson": Format.JSON_LINES,
    "a.jsonl.zst": Format.JSON_LINES, "a.parquet": Format.PARQUET, "a.txt": None, "jsonl": None,
    "a.jsonl.txt": None,
}  # fmt: skip


@pytest.mark.parametrize(("name", "form"), NAMES.items())
def test_names_tell_what_has_rows(name: str, form: Format | None) -> None:
    assert RowOptions().format_of(name, b"{") is form
    assert RowOptions(as_text=True).format_of(name, b"{") is None


def test_so_does_the_beginning_where_a_column_is_named() -> None:
    named = RowOptions("body")
    assert named.format_of("-", b' \n{"body"') is Format.JSON_LINES
    assert named.format_of("a.txt", b"Once upon") is None
    assert RowOptions().format_of("-", b"PAR1") is Format.PARQUET
    with pytest.raises(UsageError, match="has no column"):
        RowOptions("body", as_text=True)


def test_files_are_found_compressed_too(tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl.gz"
    path.write_bytes(gzip.compress(lines(TEXTS)))
    (document,) = corpus.read([str(path)])
    assert list(document.texts(CHAR)) == TEXTS
    assert document.fingerprint == Document("docs", lines(TEXTS)).fingerprint


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
def test_parquet_is_what_pandas_wrote(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "docs.parquet"
    table = pandas.DataFrame({"id": range(5), "text": TEXTS})
    table.to_parquet(path, compression=compression, row_group_size=2)  # type: ignore[call-overload]
    (document,) = corpus.read([str(path)])
    assert list(document.texts(CHAR)) == TEXTS
    assert document.sha256 == Document("raw", path.read_bytes()).sha256


def test_parquet_has_nulls_and_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "data"
    columns = {"text": ["a", None], "number": [1, 2], "kind": pyarrow.array(["x", "x"])}
    table = pyarrow.table(columns)
    table = table.set_column(2, "kind", table["kind"].dictionary_encode())
    pyarrow.parquet.write_table(table, path)
    texts = {c: list(corpus.read([str(path)], options=RowOptions(c))[0].texts(CHAR))
             for c in ("text", "kind")}  # fmt: skip
    assert texts == {"text": ["a", ""], "kind": ["x", "x"]}
    for column, message in {
        "number": "column 'number' holds int64, not texts",
        "body": "has no column 'body'; there are text, number, kind; try column=NAME",
    }.items():
        with pytest.raises(TextError, match=message):
            list(corpus.read([str(path)], options=RowOptions(column))[0].texts(CHAR))


def test_damaged_parquet_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "docs.parquet"
    path.write_bytes(b"PAR1 and no more PAR1")
    with pytest.raises(TextError, match=r"docs.parquet: cannot be read: damaged Parquet file \("):
        list(corpus.read([str(path)])[0].texts(CHAR))


def test_without_pyarrow_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    document = Document("docs.parquet", b"PAR1", rows=Rows(Format.PARQUET))
    with pytest.raises(TextError, match=r"cannot be read: .* 'charlm-cli\[parquet\]'"):
        list(document.texts(CHAR))
