"""An n-gram model beside a network: named where it does better, with a command to be typed."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from charlm.cli.train import beside
from charlm.text.decoding import Decoding
from charlm.text.holdout import HoldOut
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import EncodedText, TrainingSet
from charlm.text.vocabulary import Vocabulary
from tests.cli.conftest import Charlm

WEAK = ("train", "rnn", "--steps", "3", "--hidden", "8")
LINE = r"^An n-gram model has ([\d.]+) bits/(char|byte) here: charlm (train .*)$"
HELD_OUT = r"^Held-out text: ([\d.]+) bits/"

NONE = HoldOut(0.0, 0, Decoding())


@pytest.mark.parametrize(
    "treated", [(), ("--sequence", "line"), ("--unit", "byte"), ("--lowercase",)], ids=str
)
@pytest.mark.parametrize("name", ["book.txt", "it's my 中 book.txt", "./-x.txt"])
def test_an_ngram_that_does_better_is_named(
    name: str, treated: tuple[str, ...], charlm: Charlm
) -> None:
    """What is printed can be typed, and reaches what it says."""
    Path(name).write_bytes(Path("book.txt").read_bytes())
    result = charlm(*WEAK, name, *treated)
    (line,) = re.findall(LINE, result.err, flags=re.M)
    assert float(line[0]) < float(re.findall(HELD_OUT, result.err, flags=re.M)[0])
    command = [*shlex.split(line[2]), "--valid-fraction", "0.05"]
    assert re.findall(HELD_OUT, charlm(*command).err, flags=re.M) == [line[0]]


def test_an_ngram_that_does_worse_is_not_named(charlm: Charlm) -> None:
    """Lines that say at their end how they began, further back than an n-gram can see."""
    lines = [f"{mark}{'.' * 9}{mark}\n" for mark in "abcd"]
    rng = np.random.default_rng(0)
    Path("far.txt").write_text("".join(lines[i] for i in rng.integers(4, size=3000)))
    result = charlm("train", "rnn", "far.txt", "--hidden", "32")
    (ours,) = re.findall(HELD_OUT, result.err, flags=re.M)
    ngram = charlm("train", "far.txt", "--valid-fraction", "0.05").err
    assert float(ours) < float(re.findall(HELD_OUT, ngram, flags=re.M)[0]) - 0.05
    assert not re.findall(LINE, result.err, flags=re.M)


def test_no_ngram_is_trained_where_it_would_take_long(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = beside_data(10_000_000)
    assert beside.cost(data, 60.0) == 0.0
    assert 0 < beside.cost(data, 600.0) <= 30.0
    assert beside.cost(beside_data(100_000), 0.1) > 0
    monkeypatch.setattr(beside, "COST", 1.0)
    assert "n-gram" not in charlm(*WEAK, "book.txt").err


def test_whether_it_is_said_hangs_on_the_steps_not_on_the_clock(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fast machine and a slow one say the same: 500 steps are some ten seconds' work."""
    size = len(Path("book.txt").read_text())
    monkeypatch.setattr(beside, "COST", 0.9 / size)
    small = ("--hidden", "4", "--batch", "2", "--window", "4", "--validations", "1")
    assert "n-gram" in charlm("train", "rnn", "book.txt", "--steps", "500", *small).err
    assert (
        "n-gram" not in charlm("train", "rnn", "book.txt", "--steps", "100", *small, "--force").err
    )


def test_nothing_is_said_without_a_text_to_compare_on(charlm: Charlm) -> None:
    assert "n-gram" not in charlm(*WEAK, "book.txt", "--valid-fraction", "0").err
    assert charlm(*WEAK, "book.txt", "-q").err == ""


def beside_data(symbols: int) -> TrainingSet:
    """A training set of that many symbols, of which only the lengths are asked for."""
    tokenizer = Tokenizer(TextPolicy(), Vocabulary(("a",)))
    return TrainingSet(tokenizer, (EncodedText(tokenizer, [], symbols),), ("aa",), (), (), (), NONE)
