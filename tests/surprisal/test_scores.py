import math

import pytest

from charlm.evaluation import bits
from charlm.evaluation.bits import evaluate
from charlm.evaluation.judging import Judge
from charlm.evaluation.reading import Reading
from charlm.surprisal.scores import Scores, alternatives, place
from charlm.text.tokenizer import SEQUENCES
from charlm.text.units import UNITS
from charlm.trained import TrainedModel
from tests.support.models import MODELS, TEXT, UNSEEN, each, make, ngram
from tests.text.test_tokenizer import as_unit_text

FOREIGN = TEXT[:300] + UNSEEN + "naïve 👩\u200d🔬 中文"


def score(trained: TrainedModel, text: str) -> Scores:
    return place(trained, text, bits.score(trained, text))


@each(MODELS)
def test_symbols_add_up_to_the_total(name: str) -> None:
    trained = make(name)
    scores = score(trained, FOREIGN)
    result = evaluate(trained, FOREIGN)
    assert scores.total_bits == result.total_bits
    assert (len(scores.ids), scores.unknown.sum()) == (result.symbols, result.unknown_symbols)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_every_unit_adds_up(unit: str, sequence: str) -> None:
    trained = ngram("witten-bell", 2, sequence, unit)
    text = as_unit_text(trained.tokenizer.policy, FOREIGN)
    scores = score(trained, text)
    assert scores.total_bits == evaluate(trained, text).total_bits
    assert scores.data == (FOREIGN + "\n" * (sequence == "line")).encode()
    assert scores.positions.last_byte[-1] == len(scores.data) - 1


def test_adaptive_scores_add_up() -> None:
    trained = make("witten-bell-4-file")
    judge = Judge("m", trained, Reading.ADAPTIVE)
    scores = place(trained, UNSEEN * 3, judge.score(UNSEEN * 3))
    result = evaluate(trained, UNSEEN * 3, reader=trained.model.adaptive_reader())
    assert scores.total_bits == result.total_bits


def test_alternatives_are_the_likeliest_symbols() -> None:
    trained = make("witten-bell-4-file")
    ids = trained.tokenizer.encode("the king\n")
    found = list(alternatives(trained, ids, range(len(ids)), 3))
    for t, row in enumerate(found):
        _, state = trained.model.score(ids[:t])
        log_probs = trained.model.log_probs(state)
        expected = sorted(log_probs.tolist(), reverse=True)[:3]
        assert [math.log(a.probability) for a in row] == pytest.approx(expected)
        assert [-a.bits * math.log(2) for a in row] == pytest.approx(expected)
    assert found[2][0].symbol == "e"


@pytest.mark.parametrize("name", ["witten-bell-4-line", "hidden-gru-tanh-file"])
@pytest.mark.parametrize("adaptive", [False, True])
def test_alternatives_are_the_same_at_a_few_places(name: str, adaptive: bool) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(FOREIGN)
    readers = [trained.model.adaptive_reader() if adaptive else None for _ in range(2)]
    everywhere = list(alternatives(trained, ids, range(len(ids)), 2, readers[0]))
    places = [0, 1, 7, 8, 200]
    for at, row in zip(places, alternatives(trained, ids, places, 2, readers[1]), strict=True):
        assert [a.symbol for a in row] == [a.symbol for a in everywhere[at]]
        expected = [a.probability for a in everywhere[at]]
        assert [a.probability for a in row] == pytest.approx(expected, rel=1e-4)
