"""Samples without a prompt begin as paragraphs do."""

from typing import Any

import numpy as np
import pytest

from charlm import train_ngram
from charlm.sampling.beginning import beginning
from charlm.sampling.samples import Generator, joined
from tests.support.models import MODELS, WORDS, each, make

PARAGRAPHS = "Two of them\nwent on and on.\n\nNo one\nsaw it all.\n\nIt is so.\n\n" * 30
LINES = "Xanthos went\nXenia saw it\nXerxes is so\n" * 30  # capitals at beginnings alone
UNITS = ("char", "byte", "grapheme", "word", "token")


def drawn(generator: Generator, seed: int) -> str:
    return joined(generator.pieces(np.random.default_rng(seed))).text


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("text", "before"), [(PARAGRAPHS, "\n\n"), (LINES, "\n")])
def test_books_begin_with_capitals_where_only_beginnings_do(
    unit: Any, text: str, before: str
) -> None:
    trained = train_ngram(text, unit=unit, order=3, smoothing="mle").trained
    assert trained.tokenizer.decode(beginning(trained)) == before
    assert all(drawn(Generator(trained, length=5), seed)[0].isupper() for seed in range(40))


@pytest.mark.parametrize(
    ("text", "sequence"), [(PARAGRAPHS.replace("\n", " "), "file"), (PARAGRAPHS, "line")]
)
def test_where_beginnings_are_known_or_no_line_ends_nothing_stands_before(
    text: str, sequence: Any
) -> None:
    assert not len(beginning(train_ngram(text, sequence=sequence).trained))


@each([*MODELS, *WORDS])
def test_what_stands_before_is_read_as_a_prompt_is(name: str) -> None:
    trained = make(name)
    before = trained.tokenizer.decode(beginning(trained))
    assert set(before) <= {"\n"}
    with_prompt = Generator(trained, prompt=before, length=30)
    assert drawn(Generator(trained, length=30), 1) == drawn(with_prompt, 1)
