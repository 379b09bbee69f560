"""Counts after a context: by hand, and beside what maximum likelihood makes of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.evaluation.bigram_matrix import bigram_matrix
from charlm.evaluation.frequencies import Frequencies
from charlm.evaluation.inspection import chain, next_symbols
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.trained import TrainedModel
from tests.evaluation.test_bits import fitted
from tests.support.models import TEXT, make, ngram

MAGIC = "abracadabra"
ONE_OF_EACH = (
    "modified-kneser-ney-4-file", "witten-bell-1-line", "hidden-gru-tanh-file",
    "window-elman-tanh-line", "mixture-families-line",
)  # fmt: skip


def counted(tokenizer: Tokenizer, *texts: str) -> Frequencies:
    return Frequencies.of(tokenizer, (tokenizer.encode_pieces([text]) for text in texts))


def named(trained: TrainedModel, texts: list[str], history: str, order: int | None = None) -> str:
    """What comes after a history, as `a 1 b 2 of 3`."""
    tokenizer = trained.tokenizer
    found = counted(tokenizer, *texts).followers(tokenizer.encode_prompt(history).tolist(), order)
    seen = [f"{tokenizer.name(i)!r} {n}" for i, n in enumerate(found.counts.tolist()) if n]
    return f"{' '.join(seen)} of {found.total} after {len(found.context)}"


@pytest.mark.parametrize(
    ("history", "order", "said"),
    [
        ("a", 1, "'b' 2 'c' 1 'd' 1 of 4 after 1"),  # the last of the five has no follower
        ("ra", 2, "'c' 1 of 1 after 2"),
        ("ra", 1, "'b' 2 'c' 1 'd' 1 of 4 after 1"),
        ("dr", 2, "'a' 2 of 2 after 1"),  # "dr" never came
        ("", 1, "'a' 1 of 1 after 1"),  # after START
        ("", 0, "'a' 5 'b' 2 'c' 1 'd' 1 'r' 2 of 11 after 0"),
        ("ab", 9, "'r' 1 of 1 after 3"),  # START a b: the second "ab" begins no text
        ("ab", None, "'r' 2 of 2 after 2"),  # anywhere
        ("x", 1, "'a' 5 'b' 2 'c' 1 'd' 1 'r' 2 of 11 after 0"),
    ],
)
def test_counts_by_hand(history: str, order: int | None, said: str) -> None:
    assert named(fitted(MAGIC, TextPolicy(), 1), [MAGIC], history, order) == said


def test_lines_and_texts_begin_anew() -> None:
    lines = fitted("anna\nbob\nada", TextPolicy(sequence="line"), 1)
    assert named(lines, ["anna\nbob\nada"], "", 1) == "'a' 2 'b' 1 of 3 after 1"
    assert named(lines, ["anna\nbob\nada"], "anna\n", 1) == "'a' 2 'b' 1 of 3 after 1"
    assert named(lines, ["anna\nbob\nada"], "a", 1) == "'d' 1 'n' 1 '\\n' 2 of 4 after 1"
    texts = fitted("ab", TextPolicy(), 1)
    assert named(texts, ["ab", "ba"], "b", 1) == "'a' 1 of 1 after 1"  # not the next text's b
    assert named(texts, ["ab", "ba"], "", 1) == "'a' 1 'b' 1 of 2 after 1"
    assert named(texts, [], "a", 1) == " of 0 after 0"


@given(st.text("abc", max_size=40), st.text("abc", min_size=1, max_size=3))
def test_counts_are_those_of_a_search_in_the_string(text: str, history: str) -> None:
    trained = fitted("abc", TextPolicy(), 1)
    found = counted(trained.tokenizer, text).followers(
        trained.tokenizer.encode(history).tolist(), None
    )
    suffixes = (history[i:] for i in range(len(history) + 1))
    places = next(
        (
            [text[i + len(h)] for i in range(len(text) - len(h)) if text.startswith(h, i)]
            for h in suffixes
            if any(h + x in text for x in "abc")
        ),
        [],
    )
    expected = {x: places.count(x) for x in "abc"}
    assert {x: int(found.counts[trained.tokenizer.encode(x)[0]]) for x in "abc"} == expected


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("order", [0, 1, 3])
def test_maximum_likelihood_is_count_of_count(order: int, sequence: str) -> None:
    trained = ngram("mle", order, sequence)
    texts = counted(trained.tokenizer, TEXT)
    for link in chain(trained, TEXT[100:160], texts).links:
        seen = link.symbol.seen
        assert seen is not None
        assert seen.context == link.symbol.context or not seen.count
        assert link.symbol.probability == pytest.approx(seen.count / seen.total, rel=1e-6)
    for history in ("", "th", "qz", "the "):
        for symbol in next_symbols(trained, history, 5, texts).symbols:
            assert symbol.seen is not None
            share = symbol.seen.count / symbol.seen.total
            assert symbol.probability == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_every_model_is_held_beside_counts(name: str) -> None:
    trained = make(name)
    symbol = next_symbols(trained, "th", 1, counted(trained.tokenizer, TEXT)).symbols[0]
    assert symbol.seen is not None
    assert 0 <= symbol.seen.count <= symbol.seen.total
    assert next_symbols(trained, "th", 1).symbols[0].seen is None


def test_a_bigram_matrix_is_counted_by_hand() -> None:
    trained = fitted(MAGIC, TextPolicy(), 1)
    found = bigram_matrix(trained, 9, counted(trained.tokenizer, MAGIC))
    assert found.rows == ("<s>", "a", "b", "c", "d", "r")
    assert found.columns == ("a", "b", "c", "d", "r")
    assert found.counts is not None
    assert found.totals is not None
    pairs = list(pairwise(MAGIC))
    by_hand = [[pairs.count((a, b)) for b in "abcdr"] for a in "abcdr"]
    assert found.counts.tolist() == [[1, 0, 0, 0, 0], *by_hand]
    assert found.totals.tolist() == [1, 4, 2, 1, 1, 2]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_rows_of_the_matrix_are_the_models_own(name: str) -> None:
    trained = make(name)
    found = bigram_matrix(trained, 4)
    assert len(found.rows) == 5
    for row, shares in zip(found.rows, found.probabilities, strict=True):
        history = "" if row == "<s>" else row
        expected = {s.name: s.probability for s in next_symbols(trained, history, 10**6).symbols}
        np.testing.assert_allclose(shares, [expected[x] for x in found.columns], rtol=1e-5)


def test_the_matrix_takes_the_most_frequent_symbols() -> None:
    trained = fitted(MAGIC, TextPolicy(), 1)
    texts = counted(trained.tokenizer, MAGIC)
    assert bigram_matrix(trained, 3, texts).columns == ("a", "b", "r")
    assert bigram_matrix(trained, 1, texts).rows == ("<s>", "a")
    assert bigram_matrix(trained, 2).columns[0] == "a"
