"""A judge decodes, reads and sums up."""

import numpy as np
import pytest

from charlm.evaluation.bits import evaluate
from charlm.evaluation.judging import Judge
from charlm.evaluation.many import score_many
from charlm.evaluation.reading import Reading
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from tests.evaluation.test_bits import fitted
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

OUTPUT_NETWORKS = [name for name in MODELS if name.startswith("output")]


@pytest.mark.parametrize("reading", [Reading.FROZEN, Reading.ADAPTIVE])
@pytest.mark.parametrize("name", ["witten-bell-4-file", OUTPUT_NETWORKS[0]])
def test_every_text_begins_with_a_reader_that_has_read_nothing(name: str, reading: Reading) -> None:
    judge = Judge(name, make(name), reading)
    found = judge.judge([[UNSEEN], [UNSEEN]])
    alone = evaluate(judge.trained, UNSEEN, reader=reading.reader(judge.trained.model))
    assert found.evaluations == [alone, alone]
    assert (found.model, found.reading, found.signature) == (name, reading, judge.signature)


@each(MODELS)
def test_what_is_given_was_read_before(name: str) -> None:
    trained = make(name)
    judge = Judge(name, trained, given="To be or n")
    (expected,) = score_many(trained, ["ot to be"], given="To be or n").bits
    assert judge.score("ot to be").bits.sum() == pytest.approx(expected, rel=1e-6)
    assert judge.score("ot to be").bits.sum() == pytest.approx(expected, rel=1e-6)


def test_places_are_kept_on_demand_and_never_of_changed_texts() -> None:
    plain = Judge("plain", fitted(TEXT, TextPolicy()))
    (placed,) = plain.judge([[UNSEEN]], placing=True).placed
    assert np.isclose(placed.bits.sum(), plain.judge([[UNSEEN]]).evaluations[0].total_bits)
    assert not plain.judge([[UNSEEN]]).placed
    changing = Judge("lower", fitted(TEXT, TextPolicy(lowercase=True)))
    assert not changing.judge([[UNSEEN]], placing=True).placed


@pytest.mark.parametrize(
    ("train", "policy", "told"),
    [
        ("a\n", TextPolicy(), ["text: lines end in CR LF, and m has never seen a CR."]),
        ("a\r\n", TextPolicy(), []),
        ("a\n", TextPolicy(newlines="lf"), []),
    ],
)
def test_line_ends_that_are_new_to_a_model_are_pointed_out(
    train: str, policy: TextPolicy, told: list[str]
) -> None:
    notes: list[str] = []
    Judge("m", fitted(train, policy)).decode(Document("text", b"a\r\na\r\n"), notes.append)
    assert notes == told
