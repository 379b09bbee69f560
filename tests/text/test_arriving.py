"""Lines that arrive: together they are the text, and each comes before the next is written."""

import bz2
import gzip
import io
import os
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import TextError
from charlm.text import arriving, units
from charlm.text.arriving import arriving_lines
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding, decode
from charlm.text.units import UNITS


class InBits(io.BytesIO):
    """Bytes that come a few at a time."""

    def __init__(self, data: bytes, few: int):
        super().__init__(data)
        self.few = few

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.read(self.few)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@given(text=st.text("ab\n\r中é🙂\ufeff", max_size=30), few=st.integers(1, 9))
def test_together_they_are_the_text(unit: str, encoding: str, text: str, few: int) -> None:
    data, decoding = text.encode(encoding), Decoding(encoding)
    (expected,) = decode(Document("t", data), units.get(unit), decoding)
    found = list(arriving_lines(InBits(data, few), "t", units.get(unit), decoding))
    assert "".join(found) == expected
    assert all(line.endswith("\n") for line in found[:-1])


def test_a_line_comes_before_the_next_is_written() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as file:
        lines = arriving_lines(file, "t", units.get("char"))
        for line in ("one\n", "two 中\n", "\n"):
            os.write(write, line.encode())
            assert next(lines) == line
        os.write(write, b"half")
        rest: list[str] = []
        reading = Thread(target=lambda: rest.extend(lines))
        reading.start()
        reading.join(0.1)
        assert rest == []  # it waits for the end of the line
        os.write(write, b" whole\nno end")
        os.close(write)
        reading.join()
        assert "".join(rest) == "half whole\nno end"


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress])
def test_what_is_compressed_is_unpacked(packed: object) -> None:
    assert callable(packed)
    data = packed(b"a\nb\n" * 99999)
    assert "".join(arriving_lines(io.BytesIO(data), "t", units.get("char"))) == "a\nb\n" * 99999


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\nc\xffd\n", "t: line 3 is not valid utf-8; try encoding=NAME or errors='replace'"),
        (b"a\xc3", "t: line 1 is not valid utf-8"),
        (gzip.compress(b"a" * 99, mtime=0)[:-9], "t: cannot be read: damaged compressed file"),
    ],
)
def test_what_is_no_text_is_one_line(data: bytes, message: str) -> None:
    for few in (1, 1000):
        if data[:1] != b"\x1f" or few > 1:
            with pytest.raises(TextError) as caught:
                list(arriving_lines(InBits(data, few), "t", units.get("char")))
            assert str(caught.value).startswith(message)


def test_a_mark_is_left_out_with_a_note() -> None:
    told: list[object] = []
    data = io.BytesIO(b"\xef\xbb\xbfa\n")
    lines = arriving_lines(data, "t", units.get("char"), note=told.append)
    assert list(lines) == ["a\n"]
    assert told == ["t: the byte order mark is left out."]
    assert arriving.BLOCK >= 1 << 12
