import bz2
import gzip
import io
import lzma
import os
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        TextError, match=rf"book.txt: byte {place} \(line 3\) is not valid utf-8.* unit='byte'"
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
    with pytest.raises(TextError, match="try unit='byte' or encoding='utf-16'"):
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
        (document,) = corpus.read([str(tmp_path / name)])
        with pytest.raises(TextError, match=f"{name}: cannot be read: damaged"):
            document.text(CHAR, errors="ignore")


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="nowhere: no such file"):
        corpus.read(["nowhere"])
    with pytest.raises(TextError, match="holds no text file"):
        corpus.read([str(tmp_path)])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"typed")))
    (document,) = corpus.read(["-"])
    assert (document.name, document.data) == ("standard input", b"typed")
    assert document.data == b"typed"  # and again


def test_pipes_are_read_as_often_as_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=(tmp_path / "pipe").write_bytes, args=(gzip.compress(b"hello\n"),))
    writer.start()
    (document,) = corpus.read([str(tmp_path / "pipe")])
    writer.join()
    assert (document.data, document.data) == (b"hello\n", b"hello\n")


def test_a_file_that_changes_between_readings_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (document,) = corpus.read([str(tmp_path / "a")])
    assert document.data == b"one"
    (tmp_path / "a").write_bytes(b"two")
    with pytest.raises(TextError, match="a: has changed while it was read"):
        document.text(CHAR)


ENCODINGS = ["utf-8", "utf-16", "utf-16-be", "utf-32", "gb18030", "shift_jis", "latin-1", "utf-7"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@given(
    text=st.text("aé\r\n中\0👩", max_size=30),
    junk=st.binary(max_size=3),
    errors=st.sampled_from(corpus.ERRORS),
    block=st.integers(4, 9),
)
def test_blocks_change_nothing(
    encoding: str, bom: bytes, text: str, junk: bytes, errors: str, block: int
) -> None:
    """Whole and in blocks, a text or its error are the same; and as Python decodes it at once."""
    data = bom + text.encode(encoding, "ignore") + junk + text.encode(encoding, "ignore")
    document = Document("a", data)
    plain = data.removeprefix(b"\xef\xbb\xbf") if encoding == "utf-8" else data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "BLOCK_BYTES", block)
        patch.setattr(corpus, "FEW_NULS", 99)
        try:
            expected = plain.decode(encoding, errors)
        except UnicodeDecodeError as error:
            place = error.start + len(data) - len(plain)
            line = data.count(b"\n", 0, place) + 1
            with pytest.raises(TextError, match=rf"byte {place} \(line {line}\)"):
                document.text(CHAR, encoding, errors)
        else:
            assert document.text(CHAR, encoding, errors) == expected


def test_reading_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "BLOCK_BYTES", 1000)
    (tmp_path / "a").write_bytes(gzip.compress(os.urandom(50_000)))
    (document,) = corpus.read([str(tmp_path / "a")])
    seen: list[int] = []
    assert len("".join(document.pieces(BYTE, seen=seen.append))) == 50_000
    assert seen == sorted(seen)
    assert len(seen) == 50
    assert seen[-1] == document.size == (tmp_path / "a").stat().st_size
