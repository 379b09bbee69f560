"""`charlm perplexity` as a judge: what it shows of several models."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from charlm.cli.perplexity.report import difference
from charlm.evaluation.comparison import Difference
from charlm.evaluation.pairing import Paired, Shares
from charlm.evaluation.reading import Reading
from charlm.evaluation.uncertainty import Interval
from tests.cli.conftest import Charlm, Maker

ESCAPE = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def models(charlm: Charlm, made: Maker) -> Charlm:
    made(("train", "book.txt", "--order", "3", "-o", "a.charlm"))
    made(("train", "book.txt", "--order", "1", "-o", "b.charlm"))
    made(("train", "book.txt", "--order", "1", "--unit", "word", "-o", "w.charlm"))
    made(("train", "book.txt", "--order", "3", "--lowercase", "-o", "l.charlm"))
    return charlm


def compared(
    bits: float | None,
    ends: tuple[float | None, float | None] | None = (None, None),
    **more: Any,
) -> Difference:
    """A and B, whose difference in bits has an interval with these ends."""
    paired = None
    if ends is not None:
        interval = Interval(*ends, block=1, blocks=7 if None in ends else 32)
        paired = Paired(interval, chars=Shares(0.6, 0.3), lines=Shares(0.81, 0.19))
    figures = {"total_bits": bits, "bits_per_char": bits, "bits_per_byte": bits}
    readings = {"reading": Reading.FROZEN, "against_reading": Reading.FROZEN}
    return Difference("A", "B", **{**figures, **readings, "paired": paired, "reason": None, **more})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            compared(-0.031, (-0.038, -0.024)),
            "A is better than B by 0.031 bits/char "
            "(95 % for these two trained models if the text went on like this: 0.024 to 0.038).\n"
            "  Fewer bits on 60 % of characters (more on 30 %) and 81 % of lines (more on 19 %).",
        ),
        (
            compared(0.031, (0.024, 0.038)),
            "B is better than A by 0.031 bits/char "
            "(95 % for these two trained models if the text went on like this: 0.024 to 0.038).\n"
            "  Fewer bits on 30 % of characters (more on 60 %) and 19 % of lines (more on 81 %).",
        ),
        (
            compared(-0.00004, (-0.002, 0.001)),
            "A is better than B by 4.0e-05 bits/char "
            "(95 % for these two trained models if the text went on like this: -0.001 to 0.002). "
            "The interval includes zero: "
            "this text does not tell which of these models is better.\n",
        ),
        (
            compared(-0.5),
            "by 0.500 bits/char (no interval: too short: 7 blocks of 1 chars, "
            "where an interval needs 8).\n",
        ),
        (compared(-0.5, None), "A is better than B by 0.500 bits/char."),
        (compared(0.0, (0, 0)), "A and B need the same bits."),
        (compared(None, None, reason="not comparable"), "A and B: not comparable."),
        (compared(None, (-1, 0), bits_per_byte=-0.5), "A is better than B by 0.500 bits/byte ("),
        (
            compared(-0.5, (-1, 0), reading=Reading.ADAPTIVE, against_reading=Reading.FREE_RUNNING),
            "A (adaptive) is better than B (free-running) by ",
        ),
    ],
)
def test_differences_in_words(given: Difference, said: str) -> None:
    assert said in difference(given)


def test_the_json_has_one_difference_a_pair(models: Charlm) -> None:
    arguments = ("perplexity", "a.charlm", "other.txt", "--against", "b.charlm")
    figures = json.loads(models(*arguments, "--against", "w.charlm", "--json").out)
    assert figures["schema"] == 1
    pairs = [(d["model"], d["against"]) for d in figures["differences"]]
    assert pairs == [("a.charlm", "b.charlm"), ("a.charlm", "w.charlm")]
    assert set(figures["differences"][0]) == {
        "model", "against", "reading", "against_reading", "total_bits", "bits_per_char",
        "bits_per_byte", "interval", "chars_won", "chars_lost", "lines_won", "lines_lost",
    }  # fmt: skip
    assert set(figures["differences"][0]["interval"]) == {
        "level", "low", "high", "unit", "blocks", "block_length",
    }  # fmt: skip
    assert [total["unit"] for total in figures["totals"]] == ["char", "char", "word"]


def test_a_text_too_short_for_an_interval_is_called_short(models: Charlm) -> None:
    Path("short.txt").write_text("Too few")
    out = models("perplexity", "a.charlm", "short.txt", "--against", "b.charlm").out
    assert "bits/char (no interval: too short: 7 blocks of 1 chars" in out


def table_rows(models: Charlm, *arguments: str) -> dict[str, str]:
    """Rows of the table by the model's name, with the codes of a terminal."""
    lines = models("perplexity", *arguments, "--color", "always").out.splitlines()
    plain = {ESCAPE.sub("", line): line for line in lines}
    indented = {line: shown for line, shown in plain.items() if line.startswith("  ")}
    return {line.split("  ")[1]: shown for line, shown in indented.items() if ".charlm" in line}


def test_the_best_model_is_in_bold(models: Charlm) -> None:
    rows = table_rows(models, "b.charlm", "other.txt", "--against", "a.charlm")
    assert list(rows) == ["a.charlm", "b.charlm"]  # best last
    counts = [line.count("\x1b[1m") for line in rows.values()]
    assert counts == [0, 4]  # its name and three figures
    assert "\x1b[1m" not in table_rows(models, "a.charlm", "other.txt")["a.charlm"]


