import gzip
import lzma
import math
from typing import Any

import numpy as np
import pytest

from charlm.evaluation import bits
from charlm.evaluation.bits import Evaluation, evaluate, total
from charlm.evaluation.comparison import compare, subtract
from charlm.evaluation.judging import Judged
from charlm.evaluation.ladder import ladder
from charlm.evaluation.reading import Reading
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.progress import Progress
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import prepare
from charlm.text.units import UNITS
from charlm.trained import Record, TrainedModel
from tests.support.models import MODELS, TEXT, UNSEEN, each, make


def fitted(text: str, policy: TextPolicy, order: int = 1, smoothing: str = "add-k") -> TrainedModel:
    data = prepare([Document("train", text.encode())], policy)
    sequences = Sequences.of(data)
    model = estimation.fit(sequences, NgramConfig(order, smoothing))
    return TrainedModel(model, data.tokenizer, Record.of(data))


def judge(trained: TrainedModel, text: str | bytes) -> Evaluation:
    document = Document("text", text if isinstance(text, bytes) else text.encode())
    return evaluate(trained, document.text(trained.tokenizer.unit))


def figures(result: Evaluation) -> dict[str, Any]:
    """What the JSON says of a text."""
    comparison = compare([Judged("m", "ngram", "s", [result])], ["t"])
    return dict(comparison.to_json()["results"][0])


def test_bits_by_hand() -> None:
    """Order 0, add-1 on "aab": (2+1, 1+1, 0+1) of 6 for a, b, unknown; one known of 2 in R."""
    trained = fitted("aab", TextPolicy(), order=0)
    result = judge(trained, "abé")
    spelling = math.log2(1112064 - 2)
    expected = -math.log2(3 / 6) - math.log2(2 / 6) - math.log2(1 / 6) + spelling
    assert result.total_bits == pytest.approx(expected)
    assert (result.symbols, result.chars, result.bytes, result.unknown_symbols) == (3, 3, 4, 1)
    assert result.bits_per_char == pytest.approx(expected / 3)
    assert result.bits_per_byte == pytest.approx(expected / 4)
    assert (result.unit, result.bits_per_unit) == ("char", result.bits_per_char)
    assert result.nats_per_char == pytest.approx(expected / 3 * math.log(2))
    assert result.perplexity == pytest.approx(2 ** (expected / 3))
    assert result.perplexity_known == pytest.approx((2 * 3) ** (1 / 2))


def test_line_ends_count_where_they_are_predicted() -> None:
    """One END for each line, also for a last line that is not closed; chars stay the text's."""
    trained = fitted("ab\nb\n", TextPolicy(sequence="line"), order=0)
    assert judge(trained, "a\nb\n").symbols == 4
    open_line = judge(trained, "a\nb")
    assert (open_line.symbols, open_line.chars) == (4, 3)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sequence", ["file", "line"])
def test_every_unit_pays_for_the_whole_text(unit: str, sequence: str) -> None:
    """Code points and bytes are the text's own, and unknown symbols cost their spelling."""
    trained = fitted(TEXT, TextPolicy(unit=unit, sequence=sequence), order=3)
    text = "Strange words:\n naïve 中文\n"
    result = judge(trained, text)
    assert (result.unknown_symbols > 0) == (unit != "byte")
    assert (result.chars, result.bytes) == (len(text), len(text.encode()))
    tokenizer = trained.tokenizer
    cut = Document("text", text.encode()).text(tokenizer.unit)
    spelling = tokenizer.spelling_bits(cut, tokenizer.encode(cut)).sum()
    assert result.total_bits >= result.known_bits + spelling >= result.known_bits
    assert (result.perplexity or 0) >= 1


@each(MODELS)
def test_every_model_is_judged(name: str) -> None:
    trained = make(name)
    unknown = trained.tokenizer.unknown_symbols(TEXT)
    result = judge(trained, "".join(c for c in TEXT if c not in unknown)[:500])
    assert result.unknown_symbols == 0
    assert result.total_bits == pytest.approx(result.known_bits)
    assert result.perplexity == pytest.approx(result.perplexity_known)
    assert result.total_bits > 0


