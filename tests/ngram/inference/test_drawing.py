"""Drawing by descent follows the model's own distribution, for every smoother."""

from collections.abc import Iterator
from functools import cache
from itertools import chain, islice, repeat

import numpy as np
import pytest

from charlm.arrays import Float64s
from charlm.ngram.arpa.reading import read
from charlm.ngram.arpa.writing import write
from charlm.ngram.inference import drawing
from charlm.ngram.inference.drawing import Drawer
from charlm.ngram.model import NgramModel
from charlm.ngram.smoothing import SMOOTHERS
from charlm.text.vocabulary import UNKNOWN
from tests.support.models import NGRAMS, TEXT, UNSEEN, each, make, ngram

IMPORTED = [f"{smoothing}-imported" for smoothing in SMOOTHERS]
DRAWN = 5000
each_model = each([*NGRAMS, *IMPORTED])


@cache
def model_of(name: str) -> NgramModel:
    if name in IMPORTED:
        trained = ngram(name.removesuffix("-imported"), 2, "line")
        assert isinstance(trained.model, NgramModel)
        lines = write(trained.model, trained.tokenizer.vocabulary.symbols)
        return read("file", ["".join(lines).encode()]).model
    model = make(name).model
    assert isinstance(model, NgramModel)
    return model


def shares(model: NgramModel, state: tuple[int, ...]) -> Float64s:
    probs = np.exp(model.log_probs(state))
    probs[UNKNOWN] = 0
    if not probs.any():
        probs[UNKNOWN + 1 :] = 1
    probs /= probs.sum()
    return probs


def uniform_numbers(seed: int) -> Iterator[float]:
    """As `draws` takes them."""
    rng = np.random.default_rng(seed)
    return chain.from_iterable(rng.random(drawing.RANDOM_BLOCK).tolist() for _ in repeat(None))


def chi_square(drawn: list[int], expected: Float64s) -> float:
    """In standard deviations above its mean, rare symbols together."""
    counts = np.bincount(drawn, minlength=len(expected))
    assert not counts[expected == 0].any()
    expected = expected * len(drawn)
    frequent = expected >= 5
    observed = np.append(counts[frequent], counts[~frequent].sum())
    wanted = np.append(expected[frequent], max(expected[~frequent].sum(), 1.0))
    freedom = max(len(wanted) - 1, 1)
    value = float(((observed - wanted) ** 2 / wanted).sum())
    return float((value - freedom) / (2 * freedom) ** 0.5)


@each_model
def test_frequencies_follow_the_model(name: str) -> None:
    """Chi-square at fixed seeds, after histories that were seen, seen in part, and not seen."""
    drawer = Drawer(model_of(name).tables)
    model, tokenizer = model_of(name), make("witten-bell-1-line").tokenizer
    uniform = uniform_numbers(3)
    for history in ("", "th", TEXT[:50], UNSEEN[:-1], "qz"):
        _, state = model.score(tokenizer.encode(history, close_line=False) % model.vocab_size)
        place = len(state), state[-1] if state else 0
        drawn = [
            drawer.successors.symbols[k][row]
            for k, row in (drawer.draw(*place, uniform) for _ in range(DRAWN))
        ]
        assert chi_square(drawn, shares(model, state)) < 5


def test_the_chi_square_can_fail() -> None:
    model = model_of("witten-bell-1-file")
    state = model.initial_state()
    _, other = model.score(np.array([5], np.int32))
    drawn = np.random.default_rng(1).choice(model.vocab_size, DRAWN, p=shares(model, other))
    assert chi_square(drawn.tolist(), shares(model, state)) > 50


@each_model
def test_the_stream_follows_the_history(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each symbol is drawn after the state that `advance` gives."""
    monkeypatch.setattr(drawing, "FEWEST", -(1 << 60))
    model = model_of(name)
    drawn = list(islice(model.draws(model.initial_state(), np.random.default_rng(7)), 300))
    drawer, uniform = Drawer(model.tables), uniform_numbers(7)
    state = model.initial_state()
    for symbol in drawn:
        place = len(state), state[-1] if state else 0
        k, row = drawer.draw(*place, uniform)
        assert symbol == drawer.successors.symbols[k][row]
        state = model.advance(state, symbol)


def test_the_change_to_tables_keeps_the_history() -> None:
    """Under mle a symbol drawn after another history would soon be impossible."""
    model = model_of("mle-4-line")
    patience = drawing.FEWEST + sum(model.ngrams) // drawing.NGRAMS_A_SYMBOL
    a, b = (
        list(islice(model.draws(model.initial_state(), np.random.default_rng(2)), patience + 500))
        for _ in range(2)
    )
    assert a == b
    assert np.isfinite(model.score(np.array(a, np.int32))[0]).all()


def test_only_unknown_left_gives_any_symbol() -> None:
    """A model that has nothing but the unknown symbol draws all others alike."""
    lines = "\\data\\\nngram 1=4\n\n\\1-grams:\n0\t<unk>\n-99\ta\n-99\tb\n-99\t<s>\n\n\\end\\\n"
    drawer = Drawer(read("file", [lines.encode()]).model.tables)
    drawn = [drawer.draw(0, 0, uniform)[1] for uniform in [uniform_numbers(1)] * 20]
    assert set(drawn) == {1, 2}
