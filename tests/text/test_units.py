import re
from itertools import pairwise

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


@given(text=TEXTS | st.text(" ab\t\r\n"))
def test_tokens_keep_to_their_grammar(text: str) -> None:
    """Symbols are tokens, line ends or gaps; no two tokens or gaps could be one; each text is cut
    in one way, so that one blank between tokens, and no other blank, is implied."""
    unit = UNITS["token"]
    symbols = unit.cut(text)
    assert all(re.fullmatch(r"[^ \t\r\n]+|[ \t\r]+|\n", symbol) for symbol in symbols)
    kinds = [
        "gap" if s.strip(" \t\r") == "" else "line end" if s == "\n" else "token" for s in symbols
    ]
    assert ("gap", "gap") not in pairwise(kinds)
    for i in range(1, len(kinds) - 1):
        assert (kinds[i - 1], symbols[i], kinds[i + 1]) != ("token", " ", "token")
    words = text.split(" ")
    if all(re.fullmatch(r"[^ \t\r\n]+", word) for word in words):
        assert symbols == words


@given(symbols=st.lists(st.sampled_from(["a", "b.", "\n", " ", "\t "])), cut=st.integers(0, 9))
def test_tokens_may_be_written_piece_by_piece(symbols: list[str], cut: int) -> None:
    unit = UNITS["token"]
    first, rest = symbols[:cut], symbols[cut:]
    before = first[-1] if first else ""
    assert unit.written(first) + unit.written(rest, before) == unit.written(symbols)


@pytest.mark.parametrize(
    ("prompt", "read", "before"),
    [
        ("", "", ""), ("the", "the", "the"), ("the ", "the", ""), ("the  ", "the  ", "  "),
        ("the\t", "the\t", "\t"), ("the\n", "the\n", "\n"), (" ", " ", " "), ("a b ", "a b", ""),
    ],
)  # fmt: skip
def test_a_prompt_may_end_with_the_blank_that_is_implied(
    prompt: str, read: str, before: str
) -> None:
    assert UNITS["token"].going_on(prompt) == (read, before)
    assert UNITS["char"].going_on(prompt) == (prompt, "")


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
        ("token", "the 3.5 dogs-ran.\n", ["the", "3.5", "dogs-ran.", "\n"]),
        ("token", " a  b\tc", [" ", "a", "  ", "b", "\t", "c"]),
        ("token", "c \r\n d \n", ["c", " \r", "\n", " ", "d", " ", "\n"]),
        ("token", "第一 章\xa0x\u3000\v", ["第一", "章\xa0x\u3000\v"]),
    ],
)  # fmt: skip
def test_cut(unit: str, text: str, symbols: list[str]) -> None:
    assert UNITS[unit].cut(text) == symbols


def test_unknown_unit_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="char, byte, grapheme, word, token"):
        units.get("letter")