def test_perplexities_of_different_units_are_not_ranked(models: Charlm) -> None:
    arguments = ("a.charlm", "other.txt", "--against", "w.charlm")
    said = "Perplexities of different units (char, word) are not ranked; compare bits/byte."
    assert said in models("perplexity", *arguments).out
    rows = table_rows(models, *arguments)
    assert sum(line.count("\x1b[1m") for line in rows.values()) == 3  # without the perplexity
    assert "not ranked" not in models("perplexity", "a.charlm", "other.txt").out


def test_other_readings_and_changed_texts_stand_apart(models: Charlm) -> None:
    arguments = ("l.charlm", "other.txt", "--against", "b.charlm", "--against", "a.charlm")
    rows = table_rows(models, *arguments)
    assert list(rows) == ["a.charlm", "b.charlm", "l.charlm (lowercase)"]
    assert ["\x1b[1m" in line for line in rows.values()] == [False, True, False]


def test_each_reading_of_a_changed_text_has_a_table_of_its_own(
    models: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    arguments = ("--pattern", "output", "--steps", "5", "--hidden", "8", "--valid-fraction", "0")
    models("train", "rnn", "book.txt", "--lowercase", "-o", "o.charlm", *arguments)
    out = models("perplexity", "o.charlm", "other.txt", "--adaptive", "--free-running").out
    adaptive, free = (out.index(f"o.charlm ({how}, low") for how in ("adaptive", "free-running"))
    between = out[min(adaptive, free) : max(adaptive, free)].splitlines()
    assert between[1:-1]
    assert not "".join(between[1:-1]).strip()  # a section of its own


def test_texts_of_other_bytes_stand_apart(models: Charlm) -> None:
    models("train", "book.txt", "--order", "3", "--unit", "byte", "-o", "bytes.charlm")
    Path("marked.txt").write_bytes(b"\xef\xbb\xbf" + Path("other.txt").read_bytes())
    rows = table_rows(models, "b.charlm", "marked.txt", "--against", "bytes.charlm")
    assert list(rows) == ["b.charlm", "bytes.charlm (3,003 bytes)"]
    assert "\x1b[1m" not in "".join(rows.values())


@pytest.mark.parametrize(
    ("text", "bold"),
    [("aaaa", [False, True]), ("ab", [False, False])],
    ids=["certain", "impossible for both"],
)
def test_the_best_may_cost_nothing_but_not_infinitely_much(
    text: str, bold: list[bool], charlm: Charlm
) -> None:
    Path("as.txt").write_text("a" * 50)
    Path("cs.txt").write_text("c" * 50)
    for name in ("as", "cs"):
        charlm("train", f"{name}.txt", "--order", "0", "--smoothing", "mle", "-o", f"{name}.charlm")
    Path("text.txt").write_text(text)
    rows = table_rows(charlm, "cs.charlm", "text.txt", "--against", "as.charlm")
    assert ["\x1b[1m" in line for line in rows.values()] == bold


def test_conventions_of_other_tools(models: Charlm) -> None:
    arguments = ("perplexity", "a.charlm", "other.txt", "--conventions")
    out = models(*arguments).out
    (total,) = json.loads(models(*arguments, "--json").out)["totals"]
    given = total["conventions"]
    assert f"{given['nats_per_symbol']:.3f}" in out
    assert f"{given['log10_total']:,.2f}" in out
    assert given["perplexity_with_unknowns"] < total["perplexity"]
    assert given["perplexity_without_unknowns"] == total["perplexity_known"]
    for heading in ("torch: nats", "KenLM: log10", "perplexity", "without OOVs"):
        assert heading in out


def test_impossible_events_have_no_conventions(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--smoothing", "mle", "-o", "m.charlm")
    result = charlm("perplexity", "m.charlm", "other.txt", "--conventions")
    assert (result.code, "torch: nats" in result.out) == (0, True)


def test_only_short_texts_are_compressed_unless_it_is_wanted(models: Charlm) -> None:
    """Where a person looks; a program is told what it asks for."""
    long = "once upon a time\n" * 70_000
    Path("long.txt").write_text(long)
    for text, options, compressed in (
        ("book.txt", (), True), ("long.txt", (), False), ("long.txt", ("--ladder",), True)
    ):  # fmt: skip
        shown = models("perplexity", "b.charlm", text, *options).out
        assert ("gzip" in shown, "xz" in shown) == (compressed, compressed)
        assert "unigram" in shown
    for text, options, compressed in (
        ("book.txt", (), False), ("book.txt", ("--ladder",), True), ("long.txt", (), False)
    ):  # fmt: skip
        (rungs,) = json.loads(models("perplexity", "b.charlm", text, "--json", *options).out)[
            "ladders"
        ]
        assert set(rungs) == {"uniform", "unigram"} | ({"gzip", "xz"} if compressed else set())


def test_models_before_the_texts_are_compared_with(models: Charlm) -> None:
    """However they are given, the output is the same."""
    named = models("perplexity", "a.charlm", "other.txt", "--against", "b.charlm",
                   "--against", "w.charlm")  # fmt: skip
    found = models("perplexity", "a.charlm", "b.charlm", "w.charlm", "other.txt")
    assert found.code == 0
    assert found.out == named.out
    mixed = models("perplexity", "a.charlm", "b.charlm", "other.txt", "--against", "w.charlm")
    assert mixed.out == named.out
