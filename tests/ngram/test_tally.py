"""Counts that add up: laws over texts, units and sequences, beside counting anew."""

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm import storage
from charlm.api.ngram_training import fit, fit_counts
from charlm.errors import ModelFileError, UsageError
from charlm.ngram import tally as tallies
from charlm.ngram.config import NgramConfig
from charlm.ngram.smoothing import SMOOTHERS
from charlm.ngram.tally import Tally, add, subtract
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.text.units import UNITS
from charlm.trained import TrainedModel
from tests.support.models import TEXT

POLICIES = [TextPolicy(unit=unit, sequence=s) for unit, s in product(UNITS, SEQUENCES)]
each_policy = pytest.mark.parametrize("policy", POLICIES, ids=str)
CHARACTERS = TextPolicy()
TEXTS = [TEXT[:900], "中文 naïve\ntext\n" * 9, TEXT[700:1500] + "ß", "a\n\nb"]


def documents(*texts: str) -> list[Document]:
    return [Document(f"text {i}", text.encode()) for i, text in enumerate(texts)]


def data(*texts: str, policy: TextPolicy = CHARACTERS) -> TrainingSet:
    return prepare(documents(*texts), policy)


def counted(*texts: str, order: int = 3, policy: TextPolicy = CHARACTERS) -> Tally:
    return tallies.count(data(*texts, policy=policy), order)


def assert_same(a: Tally, b: Tally) -> None:
    assert (a.order, a.tokenizer, a.record) == (b.order, b.tokenizer, b.record)
    found, expected = a.windows.arrays(), b.windows.arrays()
    assert found.keys() == expected.keys()
    for name, array in found.items():
        assert array.dtype == expected[name].dtype
        np.testing.assert_array_equal(array, expected[name])


@each_policy
def test_tallies_of_texts_add_up_in_any_order_and_go_away_again(policy: TextPolicy) -> None:
    whole = counted(*TEXTS, policy=policy)
    parts = [counted(text, policy=policy) for text in TEXTS]
    for a, b, c, d in permutations(parts):
        assert_same(add([add([a, b]), add([c, d])]), whole)
    assert_same(add(parts), whole)
    assert_same(subtract(whole, add(parts[:2])), add(parts[2:]))
    whole.windows.check()


@given(texts=st.lists(st.text("ab\n中", min_size=1, max_size=40), min_size=2, max_size=4))
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_any_texts_add_up(sequence: str, texts: list[str]) -> None:
    policy = TextPolicy(sequence=sequence)
    whole = counted(*texts, policy=policy)
    first, rest = counted(texts[0], policy=policy), counted(*texts[1:], policy=policy)
    assert_same(add([first, rest]), whole)
    assert_same(subtract(whole, first), rest)


@pytest.mark.parametrize("order", [0, 1, 5, 12, 40])
def test_a_tally_of_a_larger_order_has_the_smaller_ones(order: int) -> None:
    """40 needs several words a window."""
    large = counted(*TEXTS, order=40)
    assert_same(tallies.shortened(large, order), counted(*TEXTS, order=order))
    assert_same(add([large, counted("x", order=order)]), counted(*TEXTS, "x", order=order))
    with pytest.raises(UsageError, match="up to 40, not 41"):
        tallies.shortened(large, 41)


def trained(texts: list[str], policy: TextPolicy, config: NgramConfig) -> TrainedModel:
    """The model of the texts themselves."""
    return fit(data(*texts, policy=policy), config)


@pytest.mark.parametrize("smoothing", SMOOTHERS)
@pytest.mark.parametrize("min_count", [1, 3, 20])
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_model_of_a_tally_is_that_of_its_texts(
    sequence: str, min_count: int, smoothing: str, tmp_path: Path
) -> None:
    policy = TextPolicy(sequence=sequence)
    config = NgramConfig(3, smoothing, prune=(0, 0, 1, 1))
    whole = add([counted(text, order=5, policy=policy) for text in TEXTS])
    found = fit_counts([whole], config, min_count)
    storage.save(tmp_path / "tally", found)
    rare = replace(policy, min_count=min_count)
    storage.save(tmp_path / "texts", trained(TEXTS, rare, config))
    assert (tmp_path / "tally").read_bytes() == (tmp_path / "texts").read_bytes()


@each_policy
def test_a_model_of_a_tally_is_that_of_its_texts_in_every_unit(
    policy: TextPolicy, tmp_path: Path
) -> None:
    whole = add([counted(text, order=4, policy=policy) for text in TEXTS])
    storage.save(tmp_path / "tally", fit_counts([whole], NgramConfig(4)))
    storage.save(tmp_path / "texts", trained(TEXTS, policy, NgramConfig(4)))
    assert (tmp_path / "tally").read_bytes() == (tmp_path / "texts").read_bytes()


def test_who_counted_does_not_matter() -> None:
    """Nor in which order, where versions of charlm or decodings were not the same."""
    old = counted("abc")
    old = replace(old, record=replace(old.record, charlm="0.0.1", numpy="1", encoding="latin-1"))
    new = counted("cde")
    assert_same(add([old, new]), add([new, old]))
    assert add([old, new]).record.encoding is None


def test_only_what_is_a_part_is_taken_away() -> None:
    whole = counted("abab", "cd")
    for part, message in (
        (counted("abx"), "symbols that it lacks"),
        (counted("ab"), "texts that it lacks"),
        (add([counted("cd"), counted("cd")]), "texts that it lacks"),
        (counted("cd", policy=TextPolicy(unit="word")), "cut or treated in different ways"),
    ):
        with pytest.raises(UsageError, match=message):
            subtract(whole, part)
    with pytest.raises(UsageError, match="nothing would be left"):
        subtract(whole, whole)
    forged = replace(counted("ba"), record=counted("cd").record)
    with pytest.raises(UsageError, match="n-grams"):
        subtract(whole, forged)


def test_what_goes_together_is_cut_alike() -> None:
    for policy in (
        TextPolicy(unit="byte"),
        TextPolicy(sequence="line"),
        TextPolicy(lowercase=True),
    ):
        with pytest.raises(UsageError, match="cut or treated in different ways"):
            add([counted("ab"), counted("ab", policy=policy)])


def test_a_tally_keeps_rare_symbols() -> None:
    with pytest.raises(UsageError, match="keep every symbol"):
        counted("abab", policy=TextPolicy(min_count=2))
    with pytest.raises(UsageError, match="no symbol occurs 9 times"):
        fit_counts([counted("abab")], NgramConfig(1), min_count=9)
    with pytest.raises(UsageError, match="at least 0"):
        counted("abab", order=-1)


def test_symbols_are_counted() -> None:
    tally = counted("abracadabra", "a")
    known = dict(zip(tally.tokenizer.vocabulary.symbols, tally.windows.of_symbols[1:], strict=True))
    assert known == {"a": 6, "b": 2, "c": 1, "d": 1, "r": 2}
    assert tally.windows.symbols == 12


def test_impossible_counts_are_found() -> None:
    windows = counted("abracadabra", order=2).windows
    swapped = windows.words[0].copy()
    swapped[:2] = swapped[1::-1]
    for damaged in (
        replace(windows, words=(swapped,)),
        replace(windows, words=(np.repeat(windows.words[0][:1], len(windows.counts)),)),
        replace(windows, words=(windows.words[0] + np.uint64(1 << 60),)),
        replace(windows, counts=windows.counts * 0),
    ):
        with pytest.raises(ModelFileError, match="counts that no text has"):
            damaged.check()
