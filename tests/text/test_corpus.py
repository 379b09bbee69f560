import bz2
import gzip
import io
import lzma
import os
import sys
from pathlib import Path

import pytest

from charlm.errors import TextError, UsageError
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.units import UNITS

CHAR, BYTE = UNITS["char"], UNITS["byte"]


def test_line_ends_are_kept() -> None:
    assert Document("a", b"a\r\nb\rc\n").text(CHAR) == "a\r\nb\rc\n"


def test_byte_order_mark_is_taken_off_but_not_from_bytes() -> None:
    document = Document("a", b"\xef\xbb\xbfa")
    assert document.text(CHAR) == "a"
    assert document.text(BYTE) == "ï»¿a"


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf_8", "u8"])
def test_byte_order_mark_is_taken_off_by_any_name(name: str) -> None:
    assert Document("a", b"\xef\xbb\xbfa").text(CHAR, name) == "a"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "latin-1", "UTF-8"])
def test_other_encodings(encoding: str) -> None:
    assert Document("a", "é\n".encode(encoding)).text(CHAR, encoding) == "é\n"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_invalid_bytes_are_named(bom: bytes) -> None:
    document = Document("book.txt", bom + b"one\ntwo\nth\xffree")
    place = 10 + len(bom)
    with pytest.raises(
        TextError, match=rf"book.txt: byte {place} \(line 3\) is not valid utf-8.*--unit byte"
    ):
        document.text(CHAR)
    assert document.text(CHAR, errors="replace") == "one\ntwo\nth\ufffdree"  # fmt: skip


def test_bytes_have_no_encoding() -> None:
    for options in (("gb18030", "strict"), ("utf-8", "replace")):
        with pytest.raises(UsageError, match="bytes as they are"):
            Document("a", b"a").text(BYTE, *options)


def test_unknown_encoding() -> None:
    for name in ("klingon", "hex"):  # the second is a codec, but not of text
        with pytest.raises(UsageError, match=name):
            Document("a", b"ab").text(CHAR, name)
    with pytest.raises(UsageError, match="strict, replace, ignore"):
        Document("a", b"ab").text(CHAR, errors="guess")


def test_binary_is_pointed_to_bytes() -> None:
    document = Document("a", b"a\0b\0" * 100)
    with pytest.raises(TextError, match="--unit byte"):
        document.text(CHAR)
    assert len(document.text(BYTE)) == 400


@pytest.mark.parametrize("data", [b"\0", b"a\0b\n", b"abc\0" * 8, b"x" * 999 + b"\0" * 90])
def test_a_few_nuls_are_characters(data: bytes) -> None:
    assert Document("a", data).text(CHAR).encode() == data


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_compressed_files_are_read(tmp_path: Path, compress: object) -> None:
    assert callable(compress)
    (tmp_path / "a").write_bytes(compress(b"hello\n"))
    (document,) = corpus.read([str(tmp_path / "a")])
    assert document.data == b"hello\n"
    assert document.sha256.startswith("5891b5b522d5df086d0ff0b110fbd9d2")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_damaged_compressed_files_are_named(tmp_path: Path, compress: object) -> None:
    assert callable(compress)
    data = compress(os.urandom(500))
    (tmp_path / "cut").write_bytes(data[:-50])
    (tmp_path / "bent").write_bytes(data[:60] + bytes(b ^ 85 for b in data[60:]))
    for name in ("cut", "bent"):
        with pytest.raises(TextError, match=f"{name}: cannot be read: damaged"):
            corpus.read([str(tmp_path / name)])


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="nowhere: no such file"):
        corpus.read(["nowhere"])
    with pytest.raises(TextError, match="is a directory"):
        corpus.read([str(tmp_path)])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"typed")))
    (document,) = corpus.read(["-"])
    assert (document.name, document.data) == ("standard input", b"typed")
