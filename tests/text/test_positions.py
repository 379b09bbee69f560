import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.text import code_points
from charlm.text.positions import Positions, locate
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.text.test_tokenizer import as_unit_text, each_policy


def places(text: str, policy: TextPolicy) -> Positions:
    return locate(Tokenizer.fit(["ab"], policy), text)


@each_policy
@given(text=st.text("ab\r\n 中é\u0301👩\u200d🔬") | st.text())
def test_symbols_are_found_again_by_their_places(policy: TextPolicy, text: str) -> None:
    """Bytes, characters and columns of lines, each read from the text, known symbols or not."""
    encoding = "latin-1" if policy.unit == "byte" else "utf-8"
    found = places(as_unit_text(policy, text), policy)
    tokenizer = Tokenizer.fit(["ab"], policy)
    symbols = tokenizer.unit.written(tokenizer.cut(as_unit_text(policy, text)))
    closed = text + "\n"  # as if the last line ended
    data = closed.encode()
    lines = [line + "\n" for line in closed.split("\n")]
    assert found.exact
    for t, symbol in enumerate(symbols):
        low, high = found.first_byte[t], found.last_byte[t]
        assert data[low : high + 1] == symbol.encode(encoding)
        read = data[: low + 1].decode(errors="replace")  # the last one may be half read
        assert found.character[t] == len(read) - 1
        assert lines[found.line[t] - 1][found.column[t] - 1] == closed[found.character[t]]
        assert found.line[t] == 1 + read[:-1].count("\n")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("char", ([0, 1, 3, 4], [0, 2, 3, 6], [0, 1, 2, 3], [1, 1, 1, 2], [1, 2, 3, 1])),
        ("word", ([0, 3, 4], [2, 3, 6], [0, 2, 3], [1, 1, 2], [1, 3, 1])),
        (
            "byte",
            ([*range(7)], [*range(7)], [0, 1, 1, 2, 3, 3, 3],
             [1, 1, 1, 1, 2, 2, 2], [1, 2, 2, 3, 1, 1, 1]),
        ),
    ],
)  # fmt: skip
def test_places_by_hand(unit: str, expected: tuple[list[int], ...]) -> None:
    """First byte, last byte, character, line, column."""
    policy = TextPolicy(unit=unit)
    found = places(as_unit_text(policy, "aé\n中"), policy)
    arrays = (found.first_byte, found.last_byte, found.character, found.line, found.column)
    assert tuple(array.tolist() for array in arrays) == expected


def test_an_end_that_the_text_lacks_stands_after_it() -> None:
    found = places("a\né", TextPolicy(sequence="line"))
    assert found.last_byte.tolist() == [0, 1, 3, 4]
    assert found.line.tolist() == [1, 1, 2, 2]
    assert found.column.tolist() == [1, 2, 1, 2]


def test_bytes_that_are_no_utf_8_are_characters_themselves() -> None:
    """A Latin-1 e with acute, then the same in UTF-8, then the beginning of a character."""
    found = places("\xe9\xc3\xa9\n\xe4", TextPolicy(unit="byte"))
    assert found.character.tolist() == [0, 1, 1, 2, 3]
    assert found.column.tolist() == [1, 2, 2, 3, 1]


@pytest.mark.parametrize("sequence", ["file", "line"])
def test_changed_texts_have_places_of_their_own(sequence: str) -> None:
    """Two letters become one, so bytes and columns move; lines stay."""
    policy = TextPolicy(sequence=sequence, normalize="NFC")
    found = places("e\u0301\nb", policy)
    assert not found.exact
    assert found.last_byte.tolist()[:3] == [1, 2, 3]
    assert found.line.tolist()[:3] == [1, 1, 2]
    assert places("a\nb", policy).exact


def test_long_texts_are_located_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "aé\n中" * 5
    whole = places(text, TextPolicy())
    monkeypatch.setattr(code_points, "BLOCK_CHARS", 3)
    cut = places(text, TextPolicy())
    for name in ("last_byte", "line", "column"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name))
