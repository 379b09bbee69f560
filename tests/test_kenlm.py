"""KenLM's methods over our models: beside KenLM itself, on files that we export."""

import copy
import pickle
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import charlm
from charlm import kenlm
from charlm.ngram.arpa.names import name_of
from tests.support.models import NGRAMS, TEXT, each, make

LINES = "anna b\nhanna\njohanna\nç\n" * 9
SHORT = [name for name in NGRAMS if "-4-" in name or "pruned" in name or "-1-" in name]


def sentences(symbols: tuple[str, ...]) -> Iterator[str]:
    """Pieces of a text, random symbols, unknown ones, none."""
    names = [*map(name_of, symbols), "<unk>", "zzz", "中"]
    rng = Random(2)
    yield ""
    yield " ".join(map(name_of, TEXT[:200]))
    for length in (1, 2, 9, 40):
        yield " ".join(rng.choice(names) for _ in range(length))
    yield "a </s> b"


@cache
def peer() -> Any:
    return pytest.importorskip("kenlm", reason="takes a minute to compile; in the extra bench")


def theirs_on(path: Path) -> Any:
    quiet = peer().Config()
    quiet.show_progress = False
    quiet.arpa_complain = peer().ARPALoadComplain.NONE
    return peer().Model(str(path), quiet)


@each(SHORT)
def test_scores_are_those_of_kenlm_on_the_exported_file(name: str, tmp_path: Path) -> None:
    peer()
    model = charlm.Model(make(name))
    charlm.export(model, tmp_path / "m.arpa")
    theirs = theirs_on(tmp_path / "m.arpa")
    symbols = make(name).tokenizer.vocabulary.symbols
    for ours in (kenlm.Model(model), kenlm.Model(tmp_path / "m.arpa")):
        assert ours.order == theirs.order
        for sentence in sentences(symbols):
            for bos, eos in ((True, True), (False, True), (True, False), (False, False)):
                found = [*ours.full_scores(sentence, bos, eos)]
                expected = [*theirs.full_scores(sentence, bos, eos)]
                logs = [[row[0] for row in rows] for rows in (found, expected)]
                np.testing.assert_allclose(logs[0], logs[1], rtol=1e-5, atol=1e-5, err_msg=sentence)
                assert [one[1:] for one in found] == [one[1:] for one in expected], sentence
                total = theirs.score(sentence, bos=bos, eos=eos)
                assert ours.score(sentence, bos, eos) == pytest.approx(total, rel=1e-5, abs=1e-5)
            perplexity = theirs.perplexity(sentence)
            assert ours.perplexity(sentence) == pytest.approx(perplexity, rel=1e-3)
        for word in (*map(name_of, symbols), "<unk>", "<s>", "</s>", "zzz", ""):
            assert (word in ours) == (word in theirs), word


def test_states_go_on_as_kenlms_do(tmp_path: Path) -> None:
    peer()
    model = charlm.train_ngram(LINES, order=4, sequence="line")
    charlm.export(model, tmp_path / "m.arpa", space="▁")
    theirs = theirs_on(tmp_path / "m.arpa")
    ours = kenlm.Model(model, space="▁")
    for begin in ("BeginSentenceWrite", "NullContextWrite"):
        state, after, state_2, after_2 = (
            kenlm.State(), kenlm.State(), peer().State(), peer().State()
        )  # fmt: skip
        getattr(ours, begin)(state)
        getattr(theirs, begin)(state_2)
        for word in (*"anna▁bqhan", "</s>", *"han", "<s>", "a"):
            found = ours.BaseFullScore(state, word, after)
            expected = theirs.BaseFullScore(state_2, word, after_2)
            assert found.log_prob == pytest.approx(expected.log_prob, rel=1e-5, abs=1e-5), word
            assert found.oov == expected.oov
            assert ours.BaseScore(state, word, after) == found.log_prob
            state, after, state_2, after_2 = after, kenlm.State(), after_2, peer().State()


def test_a_score_is_what_the_model_says() -> None:
    """Without KenLM at hand: bits are logarithms of base 2."""
    model = charlm.train_ngram(LINES, order=3, sequence="line")
    ours = kenlm.Model(model)
    for text in ("anna", "hanna", "bah", ""):
        bits = model.score(f"{text}\n").bits.sum()
        assert ours.score(" ".join(text)) == pytest.approx(-bits * np.log10(2), abs=1e-6)


def test_every_way_to_give_a_model(tmp_path: Path) -> None:
    model = charlm.train_ngram(LINES, order=3, sequence="line")
    model.save(tmp_path / "m.charlm")
    charlm.export(model, tmp_path / "m.arpa.gz")
    expected = kenlm.Model(model).score("a n n a")
    for name in ("m.charlm", "m.arpa.gz"):
        for path in (tmp_path / name, str(tmp_path / name), str(tmp_path / name).encode()):
            found = kenlm.Model(path, kenlm.Config(show_progress=False))
            assert found.score("a n n a") == pytest.approx(expected, abs=1e-6)
            assert found.score(b"a n n a") == found.score("a n n a")
            assert repr(found) == f"<charlm.kenlm.Model from {name}>"
            assert found.path == str(tmp_path / name).encode()
    assert kenlm.LanguageModel is kenlm.Model


def test_models_and_states_are_values() -> None:
    ours = kenlm.Model(charlm.train_ngram(LINES, order=3, sequence="line"))
    twin = pickle.loads(pickle.dumps(ours))
    assert twin.score("a n n a") == ours.score("a n n a")
    states = [kenlm.State() for _ in range(5)]
    ours.BeginSentenceWrite(states[0])
    for (before, after), word in zip(pairwise(states), "anna", strict=True):
        ours.BaseScore(before, word, after)
    again = kenlm.State()
    ours.BaseScore(states[3], "a", again)
    assert again == states[4] != states[3]
    assert {*map(hash, (again, states[4]))} == {hash(again)}
    for copied in (copy.copy(again), copy.deepcopy(again), pickle.loads(pickle.dumps(again))):
        assert copied == again
    assert again != 3


def test_a_space_has_the_name_that_is_asked_for() -> None:
    model = charlm.train_ngram(LINES, order=3, sequence="line")
    named, plain = kenlm.Model(model, space="|"), kenlm.Model(model)
    assert "|" in named
    assert "<U+0020>" not in named
    assert named.score("a | b") == plain.score("a <U+0020> b")
    with pytest.raises(charlm.UsageError, match="'a' is the name of another symbol"):
        kenlm.Model(model, space="a")


def test_other_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(charlm.UsageError, match="those of n-gram models"):
        kenlm.Model(charlm.train_rnn(LINES, hidden=3, steps=1))
    with pytest.raises(charlm.ModelFileError, match="no such file"):
        kenlm.Model(tmp_path / "no.arpa")