def test_long_texts_are_scored_in_pieces_with_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bits, "SYMBOLS_PER_REPORT", 131072)
    trained = make("witten-bell-1-file")
    reports: list[Progress] = []
    result = evaluate(trained, TEXT * 40, reports.append)
    assert [r.done for r in reports] == [131072, 160000]
    whole, _ = trained.model.score(trained.tokenizer.encode(TEXT * 40))
    assert result.total_bits == pytest.approx(-whole.sum() / math.log(2))


def test_impossible_events_are_named() -> None:
    trained = fitted("abab", TextPolicy(), smoothing="mle")
    result = judge(trained, "abXa")
    assert result.total_bits == math.inf
    assert result.impossible == (2, "X")
    row = figures(result)
    assert row["bits_per_char"] is None
    assert row["reason"] == (
        "symbol 3, 'X', has probability 0 after what stands before it; "
        "train with a smoother other than mle"
    )


def test_empty_text_has_no_figures_but_a_reason() -> None:
    result = judge(make("witten-bell-1-file"), "")
    row = figures(result)
    assert row["total_bits"] == 0
    assert row["bits_per_char"] is row["perplexity"] is None
    assert row["reason"] == "the text is empty"


def test_raw_bytes_have_no_characters() -> None:
    trained = fitted("abc", TextPolicy(unit="byte"))
    result = judge(trained, b"\xff\xfe")
    assert (result.chars, result.bytes, result.bits_per_char) == (None, 2, None)
    assert (result.unit, result.bits_per_unit) == ("byte", result.bits_per_byte)
    row = figures(result)
    assert row["reason"] == "the text is not UTF-8, so it has no characters to count"
    assert row["bits_per_byte"] > 0
    assert judge(trained, "é").chars == 1
    assert total([result, judge(trained, "é")]).chars is None


def test_all_unknown_has_no_known_perplexity() -> None:
    result = judge(fitted("abc", TextPolicy()), "中文")
    row = figures(result)
    assert row["perplexity_known"] is None
    assert row["reason"] == "every symbol is unknown to the model"


def test_perplexity_beyond_floats_has_a_reason() -> None:
    result = judge(fitted("a b", TextPolicy(unit="word"), 0), "x" * 2000)
    assert result.perplexity == math.inf
    row = figures(result)
    assert row["perplexity"] is None
    assert row["reason"] == "every symbol is unknown to the model"
    result = judge(fitted("a b", TextPolicy(unit="word"), 0), "a" + " " + "x" * 2000)
    row = figures(result)
    assert row["reason"] == "the perplexity is too large a number"


def test_line_ends_are_no_possible_unknowns() -> None:
    """In lines, END stands for the line end: one scalar value fewer can be meant."""
    trained = fitted("ab\n", TextPolicy(sequence="line"), order=0)
    bits = trained.tokenizer.spelling_bits("x", trained.tokenizer.encode("x"))
    assert bits.tolist() == [math.log2(1112064 - 3), 0]


def test_changed_texts_are_never_compared() -> None:
    plain, lowercase = fitted("abc", TextPolicy()), fitted("abc", TextPolicy(lowercase=True))
    judged = [
        Judged(name, "ngram", m.signature(), [judge(m, "abcABC")], m.changes())
        for name, m in (("plain", plain), ("lowercase", lowercase))
    ]
    row = subtract(*judged)
    assert row.bits_per_char is row.bits_per_byte is row.total_bits is None
    assert row.reason == "not comparable: the text was changed (lowercase)"
    assert plain.changes("replace") == "errors=replace"
    assert "|not-comparable:errors=replace|" in plain.signature("replace")


def test_models_that_read_other_bytes_are_not_compared() -> None:
    char, byte = (fitted("abc", TextPolicy(unit=unit)) for unit in ("char", "byte"))
    text = b"\xef\xbb\xbfabc"  # the mark is a part of the bytes, not of the text
    judged = [Judged("m", "ngram", "s", [judge(m, text)]) for m in (char, byte)]
    row = subtract(*judged)
    assert row.bits_per_byte is None
    assert str(row.reason).startswith("not comparable: one model reads bytes")


