"""A text that grows in turns."""

import numpy as np

from charlm import train_ngram
from charlm.sampling.continuing import Continuation
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.samples import Generator, joined
from charlm.trained import TrainedModel

BOOK = train_ngram("she sells sea shells by the sea shore\n" * 30, order=4).trained
NAMES = train_ngram("anna\nhanna\njohanna\n" * 30, sequence="line").trained


def begun(trained: TrainedModel, length: int = 20, seed: int = 1) -> Continuation:
    return Continuation(trained, SamplingConfig(), length, np.random.default_rng(seed))


def turn(text: Continuation, typed: str) -> str:
    text.begin(typed)
    return "".join(text.go_on())


def test_each_turn_goes_on_from_the_whole_text() -> None:
    text, rng = begun(BOOK), np.random.default_rng(1)
    whole = ""
    for typed in ("she ", "", "by"):
        whole += typed
        drawn = joined(Generator(BOOK, prompt=whole, length=20).pieces(rng)).text
        assert turn(text, typed) == drawn
        whole += drawn
        assert text.text == whole


def test_where_sequences_are_lines_a_turn_is_a_line() -> None:
    text = begun(NAMES)
    for typed in ("jo", "", "h"):
        turn(text, typed)
    lines = text.text.splitlines()
    assert text.text.endswith("\n")
    assert [lines[0][:2], lines[2][:1]] == ["jo", "h"]
    assert len(lines) == 3
    assert set(lines) <= {"johanna", "anna", "hanna"}


def test_turns_are_taken_back_whole() -> None:
    text = begun(BOOK)
    turn(text, "she ")
    kept = text.text
    drawn = turn(text, "by ")
    undone = text.undo()
    assert undone is not None
    assert (undone.typed, undone.drawn) == ("by ", drawn)
    assert text.text == kept
    text.undo()
    assert text.undo() is None


def test_what_has_come_of_a_turn_is_kept() -> None:
    text = begun(BOOK, length=10_000)
    text.begin("she ")
    first = next(text.go_on())
    assert text.text == f"she {first}"
