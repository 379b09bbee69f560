import json
import math

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.evaluation import identification, many
from charlm.evaluation.bits import evaluate, score
from charlm.evaluation.identification import (
    NOBODY,
    decide,
    identify,
    line_bits,
    lines_of,
    summarize,
)
from charlm.progress import Progress
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from tests.evaluation.test_bits import fitted
from tests.support.models import CORPORA, MODELS, TEXT, UNSEEN, each, make

LINES = ["", "To be or not", "中文 unseen", "", "x", "\ttabs\r"]


@each(MODELS)
def test_a_line_costs_what_it_costs_by_itself(name: str) -> None:
    """The text "\\n" + line, or the line alone as a sequence, without what is not the line's.

    A model that knows no line end reads the line alone, too.
    """
    trained = make(name)
    line_is_sequence = trained.tokenizer.end is not None
    found = line_bits(trained, LINES)
    for line, bits in zip(LINES, found, strict=True):
        if line_is_sequence:
            scored = score(trained, line + "\n")
            expected = scored.bits[:-1].sum()
        elif trained.tokenizer.unknown_symbols("\n"):
            expected = score(trained, line).bits.sum()
        else:
            expected = score(trained, "\n" + line).bits[1:].sum()
        assert bits == pytest.approx(expected, abs=1e-3)


@each([name for name in MODELS if name.endswith("line")])
def test_lines_and_their_ends_make_the_text(name: str) -> None:
    """Where sequences are lines, a text costs its lines and the ENDs; nothing is lost."""
    trained = make(name)
    text = TEXT[:500] + UNSEEN
    scored = score(trained, text)
    ends = scored.bits[scored.ids == trained.tokenizer.end].sum()
    if np.isfinite(scored.bits).all():
        total = line_bits(trained, lines_of(text)).sum() + ends
        assert total == pytest.approx(evaluate(trained, text).total_bits, abs=1e-2)


def test_a_model_that_saw_no_line_end_starts_from_nothing() -> None:
    trained = fitted("abab", TextPolicy(), 2)
    for line in ("ab", "b"):
        assert line_bits(trained, [line])[0] == pytest.approx(evaluate(trained, line).total_bits)


@pytest.mark.parametrize("unit", list(units.UNITS))
def test_every_unit_pays_for_the_same_lines(unit: str) -> None:
    trained = fitted(TEXT, TextPolicy(unit=unit), 2)
    lines = ["naïve 中文", "he\u0301 says", ""]
    encoded = [Document("t", line.encode()).text(trained.tokenizer.unit) for line in lines]
    expected = [evaluate(trained, "\n" + line).total_bits for line in encoded]
    first = score(trained, "\n").bits[0]
    np.testing.assert_allclose(line_bits(trained, encoded), np.array(expected) - first, atol=1e-6)


@pytest.mark.parametrize(
    ("bits", "best", "margin"),
    [
        ([3, 5, 9], 0, 2),
        ([9, 5, 3.5], 2, 1.5),
        ([4, 4, 9], NOBODY, 0),
        ([9, 4, 4], NOBODY, 0),
        ([math.inf, math.inf, 7], 2, math.inf),
        ([math.inf, math.inf, math.inf], NOBODY, 0),
    ],
)
def test_the_margin_is_to_the_next_best(bits: list[float], best: int, margin: float) -> None:
    found = decide(np.array(bits)[:, None], np.array([1]))
    assert (found.best[0], found.margin[0]) == (best, margin)


def test_lines_won_and_the_whole() -> None:
    found = decide(np.array([[1.0, 5, 2, 0], [3.0, 4, 9, 0]]), np.array([2, 2, 2, 0]))
    assert found.best.tolist() == [0, 1, 0, NOBODY]
    assert found.lines_won == [2, 1]
    whole = found.whole
    assert (whole.best.tolist(), whole.margin.tolist(), whole.bytes.tolist()) == ([0], [8], [6])


def test_a_summary_shares_out_the_decided_lines() -> None:
    bits = np.array([[1.0, 2.0, 3.0], [2.0, 2.0, math.inf]])
    summary = summarize(["first", "second"], decide(bits, np.array([1, 2, 3])))
    assert (summary.lines, summary.bytes, summary.undecided) == (3, 6, 1)
    assert [(one.lines, one.share) for one in summary.models] == [(2, 1.0), (0, 0.0)]
    assert [one.bits_per_byte for one in summary.models] == [1.0, None]
    assert (summary.best, summary.margin_bits) == ("first", None)
    assert json.loads(json.dumps(summary.to_json()))["models"][0]["model"] == "first"


def test_a_summary_of_no_lines_has_no_shares_and_no_best() -> None:
    summary = summarize(["first", "second"], decide(np.zeros((2, 0)), np.zeros(0, np.int64)))
    assert [(one.share, one.bits_per_byte) for one in summary.models] == [(None, None)] * 2
    assert (summary.best, summary.margin_bits) == (None, 0.0)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n", [""]),
        ("a", ["a"]),
        ("a\nb", ["a", "b"]),
        ("a\n\nb\n", ["a", "", "b"]),
        ("a\r\n\r\nb\rc\r\r\n", ["a", "", "b\rc\r"]),
        ("a\r", ["a\r"]),
    ],
)
def test_lines_end_at_line_ends(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


def test_pieces_and_long_lines_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [make("witten-bell-4-file"), make("hidden-gru-tanh-line")]
    text = TEXT[:900] + UNSEEN
    whole = identify(models, [text] * 2)
    reports: list[Progress] = []
    monkeypatch.setattr(identification, "CHARS_PER_REPORT", 100)
    monkeypatch.setattr(many, "LONG", 20)
    found = identify(models, [text] * 2, reports.append)
    np.testing.assert_allclose(found.bits, whole.bits, atol=1e-3)
    assert len(reports) > 10
    lines = 2 * text.count("\n")
    assert (reports[-1].done, reports[-1].total) == (lines, lines)


def test_authors_are_told_apart() -> None:
    """Nine of ten lines of prose and verse that neither model has seen."""
    corpora = [(CORPORA / f"{name}.txt").read_text() for name in ("austen", "shakespeare")]
    models = [fitted(text[:300_000], TextPolicy(sequence="line"), 4) for text in corpora]
    for author, text in enumerate(corpora):
        found = identify(models, [text[400_000:440_000]] * 2)
        decided = found.best[found.best != NOBODY]
        assert (decided == author).mean() > 0.9
        assert found.whole.best[0] == author


@pytest.mark.parametrize(
    ("policies", "text", "message"),
    [
        ([TextPolicy()], "a", "at least two models"),
        ([TextPolicy(), TextPolicy(lowercase=True)], "a", r"\(lowercase and nothing\)"),
        ([TextPolicy(), TextPolicy(unit="byte")], "\ufeffa", "a byte order mark"),
    ],
)
def test_models_that_read_other_texts_are_refused(
    policies: list[TextPolicy], text: str, message: str
) -> None:
    models = [fitted("abc\n", policy) for policy in policies]
    document = Document("t", text.encode())
    with pytest.raises(UsageError, match=message):
        identify(models, [document.text(model.tokenizer.unit) for model in models])


def test_models_that_change_the_text_alike_are_compared() -> None:
    models = [fitted(text, TextPolicy(lowercase=True)) for text in ("abab\n", "cdcd\n")]
    assert identify(models, ["ABAB\nDC\n"] * 2).best.tolist() == [0, 1]
