"""Documents cost together what they cost one by one."""

import pytest

from charlm.evaluation import many
from charlm.evaluation.bits import Evaluation, evaluate, total
from charlm.evaluation.documents import evaluate_all
from charlm.progress import Progress
from charlm.text.tokenizer import TextPolicy
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

TEXTS = ["", "To be", UNSEEN, *TEXT[:500].split("\n"), "", TEXT[:300]]


def alike(found: Evaluation, wanted: Evaluation) -> None:
    for name in ("symbols", "chars", "bytes", "unknown_symbols"):
        assert getattr(found, name) == getattr(wanted, name)
    for name in ("total_bits", "known_bits", "spelling_bits"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), rel=1e-6)


@each(MODELS)
def test_documents_cost_the_sum_of_each(name: str) -> None:
    trained = make(name)
    if trained.tokenizer.unit.encoding is None:
        alike(evaluate_all(trained, TEXTS), total([evaluate(trained, text) for text in TEXTS]))


def test_pieces_change_nothing_and_report(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, reports = make("witten-bell-4-file"), list[Progress]()
    whole = evaluate_all(trained, TEXTS)
    monkeypatch.setattr(many, "CHARS_PER_PIECE", 20)
    alike(evaluate_all(trained, TEXTS, reports.append), whole)
    assert (reports[-1].done, reports[-1].total) == (len(TEXTS), len(TEXTS))


def test_the_first_that_is_impossible_is_named() -> None:
    trained = make("mle-1-file")
    texts = ["To", "", "To", "Toz~z"]
    wanted = total([evaluate(trained, text) for text in texts])
    assert wanted.impossible is not None
    assert evaluate_all(trained, texts).impossible == wanted.impossible


def test_bytes_that_are_no_text_have_no_characters() -> None:
    trained = fitted("abc", TextPolicy(unit="byte"))
    assert evaluate_all(trained, ["a", "\xff"]).chars is None
    assert evaluate_all(trained, []).symbols == 0
