"""What is drawn follows P(x|h) without UNKNOWN, for every registered model, however it is drawn.

A stream of symbols is held against the distributions before each of them, counted in two ways:
after each last symbol apart, so that a fault after some histories is not lost among the others;
and by what a symbol was expected, which tells those seen after a history from the others.
"""

from itertools import islice

import numpy as np
import pytest

from charlm import train_ngram
from charlm.arrays import Float64s, Ids
from charlm.model import StorableModel
from charlm.ngram.inference import drawing
from charlm.sampling.drawing import SamplingConfig, sample
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import MODELS, NGRAMS, WORDS, each, make, turn

DRAWN, BY_DISTRIBUTIONS = 12_000, 1500
NUMBERS = {"ngram": DRAWN, "rnn": 2500, "mixture": BY_DISTRIBUTIONS}
FEWEST = 5.0  # expected in a cell; others are put together
MOST_HALVES = 40  # of a bit: the classes of what was expected
MOST = 5.0  # standard deviations
AT_ONCE, NEVER = -(1 << 60), 1 << 60  # to draw from tables


def law(model: StorableModel, ids: Ids) -> Float64s:
    """What each symbol is to be drawn from after those before it, (T, V)."""
    rows = np.exp(model.distributions(ids, model.initial_state())[0])
    rows[:, UNKNOWN] = 0
    rows[~rows.any(axis=1), UNKNOWN + 1 :] = 1
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def excess(drawn: Ids, rows: Float64s) -> float:
    """How far the counts are from the law, in the worse of two ways."""
    assert (rows[np.arange(len(drawn)), drawn] > 0).all()
    steps, symbols = rows.shape
    hits = np.zeros_like(rows)
    hits[np.arange(steps), drawn] = 1
    last = np.append(0, drawn[:-1])
    cells = last[:, None] * symbols + np.arange(symbols)
    with np.errstate(divide="ignore"):
        halves = np.minimum(-2 * np.log2(rows), MOST_HALVES).astype(int)
    classes = np.arange(steps)[:, None] * (MOST_HALVES + 1) + halves

    def after_last(values: Float64s) -> Float64s:
        return np.bincount(cells.ravel(), values.ravel()).astype(np.float64)

    def by_expectation(values: Float64s) -> Float64s:
        sums = np.bincount(classes.ravel(), values.ravel(), steps * (MOST_HALVES + 1))
        return sums.reshape(steps, -1).astype(np.float64)

    expected = by_expectation(rows)
    return max(
        chi_square(*map(after_last, (hits, rows, rows * (1 - rows)))),
        chi_square(
            *(a.sum(0) for a in (by_expectation(hits), expected, expected * (1 - expected)))
        ),
    )


def chi_square(observed: Float64s, expected: Float64s, variance: Float64s) -> float:
    """Standard deviations above its mean, which is the sum of variance / expected."""
    frequent = expected >= FEWEST
    observed, expected, variance = (
        np.append(cells[frequent], cells[~frequent].sum())
        for cells in (observed, expected, variance)
    )
    expected = np.maximum(expected, 1e-9)
    value, mean = ((observed - expected) ** 2 / expected).sum(), (variance / expected).sum()
    return float((value - mean) / (2 * len(expected)) ** 0.5)


def stream(model: StorableModel, number: int, seed: int) -> Ids:
    drawn = sample(model, model.initial_state(), SamplingConfig(), np.random.default_rng(seed))
    return np.array(list(islice(drawn, number)), np.int32)


@each([*MODELS, *WORDS])
def test_long_samples_follow_the_law(name: str) -> None:
    """The way that samples of a book's length take."""
    model = make(name).model
    drawn = stream(model, NUMBERS[model.kind], 1)
    assert excess(drawn, law(model, drawn)) < MOST


@each([*NGRAMS, *WORDS])
def test_other_ways_of_drawing_follow_the_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As short samples are drawn; and where little is left, which takes more tries than these."""
    ways = (NEVER, drawing.MOST_TRIES, BY_DISTRIBUTIONS), (AT_ONCE, 2, DRAWN)
    fewest, tries, number = ways[turn(name)]
    monkeypatch.setattr(drawing, "FEWEST", fewest)
    monkeypatch.setattr(drawing, "MOST_TRIES", tries)
    model = make(name).model
    drawn = stream(model, number, 2)
    assert excess(drawn, law(model, drawn)) < MOST


@pytest.mark.parametrize("name", ["katz-4-file", "hidden-elman-tanh-line-rare"])
def test_another_law_is_told_apart(name: str) -> None:
    model = make(name).model
    drawn = stream(model, DRAWN, 1)
    colder = law(model, drawn) ** 2
    colder /= colder.sum(axis=1, keepdims=True)
    assert excess(drawn, colder) > 2 * MOST


def test_where_almost_all_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbols that are left once in some thousand tries keep their proportions, and come soon."""
    monkeypatch.setattr(drawing, "FEWEST", AT_ONCE)
    rng = np.random.default_rng(0)
    text = "".join(map(chr, range(0x4E00, 0xA000)))
    for place in sorted(rng.integers(len(text), size=9).tolist(), reverse=True):
        text = text[:place] + "aabab"[: rng.integers(1, 6)] + text[place:]
    model = train_ngram(text, order=3, smoothing="witten-bell", min_count=2).trained.model
    assert np.exp(model.log_probs(()))[UNKNOWN] > 0.998
    drawn = stream(model, DRAWN, 4)
    assert excess(drawn, law(model, drawn)) < MOST
