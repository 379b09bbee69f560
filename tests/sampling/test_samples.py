"""Samples: where they end, and that pieces change nothing."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.sampling import samples
from charlm.sampling.beginning import beginning
from charlm.sampling.drawing import SamplingConfig, sample
from charlm.sampling.samples import END, LENGTH, STOP, Generator, Piece, costs, joined
from charlm.text.units import UNITS
from tests.support.models import MODELS, each, make, ngram

SEED = 4
STOPS = [(), ("e",), ("the", "th"), ("ing", " a", "nd t"), ("\n\n",), ("nowhere to be found",)]


def drawn(generator: Generator, seed: int = SEED) -> list[Piece]:
    return list(generator.pieces(np.random.default_rng(seed)))


def whole(pieces: list[Piece]) -> tuple[list[int], str, str]:
    assert [piece.ending is None for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    both = joined(iter(pieces))
    return both.ids, both.text, both.ending


def naive(generator: Generator) -> tuple[str, str]:
    """Grow the text by a symbol, then by a character, and look at it each time."""
    model, tokenizer = generator.trained.model, generator.trained.tokenizer
    prompt, last = tokenizer.unit.going_on(generator.prompt)
    read_before = tokenizer.encode(prompt, close_line=False)
    _, state = model.score(read_before if prompt else beginning(generator.trained))
    rng, text, read = np.random.default_rng(SEED), "", list[str]()
    for symbol in islice(sample(model, state, generator.config, rng), generator.length):
        if symbol == tokenizer.end:
            return text, END
        read.append(tokenizer.name(symbol))
        for character in tokenizer.unit.written(read, last)[-1]:
            text += character
            complete = [stop for stop in generator.stop if text.endswith(stop)]
            if complete:
                return text[: len(text) - max(map(len, complete))], STOP
    return text, LENGTH


@pytest.fixture(params=["by the clock", "one", "many"])
def pace(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of any size: a clock that stands still, or one that runs fast."""
    if request.param != "by the clock":
        ticks = count(step=0.0 if request.param == "many" else 1.0)
        monkeypatch.setattr(samples, "perf_counter", lambda: next(ticks))


@pytest.mark.usefixtures("pace")
@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_sample_ends_at_its_length_or_its_stop_text(
    unit: str, sequence: str, stop: tuple[str, ...]
) -> None:
    trained = ngram("witten-bell", 2, sequence, unit)
    generator = Generator(trained, prompt="To b", length=300, stop=stop)
    ids, text, ending = whole(drawn(generator))
    assert (text, ending) == naive(generator)
    names, last = [generator.names[i] for i in ids], trained.tokenizer.unit.going_on("To b")[1]
    written = trained.tokenizer.unit.written(names, last)
    assert "".join(written).removesuffix("\n" if ending == END else "").startswith(text)
    assert len(ids) <= 300
    if len(ids) > 1:  # each symbol but END has a part in the text
        assert sum(map(len, written[:-1])) < len(text) + (ending == END)


@each(MODELS)
def test_samples_are_what_the_model_draws(name: str) -> None:
    trained = make(name)
    generator = Generator(trained, length=30)
    ids, text, ending = whole(drawn(generator))
    model = trained.model
    state = model.score(beginning(trained))[1]
    draws = sample(model, state, SamplingConfig(), np.random.default_rng(SEED))
    assert ids == list(islice(draws, len(ids)))
    assert ending == (END if ids[-1] == model.end else LENGTH)
    assert len(text) == 30 - (30 - len(ids)) - (ending == END)


@each(MODELS)
def test_the_reader_scores_a_sample_as_part_of_its_text(name: str) -> None:
    trained = make(name)
    generator = Generator(trained, prompt="To be", length=20)
    ids, _, _ = whole(drawn(generator))
    prompt = trained.tokenizer.encode("To be", close_line=False)
    both, _ = trained.model.score(np.append(prompt, ids).astype(np.int32))
    scored = generator.reader().score(np.array(ids, np.int32))
    np.testing.assert_allclose(scored, both[len(prompt) :], rtol=0, atol=1e-5)


def test_samples_follow_each_other_at_one_seed() -> None:
    """No random number is drawn ahead by the clock: the next sample is always the same."""
    rng = np.random.default_rng(SEED)
    generator = Generator(make("modified-kneser-ney-4-file"), length=9, stop=("e",))
    texts = ["".join(piece.text for piece in generator.pieces(rng)) for _ in range(20)]
    again = np.random.default_rng(SEED)
    assert texts == ["".join(piece.text for piece in generator.pieces(again)) for _ in range(20)]
    assert len({*texts}) > 10


@each([name for name in MODELS if "-line" in name])
def test_lines_are_one_stream_cut_at_its_ends(name: str) -> None:
    trained = make(name)
    model = trained.model
    samples = Generator(trained, length=99).samples(np.random.default_rng(SEED))
    ids: list[int] = []
    for pieces in islice(samples, 5):
        ids += (one := joined(pieces)).ids
        if one.ending != END:
            break
    state = model.score(beginning(trained))[1]
    draws = sample(model, state, SamplingConfig(), np.random.default_rng(SEED))
    assert ids == list(islice(draws, len(ids)))


@pytest.mark.parametrize("settings", [{"prompt": "To"}, {"length": 2}, {"stop": ("e",)}])
def test_samples_begin_anew_where_a_stream_cannot_go_on(settings: dict[str, Any]) -> None:
    """Under mle a symbol that does not follow the beginning would be impossible."""
    trained = make("mle-4-line")
    generator = Generator(trained, **settings)
    for pieces in islice(generator.samples(np.random.default_rng(SEED)), 20):
        assert np.isfinite(costs(generator.reader(), joined(pieces).ids)).all()


def test_nothing_at_all() -> None:
    assert drawn(Generator(make("mle-1-line"), length=0)) == [Piece([], [], LENGTH)]


def test_symbols_that_the_model_lacks_are_named() -> None:
    generator = Generator(make("mle-1-file"), prompt="é: the 中", stop=("the", "é", "e中"))
    assert generator.unknown == ["é", "中"]
    assert generator.unreachable == ["é", "e中"]


@pytest.mark.parametrize("settings", [{"length": -1}, {"stop": ("a", "")}])
def test_impossible_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Generator(make("mle-1-file"), **settings)


def test_pieces_grow_as_long_as_they_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def slow_after(symbols: int) -> Iterator[int]:
        nonlocal now
        for symbol in count():
            now += 0.0001 if symbol < symbols else 0.03
            yield symbol

    monkeypatch.setattr(samples, "perf_counter", lambda: now)
    pieces = samples.flowing(islice(slow_after(127), 400))
    assert [len(piece) for piece in pieces][:10] == [1, 2, 4, 8, 16, 32, 64, 128, 64, 32]