def test_byte_and_char_models_are_comparable() -> None:
    """Both are distributions over the same texts, so their order-0 bits lie close together."""
    text = TEXT[:3000]
    char, byte = (judge(fitted(text, TextPolicy(unit=u), 0), text) for u in ("char", "byte"))
    assert char.bits_per_byte == pytest.approx(byte.bits_per_byte, rel=0.05)


def test_adaptive_and_frozen_are_never_compared() -> None:
    trained = make("witten-bell-4-file")
    frozen = judge(trained, UNSEEN * 5)
    adaptive = evaluate(trained, UNSEEN * 5, reader=trained.model.adaptive_reader())
    assert adaptive.total_bits < frozen.total_bits
    judged = [
        Judged("a", "ngram", "s", [adaptive], reading=Reading.ADAPTIVE),
        Judged("f", "ngram", "s", [frozen]),
    ]
    comparison = compare(judged, ["t"])
    assert [row["adaptive"] for row in comparison.to_json()["totals"]] == [True, False]
    (row,) = comparison.differences
    assert row.bits_per_char is row.bits_per_byte is row.total_bits is None
    assert str(row.reason).startswith("not comparable: one learns")
    reader = trained.model.adaptive_reader()
    assert "|smoothing:witten-bell|adaptive:counts(12)|" in trained.signature(reader=reader)


def test_compare_gives_totals_and_differences() -> None:
    texts = ["one text", "and a second"]
    judged = []
    for name in ("witten-bell-4-file", "witten-bell-1-file"):
        trained = make(name)
        results = [judge(trained, text) for text in texts]
        judged.append(Judged(name, "ngram", trained.signature(), results))
    figures = compare(judged, texts).to_json()
    assert figures["schema"] == 1
    assert [(r["model"], r["text"]) for r in figures["results"]] == [
        (j.model, text) for j in judged for text in texts
    ]
    keys = {
        "model", "kind", "unit", "adaptive", "free_running", "text", "symbols", "chars", "bytes",
        "unknown_symbols", "total_bits", "nats_per_char", "bits_per_symbol", "bits_per_char",
        "bits_per_byte", "perplexity", "perplexity_known", "signature", "seconds",
    }  # fmt: skip
    assert all(set(row) == keys for row in figures["results"])
    totals = figures["totals"]
    for row, j in zip(totals, judged, strict=True):
        assert row["total_bits"] == pytest.approx(sum(e.total_bits for e in j.evaluations))
        assert row["chars"] == sum(map(len, texts))
    (difference,) = figures["differences"]
    assert difference["model"] == "witten-bell-4-file"
    assert difference["bits_per_char"] == pytest.approx(
        totals[0]["bits_per_char"] - totals[1]["bits_per_char"]
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (TextPolicy(), "unit:char|unknown:spelt|sequence:file|"),
        (TextPolicy(unit="byte"), "unit:byte|unknown:none|sequence:file|"),
        (TextPolicy(sequence="line", min_count=2), "sequence:line|min-count:2|"),
        (TextPolicy(newlines="lf"), "sequence:file|newlines:lf|"),
        (TextPolicy(normalize="NFC", lowercase=True), "|not-comparable:NFC+lowercase|"),
    ],
)
def test_signature_names_what_decides(policy: TextPolicy, expected: str) -> None:
    trained = fitted("abc\nabc\n", policy)
    assert trained.signature().startswith("kind:ngram|order:1|smoothing:add-k|k:1|")
    assert expected in trained.signature()


def test_ladder_by_hand() -> None:
    found = ladder("aaab" * 200)
    rungs = found.rungs
    assert (found.chars, found.bytes, found.bytes_per_char) == (800, 800, 1)
    assert rungs["uniform"] == 1.0
    assert rungs["unigram"] == pytest.approx(-0.75 * math.log2(0.75) - 0.25 * math.log2(0.25))
    data = ("aaab" * 200).encode()
    assert rungs["gzip"] == 8 * len(gzip.compress(data, 9)) / 800
    assert rungs["xz"] == 8 * len(lzma.compress(data, preset=9)) / 800
    assert ladder("").rungs == {}
    long = "ab" * (1 << 19) + "c"
    assert set(ladder(long).rungs) == {"uniform", "unigram"}
    assert set(ladder(long, len(long)).rungs) == set(rungs)
    assert np.isfinite(list(ladder("中").rungs.values())).all()
