import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.text import units
from charlm.text.units import UNITS

TEXTS = st.text() | st.text("ab\r\n '’-中国é\u0301👩\u200d🔬🇫🇷\0\t_9")


@pytest.mark.parametrize("unit", UNITS.values(), ids=list(UNITS))
@given(text=TEXTS)
def test_join_after_cut_is_identity(unit: units.Unit, text: str) -> None:
    symbols = unit.cut(text)
    assert unit.join(symbols) == text
    assert all(symbols)


@given(data=st.binary())
def test_bytes_survive(data: bytes) -> None:
    unit = UNITS["byte"]
    assert unit.encoding is not None
    symbols = unit.cut(data.decode(unit.encoding))
    assert len(symbols) == len(data)
    assert unit.join(symbols).encode(unit.encoding) == data


@pytest.mark.parametrize(
    ("unit", "text", "symbols"),
    [
        ("char", "e\u0301a", ["e", "\u0301", "a"]),
        ("grapheme", "e\u0301a🇫🇷👩\u200d🔬", ["e\u0301", "a", "🇫🇷", "👩\u200d🔬"]),
        ("grapheme", "a\r\nb", ["a", "\r", "\n", "b"]),
        ("word", "Don't  stop.\n\n", ["Don't", "  ", "stop", ".", "\n", "\n"]),
        ("word", "第1章,中文", ["第", "1", "章", ",", "中", "文"]),
        ("word", "'tis o’clock", ["'", "tis", " ", "o’clock"]),
        ("byte", "é", ["é"]),
    ],
)  # fmt: skip
def test_cut(unit: str, text: str, symbols: list[str]) -> None:
    assert UNITS[unit].cut(text) == symbols


def test_unknown_unit_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="char, byte, grapheme, word"):
        units.get("letter")
