"""Patterns prune what cannot match, and never what can."""

from itertools import product

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.sampling.constraints import Constraint
from charlm.text import units

CHAR = units.get("char")
TEXTS = ["".join(letters) for n in range(6) for letters in product("ab\n", repeat=n)]
ATOMS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", r"\s", r"\n", r"\w", r"\b", r"\B", "^", "$", r"\Z", r"\m",
     r"\M", "(?=a)", "(?=.*b)", "(?!b)", "(?!ab)", "(?<=a)", "(?<!a)", r"(a|b)\1", "(?>a|ab)",
     r"\X", "(?i:A)"]
)  # fmt: skip
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "++"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        ),
    ),
    max_leaves=6,
)


def check(pattern: str) -> None:
    constraint = Constraint(pattern=pattern)
    for text in TEXTS:
        if constraint.holds(text, len(text), CHAR):
            beginnings = [text[:i] for i in range(len(text) + 1)]
            assert all(constraint.possible(beginning, CHAR) for beginning in beginnings)


@given(pattern=PATTERNS)
def test_what_can_match_is_never_pruned(pattern: str) -> None:
    check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"a\Bb", r"a \bb|a\bb?", r"(?!ab$)a.*", r"(?:(?!b$).)*", r"a(?=b)b", r"(?<=a)b|ab", "a$|ab",
     r"(a*)\1", r"a*+b", r"(?>a|ab)b", r"(?s).*b", r"(?:ab){e<=1}", r"(?(?=a)ab|b.)", r"a\Mb?"],
)  # fmt: skip
def test_patterns_that_look_ahead_prune_nothing_that_can_match(pattern: str) -> None:
    check(pattern)


@pytest.mark.parametrize("pattern", ["a+b", "a[^b]*", "(?:ab|ba){2}", r"\d+", "^ab$"])
def test_what_cannot_match_is_pruned(pattern: str) -> None:
    """Exactly: of short texts, those that begin nothing which matches, longer ones included."""
    constraint, longer = (
        Constraint(pattern=pattern),
        ["".join(t) for t in product("ab\n1", repeat=4)],
    )
    matches = [t for t in [*TEXTS, *longer] if regex.fullmatch(pattern, t)]
    assert constraint.prunes
    for text in TEXTS[:13]:
        assert constraint.possible(text, CHAR) == any(t.startswith(text) for t in matches)


def test_a_text_is_as_long_and_begins_as_it_is_wanted() -> None:
    constraint = Constraint(starts_with="ab", min_length=3)
    assert [constraint.possible(t, CHAR) for t in ("", "a", "ab", "abc", "b", "aa")] == [
        True, True, True, True, False, False
    ]  # fmt: skip
    assert [constraint.holds(t, len(t), CHAR) for t in ("ab", "aba", "bab")] == [False, True, False]


def test_bytes_are_matched_as_the_characters_they_are() -> None:
    byte = units.get("byte")
    constraint = Constraint(pattern="é[^a]*中")
    whole = byte.from_typed("éb中")
    assert all(constraint.possible(whole[:i], byte) for i in range(len(whole) + 1))
    assert constraint.holds(whole, len(whole), byte)
    assert not constraint.holds(whole[:-1], len(whole) - 1, byte)
    assert not constraint.possible(byte.from_typed("a"), byte)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "(a"}, r"'\(a' is no regular expression: missing \)"),
        ({"min_length": -1}, "the least length is a number of symbols, 0 or more"),
        ({"min_length": 1.5}, "the least length is a number of symbols, 0 or more"),
    ],
)
def test_what_cannot_be_wanted_is_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Constraint(**options)  # type: ignore[arg-type]
