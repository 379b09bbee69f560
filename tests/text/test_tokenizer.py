import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.text.tokenizer import NORMALIZATIONS, SEQUENCES, TextPolicy, Tokenizer
from charlm.text.units import UNITS
from charlm.text.vocabulary import UNKNOWN, Vocabulary

POLICIES = [TextPolicy(unit=u, sequence=s) for u in UNITS for s in SEQUENCES]
each_policy = pytest.mark.parametrize("policy", POLICIES, ids=str)


def as_unit_text(policy: TextPolicy, text: str) -> str:
    """Texts of the byte unit are made of code points below 256."""
    return text.encode().decode("latin-1") if policy.unit == "byte" else text


@each_policy
@given(text=st.text() | st.text("ab\r\n 中é\u0301"))
def test_decode_after_encode_is_identity(policy: TextPolicy, text: str) -> None:
    text = as_unit_text(policy, text)
    tokenizer = Tokenizer.fit([text], policy)
    ids = tokenizer.encode(text)
    missing_end = policy.sequence == "line" and text and not text.endswith("\n")
    assert tokenizer.decode(ids.tolist()) == text + "\n" * bool(missing_end)
    assert (ids != UNKNOWN).all()
    assert len(ids) == len(tokenizer.cut(text))


@each_policy
@given(train=st.text("abc \n"), text=st.text("abxyz中 \n\r"))
def test_ids_are_those_of_the_symbols(policy: TextPolicy, train: str, text: str) -> None:
    train, text = as_unit_text(policy, train), as_unit_text(policy, text)
    tokenizer = Tokenizer.fit([train], policy)
    names = {symbol: i for i, symbol in enumerate(tokenizer.vocabulary.symbols, start=1)}
    if tokenizer.end is not None:
        names["\n"] = tokenizer.end
    expected = [names.get(symbol, UNKNOWN) for symbol in tokenizer.cut(text)]
    assert tokenizer.encode(text).tolist() == expected
    assert tokenizer.start == tokenizer.vocab_size == 1 + len(names)


def test_vocabulary_is_sorted() -> None:
    tokenizer = Tokenizer.fit(["cab", "bz中"], TextPolicy())
    assert tokenizer.vocabulary.symbols == ("a", "b", "c", "z", "中")
    assert tokenizer.encode("a中?").tolist() == [1, 5, UNKNOWN]


def test_lines_end_with_end() -> None:
    tokenizer = Tokenizer.fit(["ab\nb\n"], TextPolicy(sequence="line"))
    assert tokenizer.vocabulary.symbols == ("a", "b")
    assert tokenizer.end == 3
    assert tokenizer.encode("a\n\nb").tolist() == [1, 3, 3, 2, 3]
    assert tokenizer.encode("a\nb", close_line=False).tolist() == [1, 3, 2]
    assert tokenizer.encode("").tolist() == []


def test_lossy_steps_are_applied_to_every_text() -> None:
    policy = TextPolicy(normalize="NFC", lowercase=True)
    tokenizer = Tokenizer.fit(["É"], policy)
    assert tokenizer.encode("e\u0301 É").tolist() == [1, UNKNOWN, 1]


def test_rare_symbols_are_unknown_even_in_training() -> None:
    tokenizer = Tokenizer.fit(["aab"], TextPolicy(min_count=2))
    assert tokenizer.encode("ab").tolist() == [1, UNKNOWN]


def test_unknown_symbols_are_spelt() -> None:
    char = Tokenizer.fit(["ab"], TextPolicy())
    assert char.spelling_bits("axb", char.encode("axb")).tolist() == [0, math.log2(1112064 - 2), 0]
    word = Tokenizer.fit(["ab cd"], TextPolicy(unit="word"))
    bits = word.spelling_bits("ab xyz", word.encode("ab xyz"))
    assert bits.tolist() == [0, 0, 4 * math.log2(1112065)]


def test_unknown_symbols_are_listed() -> None:
    tokenizer = Tokenizer.fit(["ab\n"], TextPolicy(sequence="line"))
    assert tokenizer.unknown_symbols("zebra\ny") == ["e", "r", "y", "z"]
    assert Tokenizer.fit(["a b"], TextPolicy(unit="word")).unknown_symbols("a c") == ["c"]


def test_bytes_are_never_unknown() -> None:
    tokenizer = Tokenizer.fit(["a"], TextPolicy(unit="byte"))
    assert tokenizer.vocab_size == 257
    assert (tokenizer.encode("".join(map(chr, range(256)))) != UNKNOWN).all()


