"""Differences with their intervals, and what other tools would print."""

import math
from pathlib import Path

import numpy as np
import pytest

from charlm.evaluation.bits import evaluate
from charlm.evaluation.comparison import Conventions, compare, mixed_units, subtract
from charlm.evaluation.judging import Judge, Judged
from charlm.evaluation.reading import Reading
from charlm.ngram.arpa.names import name_of
from charlm.ngram.arpa.writing import write
from charlm.ngram.model import NgramModel
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.trained import TrainedModel
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

FROZEN = Reading.FROZEN
LONG = TEXT[2000:] + UNSEEN


def judged(trained: TrainedModel, *texts: str | bytes, reading: Reading = FROZEN) -> Judged:
    judge = Judge(trained.tokenizer.policy.unit, trained, reading)
    data = [text if isinstance(text, bytes) else text.encode() for text in texts]
    return judge.judge([judge.decode(Document("text", one)) for one in data], placing=True)


def unit_model(unit: str, order: int = 2) -> TrainedModel:
    return fitted(TEXT, TextPolicy(unit=unit), order)


@pytest.mark.parametrize("unit", ["char", "byte", "grapheme", "word"])
def test_models_of_all_units_are_paired(unit: str) -> None:
    row = subtract(judged(unit_model(unit), LONG, TEXT), judged(unit_model("char", 1), LONG, TEXT))
    interval = row.to_json()["interval"]
    assert interval["low"] < row.bits_per_char < interval["high"]
    assert (interval["level"], interval["unit"]) == (0.95, "char")
    assert interval["blocks"] == (len(LONG) + len(TEXT)) // interval["block_length"] == 32
    assert row.paired is not None
    assert 0 <= sum(row.paired.chars) <= 1
    assert 0 < sum(row.paired.lines) <= 1


def test_the_other_way_round() -> None:
    a, b = judged(unit_model("char", 3), LONG), judged(unit_model("byte", 1), LONG)
    one, two = subtract(a, b), subtract(b, a)
    assert one.bits_per_unit == -(two.bits_per_unit or 0)
    one_row, two_row = one.to_json(), two.to_json()
    for what in ("chars", "lines"):
        assert one_row[f"{what}_won"] == two_row[f"{what}_lost"]
    assert one_row["interval"]["low"] == pytest.approx(-two_row["interval"]["high"], abs=0.01)


def test_short_texts_have_no_interval_but_a_reason() -> None:
    row = subtract(judged(unit_model("char"), "shorter"), judged(unit_model("char", 1), "shorter"))
    interval = row.to_json()["interval"]
    assert interval["low"] is interval["high"] is None
    expected = f"{interval['blocks']} blocks of {interval['block_length']} chars"
    assert interval["reason"] == f"too short: {expected}, where an interval needs 8"
    assert row.bits_per_char is not None


def test_raw_bytes_have_an_interval_too() -> None:
    data = np.random.default_rng(0).integers(256, size=3000, dtype=np.uint8).tobytes()
    row = subtract(judged(unit_model("byte"), data), judged(unit_model("byte", 0), data))
    assert row.bits_per_char is None
    interval = row.to_json()["interval"]
    assert interval["unit"] == row.unit == "byte"
    assert interval["low"] <= row.bits_per_byte <= interval["high"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            judged(unit_model("char"), LONG),
            judged(unit_model("char"), LONG, reading=Reading.ADAPTIVE),
        ),
        (judged(fitted("ab", TextPolicy(), 1, "mle"), "abX"), judged(unit_model("char"), "abX")),
        (judged(unit_model("char"), ""), judged(unit_model("char"), "")),
    ],
    ids=["adaptive", "impossible", "empty"],
)
def test_what_cannot_be_compared_has_no_interval(one: Judged, two: Judged) -> None:
    row = subtract(one, two)
    assert row.bits_per_unit is None
    assert row.paired is None
    assert row.reason
    said = row.to_json()
    assert said["interval"] is said["chars_won"] is said["lines_lost"] is None


def test_perplexities_of_different_units_are_not_ranked() -> None:
    a, b, c = (judged(unit_model(unit), "text") for unit in ("word", "char", "char"))
    assert mixed_units([a, b, c]) == ["char", "word"]
    assert mixed_units([b, c]) == []
    assert "perplexity" not in subtract(a, b).to_json()


@each(MODELS)
def test_conventions_follow_from_the_log_probabilities(name: str) -> None:
    """As torch's cross_entropy (mean of -ln P) and KenLM's query (log10, OOVs in and out) do."""
    trained = make(name)
    found = Conventions.of(evaluate(trained, LONG))
    ids = trained.tokenizer.encode(LONG)
    log_probs, _ = trained.model.score(ids)
    if not np.isfinite(log_probs).all():
        assert found.nats_per_symbol is found.log10_total is None
        return
    known = log_probs[ids != 0]
    assert found.nats_per_symbol == pytest.approx(-log_probs.mean())
    assert found.log10_total == pytest.approx((log_probs / math.log(10)).sum())
    assert found.perplexity_with_unknowns == pytest.approx(np.exp(-log_probs.mean()))
    assert found.perplexity_without_unknowns == pytest.approx(np.exp(-known.mean()))


def test_conventions_are_given_on_demand() -> None:
    pair = [judged(unit_model("char"), LONG)]
    comparison = compare(pair, ["t"])
    figures = comparison.to_json(with_conventions=True)
    assert figures["totals"][0]["conventions"] == figures["results"][0]["conventions"]
    assert "conventions" not in comparison.to_json()["totals"][0]
    nothing = Conventions.of(evaluate(unit_model("char"), ""))
    assert set(nothing.to_json().values()) == {None, 0.0}
    assert str(nothing.log10_total) == "0.0"  # not -0.0


def test_kenlm_prints_the_same(tmp_path: Path) -> None:
    """Its `query` sums full_scores over lines: log10 P, and whether the word is an OOV."""
    kenlm = pytest.importorskip("kenlm", reason="needs a C++ compiler; in the extra bench")
    trained = make("modified-kneser-ney-4-line")
    assert isinstance(trained.model, NgramModel)
    symbols = trained.tokenizer.vocabulary.symbols
    (tmp_path / "m.arpa").write_text("".join(write(trained.model, symbols)))
    theirs = kenlm.Model(str(tmp_path / "m.arpa"))
    lines = [" ".join(map(name_of, line)) for line in UNSEEN.splitlines()]
    scores = [(score, oov) for line in lines for score, _, oov in theirs.full_scores(line)]
    total, known = sum(s for s, _ in scores), [s for s, oov in scores if not oov]
    found = Conventions.of(evaluate(trained, UNSEEN))
    assert found.log10_total == pytest.approx(total, rel=1e-5)
    assert found.perplexity_with_unknowns == pytest.approx(10 ** (-total / len(scores)), rel=1e-5)
    expected = 10 ** (-sum(known) / len(known))
    assert found.perplexity_without_unknowns == pytest.approx(expected, rel=1e-5)
