"""The laws of readers, for every registered model."""

from pathlib import Path

import numpy as np
import pytest

from charlm import storage
from charlm.model import StaticReader, stepwise
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

READ = TEXT[:300] + UNSEEN + TEXT[100:200]
each_model = each(MODELS)


@each_model
def test_a_static_reader_is_the_model(name: str) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(TEXT[:100] + UNSEEN)
    expected, state = trained.model.score(ids)
    reader = StaticReader(trained.model)
    np.testing.assert_array_equal(reader.score(ids), expected)
    np.testing.assert_array_equal(reader.log_probs(), trained.model.log_probs(state))
    np.testing.assert_allclose(stepwise(StaticReader(trained.model), ids), expected, atol=1e-5)


def test_a_static_reader_may_start_anywhere() -> None:
    trained = make("witten-bell-4-file")
    ids = trained.tokenizer.encode(TEXT[:100])
    whole, _ = trained.model.score(ids)
    _, state = trained.model.score(ids[:40])
    np.testing.assert_array_equal(StaticReader(trained.model, state).score(ids[40:]), whole[40:])


@each_model
def test_what_a_reader_learnt_still_sums_to_one(name: str) -> None:
    trained = make(name)
    reader = trained.model.adaptive_reader()
    for piece in ("", TEXT[:50], "t", UNSEEN, TEXT[:50], TEXT[:51], "\n"):
        reader.score(trained.tokenizer.encode(piece, close_line=False))
        log_probs = reader.log_probs()
        assert log_probs.shape == (trained.model.vocab_size,)
        assert np.exp(log_probs).sum() == pytest.approx(1, abs=1e-5)
        assert (log_probs <= 0).all()


@pytest.mark.slow
@each_model
def test_a_reader_scores_as_it_reads(name: str) -> None:
    """In one go, in pieces, and symbol by symbol."""
    trained = make(name)
    ids = trained.tokenizer.encode(READ)
    by_symbol = stepwise(trained.model.adaptive_reader(), ids)
    np.testing.assert_allclose(
        trained.model.adaptive_reader().score(ids), by_symbol, rtol=0, atol=1e-5
    )
    reader = trained.model.adaptive_reader()
    pieces = [reader.score(ids[low : low + 41]) for low in range(0, len(ids), 41)]
    np.testing.assert_allclose(np.concatenate(pieces), by_symbol, rtol=0, atol=1e-5)


@pytest.mark.slow
@each_model
def test_two_readers_agree_to_the_last_bit(name: str) -> None:
    """What a coder needs: the same calls give the same numbers."""
    trained = make(name)
    ids = trained.tokenizer.encode(READ[:300])
    readers = trained.model.adaptive_reader(), trained.model.adaptive_reader()
    for symbol in ids.tolist():
        a, b = (reader.log_probs() for reader in readers)
        np.testing.assert_array_equal(a, b)
        for reader in readers:
            reader.observe(symbol)


@each_model
def test_learning_leaves_the_model_untouched(name: str) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(READ)
    arrays = {key: array.copy() for key, array in trained.model.arrays().items()}
    before, _ = trained.model.score(ids)
    trained.model.adaptive_reader().score(ids)
    np.testing.assert_array_equal(trained.model.score(ids)[0], before)
    np.testing.assert_equal(trained.model.arrays(), arrays)


@each_model
def test_a_model_from_a_file_learns_as_the_one_that_was_saved(name: str, tmp_path: Path) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(READ)
    expected = trained.model.adaptive_reader().score(ids)
    storage.save(tmp_path / "m.charlm", trained)
    reader = storage.load(tmp_path / "m.charlm").model.adaptive_reader()
    np.testing.assert_array_equal(reader.score(ids), expected)


@each_model
def test_what_was_read_once_is_likelier_the_second_time(name: str) -> None:
    trained = make(name)
    reader = trained.model.adaptive_reader()
    ids = trained.tokenizer.encode(UNSEEN * 4)
    first, *_, last = np.split(reader.score(ids), 4)
    assert last.sum() > first.sum()
    assert np.isfinite(last).all()


def test_only_what_learns_says_so() -> None:
    model = make("witten-bell-4-file").model
    assert StaticReader(model).describe() == {}
    assert model.adaptive_reader().describe() == {"adaptive": "counts(12)"}
