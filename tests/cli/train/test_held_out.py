"""`--valid-fraction` that holds nothing out is said, in a line."""

from pathlib import Path

import pytest

from tests.cli.conftest import SMALL_RNN, Charlm

RNN = SMALL_RNN[:-2]
SAID = "The text is too short for --valid-fraction {}: nothing is held out.\n"


@pytest.mark.parametrize(
    ("words", "fraction"),
    [
        (("rnn", "short", *RNN), "0.05"),
        (("rnn", "short", *RNN, "--valid-fraction", "0.2"), "0.2"),
        (("ngram", "short", "--valid-fraction", "0.1"), "0.1"),
        (("ngram", "lines", "--valid-fraction", "0.01", "--sequence", "line"), "0.01"),
        (("ngram", "lines", "lines", "--valid-fraction", "0.001"), "0.001"),
    ],
)
def test_nothing_held_out_is_said(words: tuple[str, ...], fraction: str, charlm: Charlm) -> None:
    Path("short").write_text("a few words\n" * 9)
    Path("lines").write_text("a few words of a longer text\n" * 50)
    result = charlm("train", *words)
    assert result.code == 0
    assert result.err.count(SAID.format(fraction)) == 1
    assert "Held-out text:" not in result.err


@pytest.mark.parametrize(
    "words",
    [
        ("rnn", "book.txt", *RNN),
        ("rnn", "book.txt", *SMALL_RNN),
        ("ngram", "other.txt"),
        ("ngram", "other.txt", "--valid-fraction", "0.1"),
        ("rnn", "other.txt", *RNN, "--valid", "book.txt"),
    ],
)
def test_else_it_is_not(words: tuple[str, ...], charlm: Charlm) -> None:
    assert "nothing is held out" not in charlm("train", *words).err
