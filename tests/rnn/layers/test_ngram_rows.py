"""Rows for n-grams: which n-gram has which row, which are learnt, and how."""

from itertools import product

import numpy as np
import pytest

from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.layers import ngram_rows
from charlm.rnn.layers.ngram_rows import SEEN, TABLE, NgramRows, RowGradient, sum_by_row, united
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.optimizers import adam, memory, step_by_row
from charlm.rnn.training.run import Texts

START = 4


def one_by_one(rows: NgramRows, symbols: np.ndarray) -> np.ndarray:
    """Read streams a symbol at a time."""
    before, found = rows.zero_state(symbols.shape[1]), []
    for row in symbols:
        here, before = rows.find(row[None], before)
        found.append(here[0])
    return np.array(found)


@pytest.mark.parametrize("longest", [2, 3, 6])
def test_windows_change_nothing(longest: int) -> None:
    rows = NgramRows(longest, 50, START)
    symbols = np.random.default_rng(0).integers(0, START + 1, (40, 3)).astype(np.int32)
    whole, after = rows.find(symbols, rows.zero_state(3))
    np.testing.assert_array_equal(one_by_one(rows, symbols), whole)
    np.testing.assert_array_equal(after, symbols[-(longest - 1) :])
    assert [part.min() // 50 for part in np.moveaxis(whole, 2, 0)] == list(range(longest - 1))
    assert whole.max() < rows.rows == 50 * (longest - 1)


def test_equal_ngrams_alone_have_equal_rows() -> None:
    """In a table that is large enough."""
    rows, ngrams = NgramRows(3, 1 << 20, START), list(product(range(START), repeat=3))
    found, _ = rows.find(np.array(ngrams, np.int32).T, rows.zero_state(len(ngrams)))
    for length in (2, 3):
        last = found[-1, :, length - 2]
        assert len(set(last.tolist())) == START**length
        assert len({(ngram[-length:], row) for ngram, row in zip(ngrams, last, strict=True)}) == (
            START**length
        )


def test_no_ngram_reaches_over_the_start_of_a_sequence() -> None:
    rows = NgramRows(4, 1 << 20, START)
    begun, _ = rows.find(np.array([[START, 1, 2, 0]], np.int32).T, rows.zero_state(1))
    within, _ = rows.find(np.array([[3, 1, START, 1, 2, 0]], np.int32).T, rows.zero_state(1))
    np.testing.assert_array_equal(within[2:], begun)


def test_collisions_are_as_rare_as_by_chance() -> None:
    """20,000 trigrams of 80 symbols among 2^15 rows: of each row, a Poisson number."""
    rng = np.random.default_rng(0)
    rows, size = NgramRows(3, 1 << 15, 80), 1 << 15
    ngrams = np.unique(rng.integers(0, 80, (20_000, 3)), axis=0).astype(np.int32)
    found, _ = rows.find(ngrams.T, rows.zero_state(len(ngrams)))
    used = len(np.unique(found[-1, :, 1]))
    expected = size * (1 - np.exp(-len(ngrams) / size))
    assert abs(used - expected) < 5 * np.sqrt(expected)


def test_rows_are_earned_by_places(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = NgramRows(3, 7, START)
    ids = np.random.default_rng(0).integers(0, START + 1, 30).astype(np.int32)
    counts = np.bincount(one_by_one(rows, ids[:, None]).ravel(), minlength=rows.rows)
    for at_once in (1, 4, 1000):
        monkeypatch.setattr(ngram_rows, "CODES_AT_ONCE", at_once)
        np.testing.assert_array_equal(rows.earned(ids), counts >= SEEN)


def test_gradients_add_up_by_row() -> None:
    rng = np.random.default_rng(0)
    rows, gradients = rng.integers(0, 9, 50), rng.standard_normal((50, 4))
    table = np.zeros((9, 4))
    np.add.at(table, rows, gradients)
    found, spread = sum_by_row(rows, gradients), np.empty((9, 4))
    found.spread(spread)
    np.testing.assert_allclose(spread, table)
    united([sum_by_row(rows[:20], gradients[:20]), sum_by_row(rows[20:], gradients[20:])]).spread(
        spread
    )
    np.testing.assert_allclose(spread, table)
    kept = found.among(np.arange(9) % 2 == 0)
    assert kept.rows.tolist() == [row for row in found.rows if row % 2 == 0]


def test_a_row_moves_by_its_own_squares() -> None:
    table, squares = np.zeros((4, 2)), np.zeros(4)
    for gradient in ([3.0, 4.0], [6.0, 8.0]):
        rows = RowGradient(np.array([1, 2]), np.array([gradient, [0.0, 0.0]]))
        step_by_row(table, squares, rows, rate=0.5)
    first, second = 12.5, 12.5 + 50
    assert squares.tolist() == [0, second, 0, 0]
    np.testing.assert_allclose(
        table[1], -0.5 * (np.array([3, 4]) / first**0.5 + np.array([6, 8]) / second**0.5)
    )
    assert not table[[0, 2, 3]].any()


def test_memories_are_of_the_dense_and_of_the_rows() -> None:
    parameters = Parameters({TABLE: (5, 2), "U": (3, 3), "c": (2,), "Q": (1, 4)})
    state = memory(adam(), parameters)
    assert {name: array.shape for name, array in state.items()} == {
        "m": (15,), "v": (15,), TABLE: (5,),
    }  # fmt: skip
    parameters.dense[:] = 1
    assert not parameters[TABLE].any()


def test_rows_that_were_not_earned_stay_zero_and_the_others_learn() -> None:
    ids = np.random.default_rng(0).integers(1, 6, 400).astype(np.int32)
    config = RnnConfig(hidden=8, ngrams=4, rows=64)
    texts = Texts([ids], [], vocab_size=6)
    run = start(texts, config, TrainingConfig(steps=30, batch=2, window=8))
    go_on(run, texts)
    rows = run.network.ngrams
    assert rows is not None
    earned = rows.earned(np.concatenate([[np.int32(6)], ids[:-1]]))
    learnt = run.parameters[TABLE].any(axis=1)
    assert earned.any()
    assert not earned.all()
    assert not (learnt & ~earned).any()
    assert learnt.sum() > earned.sum() / 2
