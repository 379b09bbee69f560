import json
from pathlib import Path

import pandas
import pytest

from charlm.errors import TextError
from charlm.text import batches, corpus
from charlm.text.batches import Batch, Reading, with_field
from charlm.text.corpus import Document
from charlm.text.rows import Format, Rows

JSON_LINES = Rows(Format.JSON_LINES)
DATA = (
    b'\xef\xbb\xbf{"text": "one", "id": 1}\r\n\n  \n{"id": 2, "text": null}\n'
    b'{"text" :"\\u00e9"}  \n{"text": "last"}'
)


def all_of(documents: list[Document], **options: object) -> Batch:
    found = list(Reading(**options).batches(documents))  # type: ignore[arg-type]
    return Batch([row for part in found for row in part.rows], sum(part.bad for part in found),
                 found[-1].read)  # fmt: skip


@pytest.mark.parametrize("block", [4, 30, 1 << 20])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_rows_stand_as_they_stood(block: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "BLOCK_BYTES", block)
    monkeypatch.setattr(batches, "BYTES", size)
    documents = [Document(name, DATA, rows=JSON_LINES) for name in "ab"]
    found = all_of(documents)
    assert [row.text for row in found.rows] == ["one", "", "é", "last"] * 2
    assert [row.number for row in found.rows] == [1, 4, 5, 6] * 2
    assert [row.file for row in found.rows] == [0] * 4 + [1] * 4
    blanks = b"\n  \n"
    assert b"".join(row.line for row in found.rows) == 2 * (DATA + b"\n").replace(blanks, b"")
    assert found.read == 2 * len(DATA)


def test_lines_are_documents_or_whole_files_are() -> None:
    documents = [Document("a", b"one\r\n\n two\n"), Document("b", "drei é".encode())]
    lines = all_of(documents)
    assert [row.text for row in lines.rows] == ["one", " two", "drei é"]
    assert [row.line for row in lines.rows] == [b"one\r\n", b" two\n", "drei é\n".encode()]
    whole = all_of([*documents, Document("empty", b"")], whole=True)
    assert [json.loads(row.line) for row in whole.rows] == [
        {"file": "a", "text": "one\r\n\n two\n"},
        {"file": "b", "text": "drei é"},
    ]


def test_parquet_becomes_json(tmp_path: Path) -> None:
    path = tmp_path / "docs.parquet"
    table = pandas.DataFrame({"id": [1, 2], "text": ["é", None], "when": pandas.Timestamp(0)})
    table.to_parquet(path)
    found = all_of(corpus.read([str(path)]))
    assert [row.text for row in found.rows] == ["é", ""]
    assert json.loads(found.rows[0].line) == {"id": 1, "text": "é", "when": "1970-01-01 00:00:00"}


def test_bad_rows_are_named_or_counted() -> None:
    data = b'{"text": "a"}\n{"text":\n{"text": "\xff"}\n{"text": 3}\n{"text": "b"}\n'
    document = Document("docs.jsonl", data, rows=JSON_LINES)
    with pytest.raises(TextError, match=r"docs\.jsonl:2: is not JSON"):
        all_of([document])
    found = all_of([document], skip_bad=True)
    assert [row.text for row in found.rows] == ["a", "b"]
    assert [row.number for row in found.rows] == [1, 5]
    assert found.bad == 3
    with pytest.raises(TextError, match=r"lines:2: is not valid UTF-8 \(byte 1 of the line\)"):
        all_of([Document("lines", b"a\nb\xff\n")])


def test_a_field_is_added_at_the_end_and_nothing_else_changes() -> None:
    line = b'{"text" : "}", "id":1}\r\n'
    assert with_field(line, "bits", 2.5) == b'{"text" : "}", "id":1, "bits": 2.500000}\r\n'
    assert json.loads(with_field(line, "bits é", float("inf")))["bits é"] is None
    with pytest.raises(TextError, match="docs:1: has a field 'id' already"):
        all_of([Document("docs", line, rows=JSON_LINES)], new_field="id")