@each_policy
@given(text=st.text() | st.text("ab\r\n '’-中é\u0301👩\u200d🔬🇫🇷\u0600\u1100\u1161"))
def test_json_round_trip(policy: TextPolicy, text: str) -> None:
    tokenizer = Tokenizer.fit([as_unit_text(policy, text)], policy)
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"unit": "letter"}, "unknown unit"),
        ({"sequence": "page"}, "file or line"),
        ({"normalize": "NFD"}, "NFC or NFKC"),
        ({"min_count": 0}, "at least 1"),
        ({"newlines": "crlf"}, "keep or lf"),
        ({"unit": "byte", "lowercase": True}, "bytes as they are"),
        ({"unit": "byte", "newlines": "lf"}, "bytes as they are"),
    ],
)
def test_impossible_policies(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TextPolicy(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("symbols", [("b", "a"), ("a", "a"), ("",), ("\ud800",)])
def test_impossible_vocabularies(symbols: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        Vocabulary(symbols)


def test_vocabulary_counts_the_unknown() -> None:
    assert len(Vocabulary(("a", "b"))) == 3


@given(text=st.text() | st.text("J\u030cǰİΣσς\u0345é"), form=st.sampled_from(["NFC", "NFKC", None]))
def test_lossy_steps_lead_to_one_form(text: str, form: str | None) -> None:
    tokenizer = Tokenizer.fit([text], TextPolicy(normalize=form, lowercase=True))
    once = tokenizer.prepare(text)
    assert tokenizer.prepare(once) == once
    if form:
        assert unicodedata.is_normalized(form, once)  # type: ignore[arg-type]


def test_line_ends_survive_lossy_steps() -> None:
    tokenizer = Tokenizer.fit(["A\r\nB\r"], TextPolicy(lowercase=True))
    assert tokenizer.decode(tokenizer.encode("B\r\nA\r").tolist()) == "b\r\na\r"


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        (TextPolicy(), {"symbols": ["ab"]}),
        (TextPolicy(), {"symbols": [1, 2]}),
        (TextPolicy(sequence="line"), {"symbols": ["\n", "a"]}),
        (TextPolicy(), {"lowercase": "yes"}),
        (TextPolicy(), {"min_count": 1.5}),
    ],
)
def test_what_cannot_be_is_not_rebuilt(policy: TextPolicy, change: dict[str, object]) -> None:
    fields = Tokenizer.fit(["ab"], policy).to_json() | change
    with pytest.raises(UsageError):
        Tokenizer.from_json(fields)


LOSSY = [
    TextPolicy(unit=unit, sequence=sequence, normalize=form, lowercase=lowercase)
    for unit in UNITS
    if unit != "byte"
    for sequence in SEQUENCES
    for form in (None, *NORMALIZATIONS)
    for lowercase in (False, True)
] + [
    TextPolicy(unit=unit, sequence=sequence, newlines="lf")
    for unit in UNITS
    if unit != "byte"
    for sequence in SEQUENCES
]


@pytest.mark.parametrize("policy", [*LOSSY, *POLICIES[2:4]], ids=str)
@given(
    text=st.text("ab\r\n 'J\u030cİΣσ\u0345é\u0301ﬁ中👩\u200d🔬🇫\u1100\u1161") | st.text(),
    cuts=st.lists(st.integers(0, 50), max_size=6),
)
def test_pieces_change_nothing(policy: TextPolicy, text: str, cuts: list[int]) -> None:
    text = as_unit_text(policy, text)
    edges = [0, *sorted(cuts), len(text)]
    pieces = [text[low:high] for low, high in pairwise(edges)]
    tokenizer = Tokenizer.fit([text], policy)
    encoded = [*tokenizer.encode_pieces(pieces), np.empty(0, np.int32)]
    assert np.concatenate(encoded).tolist() == tokenizer.encode(text).tolist()
    assert tokenizer.count(pieces) == Counter(tokenizer.cut(text))


def test_a_line_that_never_ends_is_not_kept_in_memory() -> None:
    """Code points go through one piece after the other; only what must wait for its line does."""
    taken = []

    def pieces() -> Iterator[str]:
        for i in range(100):
            taken.append(i)
            yield "abc"

    tokenizer = Tokenizer.fit(["abc"], TextPolicy())
    assert next(tokenizer.encode_pieces(pieces())).tolist() == [1, 2, 3]
    assert len(taken) == 1
