"""What an error advises, in Python's words and in those of the command line."""

import pytest

from charlm.cli.wording import ADVICE, reword
from charlm.errors import Advice, Remedy, TextError

DECODE = (Remedy("encoding", "NAME"), Remedy("errors", "replace"), "a copy of it in UTF-8")


@pytest.mark.parametrize("advice", Advice)
def test_every_advice_has_words_of_both_faces(advice: Advice) -> None:
    error = TextError("no", advice)
    assert str(error) == f"no; {advice.value}"
    assert str(reword(error)) == f"no; {ADVICE[advice]}"


@pytest.mark.parametrize(
    ("remedies", "python", "typed"),
    [
        ((), "", ""),
        (("a smaller unit",), "; try a smaller unit", "; try a smaller unit"),
        ((Remedy("min_count", 2), "a smaller unit"), "; try min_count=2", "; try --min-count 2"),
        (DECODE, "; try encoding=NAME or errors='replace'",
         "; try --encoding NAME or --errors replace"),
        ((Remedy("space", "<sp>"),), "; try space='<sp>'", "; try --space '<sp>'"),
    ],
)  # fmt: skip
def test_options_are_written_or_typed(
    remedies: tuple[Remedy | str, ...], python: str, typed: str
) -> None:
    error = TextError("no", *remedies)
    assert str(error) == f"no{python}"
    assert str(reword(error)) == f"no{typed}"
    assert str(reword(error)) == f"no{typed}"


def test_only_options_that_can_be_tried_are_named_and_words_where_there_are_none() -> None:
    assert str(reword(TextError("no", *DECODE), lambda option: option == "--errors")) == (
        "no; try --errors replace"
    )
    assert str(reword(TextError("no", *DECODE), lambda option: False)) == (
        "no; try a copy of it in UTF-8"
    )
