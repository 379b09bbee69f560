"""Unknown symbols, letter by letter."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.text.spelling import Spelling
from charlm.text.tokenizer import SEQUENCES, TextPolicy, Tokenizer
from charlm.text.units import SCALAR_VALUES, UNITS

KNOWN = "ab \U0001f600\ud7ff\ue000\U0010fffe\0"
each = pytest.mark.parametrize(("unit", "sequence"), [(u, s) for u in UNITS for s in SEQUENCES])


def spelling(unit: str, sequence: str, known: str = KNOWN) -> tuple[Spelling, Tokenizer]:
    tokenizer = Tokenizer.fit([known], TextPolicy(unit=unit, sequence=sequence))
    return Spelling(tokenizer), tokenizer


@each
@given(text=st.text())
def test_letters_come_back_and_cost_what_is_reported(unit: str, sequence: str, text: str) -> None:
    spell, tokenizer = spelling(unit, sequence)
    if tokenizer.unit.alphabet:
        return
    ids = tokenizer.encode(text)
    bits = tokenizer.spelling_bits(text, ids).tolist()
    for symbol, i, expected in zip(tokenizer.cut(text), ids.tolist(), bits, strict=True):
        if i == 0:
            letters = spell.spell(symbol)
            assert all(0 <= letter < spell.letters for letter in letters)
            assert spell.read(iter(letters).__next__) == symbol
            assert len(letters) * log2(spell.letters) == pytest.approx(expected)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_every_unknown_character_has_a_letter_of_its_own(sequence: str) -> None:
    spell, _ = spelling("char", sequence)
    letters = [*range(3000), *range(0xD700, 0xD900), *range(spell.letters - 9, spell.letters)]
    unknown = [spell.read(iter([letter]).__next__) for letter in letters]
    assert [spell.spell(symbol) for symbol in unknown] == [[letter] for letter in letters]
    known = set(KNOWN) | ({"\n"} if sequence == "line" else set())
    assert not known & set(unknown)
    assert spell.letters + len(known) == SCALAR_VALUES
