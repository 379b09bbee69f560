"""Texts of no kind: how often those of a kind are refused, and how often others are not."""

import base64
import random
from collections.abc import Sequence

import numpy as np
import pytest

import charlm
from charlm.evaluation.open_set import LENGTHS, RATES, Typical, typical
from charlm.trained import Record
from tests.support.models import CORPORA

AUSTEN = (CORPORA / "austen.txt").read_text()
PARTS = AUSTEN[:200_000], AUSTEN[200_000:260_000], AUSTEN[260_000:500_000]
SHORTEST = 20  # characters of a line that is judged


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if len(line) >= SHORTEST]


@pytest.fixture(scope="module")
def english() -> charlm.Model:
    return charlm.train_ngram(PARTS[0], order=4)


def refused(model: charlm.Model, texts: Sequence[str], rate: float) -> float:
    found = charlm.identify([model], texts, false_alarms=rate, held_out=[PARTS[1]])
    return float(np.mean([one is None for one in found.best]))


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.01])
def test_false_alarms_are_no_more_than_was_said(rate: float, english: charlm.Model) -> None:
    """On chapters that neither the model nor its limits come from."""
    found = refused(english, lines(PARTS[2]), rate)
    assert found <= 1.25 * rate + 0.005  # other chapters are not quite as those that were held out
    assert found > rate / 20  # and the limit is not out of reach


def test_what_is_no_english_is_refused(english: charlm.Model) -> None:
    rng = random.Random(0)
    own = lines(PARTS[2])[:400]
    others = {
        "letters in any order": ["".join(rng.sample(line, len(line))) for line in own],
        "base64": [base64.b64encode(line.encode()).decode() for line in own],
        "keys": ["".join(rng.choices("asdf jklö qwer uiop", k=40)) for _ in own],
        "Chinese": lines((CORPORA / "chinese.txt").read_text())[:400],
    }
    found = {name: refused(english, texts, 0.01) for name, texts in others.items()}
    assert min(found.values()) > 0.97, found


def test_z_is_that_of_the_definition(english: charlm.Model) -> None:
    """By hand, at a length that stands in the table, between two, and beyond both ends."""
    rows = ((4.0, 3.0, 0.8, *[2.0] * 6), (16.0, 2.0, 0.2, *[4.0] * 6))
    kind = Typical.of(rows)
    sizes, bits = np.array([4, 16, 8, 64, 1]), np.array([16.0, 40.0, 24.0, 160.0, 5.0])
    expected = [(4 - 3) / 0.8, (2.5 - 2) / 0.2, (3 - 2.5) / 0.4, (2.5 - 2) / 0.2, (5 - 3) / 1.6]
    np.testing.assert_allclose(kind.z(sizes, bits), expected)
    limits = [2.0, 4.0, 3.0, 4.0, 2.0]
    for i, limit in enumerate(limits):
        z = np.array(expected) - expected[i] + limit
        for step, is_refused in ((-1e-6, False), (1e-6, True)):
            moved = bits + (z + step - expected) * sizes * [0.8, 0.2, 0.4, 0.2, 1.6]
            assert kind.refused(sizes, moved, 0.01)[i] == is_refused


def test_limits_are_quantiles_of_the_held_out_pieces(english: charlm.Model) -> None:
    found = typical(english.trained, [PARTS[1]])
    assert found is not None
    assert found.bytes.tolist() == list(LENGTHS)  # a character is a byte here
    assert found.limits.shape == (len(LENGTHS), len(RATES))
    assert (np.diff(found.limits, axis=1) >= 0).all()
    assert (np.diff(found.spread) < 0).all()  # longer pieces are more alike
    assert Typical.of(found.rows).rows == found.rows


def test_what_was_held_out_in_training_is_known() -> None:
    model = charlm.train_ngram(PARTS[0], order=3, valid_fraction=0.2)
    assert model.trained.record.typical is not None
    assert Record.from_json(model.trained.record.to_json()) == model.trained.record
    found = charlm.identify([model], ["The family were at home.", "sdkfj wkejr xcv"],
                            false_alarms=0.01)  # fmt: skip
    assert found.best == ["model 1", None]
    assert found.z is not None
    assert found.z[0] < 3 < found.z[1]


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("unit", ["char", "byte", "grapheme", "word"])
def test_every_unit_knows_its_kind(unit: str, sequence: str) -> None:
    text = (CORPORA / "austen.txt").read_text()[:60_000]
    options = {"unit": unit, "sequence": sequence, "order": 2}
    model = charlm.train_ngram(text, valid_fraction=0.3, **options)  # type: ignore[arg-type]
    fine, gibberish = "It was a very fine day, and she was happy.", "Xq zj vvk wqpx bzzt krrg fhq."
    found = charlm.identify([model], [fine, gibberish], false_alarms=0.02)
    assert found.best == ["model 1", None]


def test_what_cannot_be_judged_is_refused_in_a_line(english: charlm.Model) -> None:
    def judge(**options: object) -> None:
        charlm.identify([english], ["a line"], **options)  # type: ignore[arg-type]

    for options, message in (
        ({"false_alarms": 0.01}, "model 1: does not know what is typical of its kind; train it "
                                 "with valid_fraction=0.1, or give held_out, a text for each"),
        ({"false_alarms": 0.5, "held_out": [PARTS[1]]}, "a false-alarm rate is from 0.001 to 0.1"),
        ({"false_alarms": 0.01, "held_out": [PARTS[1]] * 2}, "2 texts for 1 models"),
        ({}, "to identify needs at least two models"),
    ):  # fmt: skip
        with pytest.raises(charlm.UsageError, match=message):
            judge(**options)
    with pytest.raises(charlm.TextError, match="too short to say what is typical"):
        judge(false_alarms=0.01, held_out=["short"])
